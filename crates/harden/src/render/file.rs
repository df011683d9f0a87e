//! What a rendering gives.

/// What was made from a project.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rendered {
    /// The files in the order in which they are read or applied; paths are unique.
    pub files: Vec<File>,
    /// What whoever uses them has to know.
    pub notes: Vec<Note>,
}

/// A file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its path relative to the folder that is written to, with `/`.
    pub path: String,
    /// What it says, with a newline at its end.
    pub text: String,
}

/// Something that the files cannot say for themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// One sentence, lower case, no final period.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl Note {
    /// A note with what to do about it.
    pub fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: Some(help.into()),
        }
    }
}
