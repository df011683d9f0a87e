//! `InvalidDefinitionDescription`.

use super::finding::Report;
use super::remark::Remark;
use super::rule::Rule;
use super::scope;
use crate::dockerfile::{Instruction, Kind, Stage};

/// Checks the comment above an `ARG`, or the `FROM` of a stage that has a name.
pub(super) fn check(
    instruction: &Instruction,
    stage: Option<&Stage>,
    remark: &Remark<'_>,
    report: &mut Report,
) {
    let names: Vec<String> = match (&instruction.kind, stage) {
        (Kind::Arg(pairs), _) => pairs.iter().map(|pair| pair.name.text.clone()).collect(),
        (_, Some(stage)) => scope::name(stage).into_iter().collect(),
        _ => Vec::new(),
    };
    let Some(comment) = remark.adjacent else {
        return;
    };
    let first = comment.split(' ').next().unwrap_or_default();
    let Some(example) = names
        .first()
        .filter(|_| names.iter().all(|name| name != first))
    else {
        return;
    };
    report.add(
        Rule::InvalidDefinitionDescription,
        instruction.keyword.span.clone(),
        format!(
            "the comment above does not begin with \"{}\"",
            names.join("\" or \"")
        ),
        format!("write # {example} and what it is, or put an empty line between"),
    );
}
