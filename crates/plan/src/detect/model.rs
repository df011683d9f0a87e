//! What detection takes and gives.

use std::collections::BTreeMap;

use serde::Serialize;

/// A folder as detection sees it.
#[derive(Clone, Copy, Debug)]
pub struct Sources<'a> {
    /// The folder's own name.
    pub name: &'a str,
    /// Its files, relative, sorted; without version control, environments and caches.
    pub paths: &'a [String],
    /// Texts of those that [`wants`](super::wants) names.
    pub texts: &'a BTreeMap<String, String>,
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
    /// What it says.
    pub what: String,
    /// What to do about it.
    pub help: String,
}
