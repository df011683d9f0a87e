//! The mistakes found so far.

use std::ops::Range;

use crate::diagnostic::Diagnostic;

/// Mistakes in one Dockerfile.
#[derive(Debug, Default)]
pub(super) struct Mistakes(Vec<Diagnostic>);

impl Mistakes {
    /// What stands at `span` is wrong.
    pub fn add(&mut self, span: Range<usize>, message: impl Into<String>) -> &mut Diagnostic {
        self.0.push(Diagnostic {
            message: message.into(),
            span,
            label: String::new(),
            help: None,
        });
        let last = self.0.len() - 1;
        &mut self.0[last]
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// All of them, in the order of the text.
    pub fn finish(mut self) -> Vec<Diagnostic> {
        self.0
            .sort_by_key(|mistake| (mistake.span.start, mistake.span.end));
        self.0
    }
}

/// `word` as a message quotes it: not longer than a line.
pub(super) fn short(word: &str) -> String {
    const LONGEST: usize = 60;
    match word.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}...", &word[..end]),
        None => word.to_owned(),
    }
}
