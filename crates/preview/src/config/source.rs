//! Where a secret is.

use std::fmt;

/// Where a secret is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// In the environment variable of that name.
    Env(String),
    /// In the file of that path, without the newline at its end; a relative one is beside the configuration.
    File(String),
    /// In the configuration itself.
    Value(Concealed),
}

/// A text that is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Concealed(String);

impl Concealed {
    /// Conceals `text`.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text; whoever asks for it takes care that it is not printed.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Concealed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("(concealed)")
    }
}
