//! Why a deploy was not done, and where that left the cluster.

use std::error;

use boatyard_plan::failure::{Failure, Fault};

use crate::lease::Lost;
use crate::refusal::Refusal;
use crate::{lease, wait};

/// Why a deploy was not done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Somebody else deploys.
    #[error(transparent)]
    Locked(#[from] lease::Error),
    /// Somebody else took over while it went on.
    #[error(
        "the deploy has stopped half-way, and undid nothing: what is there is for who has the lock"
    )]
    Lost(#[source] Lost),
    /// It failed, and all is as it was.
    #[error("{}", .undone.said())]
    Failed {
        /// Where that left the cluster.
        undone: Undone,
        /// Why it failed.
        source: wait::Error,
    },
    /// It failed, and not all of it could be undone.
    #[error("the deploy failed, and not all of it could be undone:{}", told(.left))]
    HalfWay {
        /// Why it failed.
        source: wait::Error,
        /// What could not be undone, and why not; at least one.
        left: Vec<wait::Error>,
    },
    /// All is new, ready and kept; what the project no longer has could not be removed.
    #[error("all is deployed, and what is no longer wanted could not be removed:{}", told(.left))]
    Unpruned {
        /// What is left, and why; at least one.
        left: Vec<Refusal>,
    },
    /// It was stopped while it waited for the lock.
    #[error("the deploy was stopped before it changed anything")]
    Stopped,
    /// The cluster refuses before anything was changed.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

/// One line each, with its cause.
fn told<E: error::Error>(left: &[E]) -> String {
    let line = |error: &E| match error.source() {
        Some(cause) => format!("\n  {error}: {cause}"),
        None => format!("\n  {error}"),
    };
    left.iter().map(line).collect()
}

/// Where a failed deploy left the cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undone {
    /// The last good state is back.
    ToRecord,
    /// There was none: what the deploy made was removed, what it changed is as it was.
    ToNothing,
    /// Somebody else took the lock over: what is there is theirs now.
    Left,
    /// The cluster does not answer: what is there is between the two.
    CutOff,
}

impl Undone {
    fn said(self) -> &'static str {
        match self {
            Self::ToRecord => "the deploy failed; what was there before is back",
            Self::ToNothing => "the deploy failed; what it had made was removed",
            Self::Left => {
                "the deploy failed and was not undone: another deploy took over meanwhile"
            }
            Self::CutOff => {
                "the deploy failed and could not be undone: the cluster does not answer"
            }
        }
    }
}

impl Failure for Error {
    fn fault(&self) -> Fault {
        match self {
            Self::Locked(error) => error.fault(),
            Self::Failed {
                undone: Undone::CutOff,
                ..
            } => Fault::Refused,
            Self::Failed { source, .. } | Self::HalfWay { source, .. } => source.fault(),
            Self::Lost(_) | Self::Unpruned { .. } | Self::Stopped => Fault::Work,
            Self::Refused(error) => error.fault(),
        }
    }

    fn help(&self) -> Option<String> {
        match self {
            Self::Locked(error) => error.help(),
            Self::Lost(lost) => lost.help(),
            Self::Failed {
                undone: Undone::CutOff,
                ..
            } => Some("deploy again when it answers: that goes on from what is there".to_owned()),
            Self::Failed { source, .. } => source.help(),
            Self::HalfWay { left, .. } => left.first().and_then(Failure::help),
            Self::Unpruned { left } => left.first().and_then(Failure::help),
            Self::Stopped => None,
            Self::Refused(error) => error.help(),
        }
    }
}
