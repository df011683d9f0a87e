//! One thing that was examined.

use serde::{Deserialize, Serialize};

/// One thing that was examined.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What, e.g. `overlay mounts`. Unique in a report.
    pub what: String,
    /// How it is.
    pub state: State,
    /// What was found, and what follows from it. One line.
    pub why: String,
    /// What to do to have more: a command where there is one. None where nothing is to be done.
    pub remedy: Option<String>,
}

/// How a thing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// As it should be.
    Ok,
    /// Boatyard works, but slower or with less isolation.
    Limited,
    /// Boatyard does not work, or not all of it.
    Missing,
}

impl Finding {
    pub(super) fn ok(what: &str, why: impl Into<String>) -> Self {
        Self {
            what: what.to_owned(),
            state: State::Ok,
            why: why.into(),
            remedy: None,
        }
    }

    pub(super) fn limited(what: &str, why: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            what: what.to_owned(),
            state: State::Limited,
            why: why.into(),
            remedy: Some(remedy.into()),
        }
    }

    pub(super) fn missing(what: &str, why: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            what: what.to_owned(),
            state: State::Missing,
            why: why.into(),
            remedy: Some(remedy.into()),
        }
    }
}
