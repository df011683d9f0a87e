//! How to apply, and what it did.

use serde_json::Value;

use crate::manifest::Id;

/// How to apply.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Manner {
    /// Only ask what would be: admission and validation take part, nothing is kept.
    pub dry_run: bool,
    /// What to take over.
    pub force: Force,
}

impl Manner {
    /// In earnest.
    pub fn of(force: Force) -> Self {
        Self {
            dry_run: false,
            force,
        }
    }
}

/// What is taken over from others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Force {
    /// Nothing.
    #[default]
    Nothing,
    /// Fields that somebody else has set.
    Fields,
    /// These, and objects of other projects.
    Objects,
}

impl Force {
    /// What `--force` means, and what its absence.
    pub fn of_word(force: bool) -> Self {
        if force { Self::Objects } else { Self::Nothing }
    }
}

/// What applying did to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// It was not there.
    Created,
    /// It was another.
    Changed,
    /// It was as it is.
    Unchanged,
}

/// An object that was applied.
#[derive(Clone, Debug)]
pub struct Applied {
    /// Which.
    pub id: Id,
    /// What it was like, without what servers keep for themselves; none if it was not there.
    pub before: Option<Value>,
    /// What it is like now, or would be.
    pub after: Value,
}

impl Applied {
    /// What applying did.
    pub fn change(&self) -> Change {
        match &self.before {
            None => Change::Created,
            Some(before) if *before == self.after => Change::Unchanged,
            Some(_) => Change::Changed,
        }
    }
}
