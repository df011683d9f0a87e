//! Why something is done, for whoever asks.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::id::Id;

/// Why something is done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// The forge has this commit.
    Pushed,
    /// The forge says that the branch or pull request is closed, merged or deleted.
    Closed,
    /// The branch or pull request has another commit, and nothing was begun for this one or the other one answers.
    Replaced(Id),
    /// It, or its repository, is watched no more.
    Unwatched,
    /// It is a draft, and those get no environments.
    Draft,
    /// It is of somebody who may not write to the repository, and those get no environments.
    Stranger,
    /// The pull request of that number shows the same branch.
    Shown(u64),
    /// It took longer than the policy allows.
    TooLong,
    /// Nobody used it for that long.
    Unused,
    /// Whether nobody has used it for nearly as long as is allowed.
    Unneeded(bool),
    /// A snapshot of what was undeployed was kept that long.
    Outdated,
    /// What failed is tried again.
    Again,
    /// There are more than may be kept, and of those that may go it was used least lately.
    TooMany,
    /// Somebody wants to see it.
    Asked,
    /// Another one is asked for, and of those that run it was used least lately.
    GivesWay(Id),
    /// It is its turn.
    Turn,
}

impl fmt::Display for Why {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pushed => out.write_str("the forge has this commit"),
            Self::Closed => out.write_str("closed, merged or deleted on the forge"),
            Self::Replaced(id) => write!(out, "a newer commit replaces it: {id}"),
            Self::Unwatched => out.write_str("it is watched no more"),
            Self::Draft => out.write_str("it is a draft"),
            Self::Stranger => out.write_str("it comes from a fork"),
            Self::Shown(number) => write!(out, "pull request #{number} shows this branch"),
            Self::TooLong => out.write_str("it took longer than is allowed"),
            Self::Unused => out.write_str("nobody used it for as long as is allowed"),
            Self::Unneeded(true) => out.write_str("it is undeployed soon, unless somebody uses it"),
            Self::Unneeded(false) => out.write_str("it may stay for a while"),
            Self::Outdated => out.write_str("a snapshot was kept for as long as is allowed"),
            Self::Again => out.write_str("what failed is tried again"),
            Self::TooMany => out.write_str("more than may be kept, and it was used least lately"),
            Self::Asked => out.write_str("somebody wants to see it"),
            Self::GivesWay(id) => {
                write!(out, "{id} is asked for, and this one was used least lately")
            }
            Self::Turn => out.write_str("it is its turn"),
        }
    }
}
