//! What is wrong, and where.

use std::fmt;

/// A broken invariant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// Path relative to the workspace, with `/`.
    pub path: String,
    /// Line from 1, where there is one.
    pub line: Option<usize>,
    /// Name of the rule: its file's.
    pub rule: &'static str,
    /// What was found against what was expected.
    pub message: String,
}

impl Finding {
    /// Something about a whole file.
    pub fn file(rule: &'static str, path: &str, message: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            line: None,
            rule,
            message: message.into(),
        }
    }

    /// Something about one line, counted from 1.
    pub fn line(rule: &'static str, path: &str, line: usize, message: impl Into<String>) -> Self {
        Self {
            line: Some(line),
            ..Self::file(rule, path, message)
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {} [{}]", self.path, self.message, self.rule),
            None => write!(f, "{}: {} [{}]", self.path, self.message, self.rule),
        }
    }
}
