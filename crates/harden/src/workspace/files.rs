//! The files of a workspace.

use std::cell::OnceCell;
use std::collections::BTreeSet;

use super::document::Document;
use crate::settings::Settings;

/// A file as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Its path relative to where the checking began, with `/`.
    pub path: String,
    /// What it says.
    pub text: String,
    /// Whether it may be executed; `None` where that is not known.
    pub executable: Option<bool>,
    /// Where it is not text, so that nothing else of it is looked at.
    pub not_text: Option<usize>,
    /// Whether somebody named it: then it is a Compose file by what it says, whatever it is called.
    pub named: bool,
}

/// All files that are checked together.
#[derive(Clone, Debug)]
pub struct Workspace {
    /// The files, by path.
    pub documents: Vec<Document>,
    /// Paths of files that are there, also of those that are not read.
    pub paths: BTreeSet<String>,
    /// What is looked for.
    pub settings: Settings,
    /// What rules find out once.
    pub(crate) known: Known,
}

/// What is found out once for all files, when the first rule asks.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known {
    /// Names of files that an image or a service is started by.
    pub started: OnceCell<BTreeSet<String>>,
    /// Images, without tags, that workloads run and that are not everybody's.
    pub images: OnceCell<BTreeSet<String>>,
}
