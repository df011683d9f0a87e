//! What detection takes and gives.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Composed;

/// A folder as detection sees it.
#[derive(Clone, Copy, Debug)]
pub struct Sources<'a> {
    /// The folder's own name.
    pub name: &'a str,
    /// Its files, relative, sorted; without version control, environments and caches.
    pub paths: &'a [String],
    /// Texts of those that [`wants`](super::wants) names.
    pub texts: &'a BTreeMap<String, String>,
    /// The file that says what runs, where somebody chose one; the others then say nothing.
    pub from: Option<Origin<'a>>,
}

/// What says which processes there are.
#[derive(Clone, Copy, Debug)]
pub enum Origin<'a> {
    /// A Compose file.
    Compose(&'a Composed),
    /// The Dockerfile of this path.
    Dockerfile(&'a str),
    /// The Procfile of this path.
    Procfile(&'a str),
    /// `.s2i/` and `app.sh`.
    S2i,
}

/// A first boatyard.toml.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Draft {
    /// Its text.
    pub text: String,
    /// What is in it, and which file shows it.
    pub found: Vec<Found>,
    /// What is not in it although a file asks for it.
    pub left: Vec<Left>,
}

/// Something that a file shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Found {
    /// What, as `role web: gunicorn shop.wsgi`.
    pub what: String,
    /// The file.
    pub file: String,
}

/// Something that is not carried over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Left {
    /// The file.
    pub file: String,
    /// Its line, from 1, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// Its column, from 1, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<usize>,
    /// What it says.
    pub what: String,
    /// What to do about it.
    pub help: String,
}

impl Left {
    /// Where it stands: `FILE`, `FILE:LINE` or `FILE:LINE:COLUMN`.
    pub fn place(&self) -> String {
        let numbers = [self.line, self.column].into_iter().flatten();
        numbers.fold(self.file.clone(), |place, number| {
            format!("{place}:{number}")
        })
    }
}
