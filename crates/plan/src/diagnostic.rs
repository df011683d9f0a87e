//! What is wrong in a file of the user's, and where.

use std::ops::Range;

/// One mistake in a text. Rendered by the command with the text underlined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// What is wrong: what was found, what was expected. Lower case, no final period.
    pub message: String,
    /// Bytes of the text that are wrong.
    pub span: Range<usize>,
    /// A few words at the place, or empty.
    pub label: String,
    /// What to do, e.g. `did you mean "requirements"?`.
    pub help: Option<String>,
}

impl Diagnostic {
    /// Sets the few words at the place.
    pub fn with_label(&mut self, label: impl Into<String>) -> &mut Self {
        self.label = label.into();
        self
    }

    /// Sets what to do.
    pub fn with_help(&mut self, help: impl Into<String>) -> &mut Self {
        self.help = Some(help.into());
        self
    }

    /// Sets what to do, if something is known.
    pub fn with_suggestion(&mut self, help: Option<String>) -> &mut Self {
        self.help = help;
        self
    }

    /// Line and column (both from 1, column in characters) where the diagnostic begins in `text`.
    pub fn position(&self, text: &str) -> (usize, usize) {
        let mut at = self.span.start.min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        let before = &text[..at];
        let line = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|&c| c != '\n').count() + 1;
        (line, column)
    }
}
