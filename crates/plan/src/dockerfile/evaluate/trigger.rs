//! `ONBUILD` of a base: what builds that start from it do first.

use super::state::State;
use crate::diagnostic::Diagnostic;
use crate::dockerfile::{Instruction, parse};

impl State {
    /// What the base wants done first: its `ONBUILD` instructions, which are steps before those of the stage, all of them. The
    /// places in them are those of a text that nobody sees.
    ///
    /// # Errors
    /// If one of them is no instruction; the place is that of the image in `FROM`.
    pub fn triggers(&self) -> Result<Vec<Instruction>, Vec<Diagnostic>> {
        let mut instructions = Vec::new();
        for text in &self.triggers {
            let read = parse(&format!("FROM scratch\n{text}\n"))
                .map_err(|mistakes| self.in_trigger(mistakes))?;
            instructions.extend(read.stages.into_iter().flat_map(|stage| stage.instructions));
        }
        if instructions.len() == self.triggers.len() {
            return Ok(instructions);
        }
        Err(vec![Diagnostic {
            message: "an ONBUILD of the base is not one instruction".to_owned(),
            span: self.from.clone(),
            label: String::new(),
            help: None,
        }])
    }

    /// Mistakes in a trigger, at the place of the image that it came from.
    pub(super) fn in_trigger(&self, mistakes: Vec<Diagnostic>) -> Vec<Diagnostic> {
        let moved = mistakes.into_iter().map(|mistake| Diagnostic {
            span: self.from.clone(),
            label: "in an ONBUILD of this base".to_owned(),
            ..mistake
        });
        moved.collect()
    }
}
