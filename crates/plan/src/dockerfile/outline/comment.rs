//! Descriptions: comments directly above what they describe, which begin with its name.

use std::collections::BTreeMap;

use crate::dockerfile::check::remark::Remark;
use crate::dockerfile::{Dockerfile, Instruction};

/// The comment above each instruction that has one, by where the instruction begins.
pub(super) struct Comments<'t>(BTreeMap<usize, &'t str>);

impl<'t> Comments<'t> {
    /// Finds them all.
    pub(super) fn of(dockerfile: &Dockerfile, text: &'t str) -> Self {
        let stages = dockerfile.stages.iter();
        let inside =
            stages.flat_map(|stage| std::iter::once(&stage.from).chain(&stage.instructions));
        let mut after = 0;
        let mut found = BTreeMap::new();
        for Instruction { span, .. } in dockerfile.arguments.iter().chain(inside) {
            let between = text.get(after..span.start).unwrap_or_default();
            // A line break belongs to neither.
            let remark = Remark::read(between);
            found.extend(remark.adjacent.map(|comment| (span.start, comment)));
            after = span.end;
        }
        Self(found)
    }

    /// What is said about `name` above `instruction`.
    pub(super) fn about(&self, name: &str, instruction: &Instruction) -> Option<String> {
        let comment = self.0.get(&instruction.span.start)?;
        let said = comment.strip_prefix(name)?.strip_prefix(' ')?.trim();
        (!said.is_empty()).then(|| said.to_owned())
    }
}
