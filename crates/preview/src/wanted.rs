//! What forges say: which branches and pull requests are open, and which are positively not.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::revision::{Repository, Subject};

/// What is known of the forges; a repository that is not in it could not be asked.
pub type Wanted = BTreeMap<Repository, Listing>;

/// What a forge says of a repository. Silence is no word: what is in neither set may be there or not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// What is open.
    pub open: BTreeMap<Subject, Head>,
    /// What was asked for by itself, or reported, and is closed, merged or deleted.
    pub closed: BTreeSet<Subject>,
}

/// The newest commit of a subject.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Head {
    /// The commit.
    pub commit: String,
    /// Whether it may be run without asking: not from the fork of somebody who may not write.
    pub is_trusted: bool,
    /// Whether it is a draft.
    pub is_draft: bool,
    /// The branch of the same repository that a pull request brings; none: it is no pull request, or from a fork.
    pub source: Option<String>,
}
