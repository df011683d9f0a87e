//! Why a deploy was not done, and where that left the cluster.

use boatyard_plan::failure::{Failure, Fault};

use crate::refusal::Refusal;
use crate::{lease, wait};

/// Why a deploy was not done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Somebody else deploys.
    #[error(transparent)]
    Locked(#[from] lease::Error),
    /// It failed, and all is as it was.
    #[error("{}", .undone.said())]
    Failed {
        /// Where that left the cluster.
        undone: Undone,
        /// Why it failed.
        source: wait::Error,
    },
    /// It failed, and so did undoing it.
    #[error("the deploy failed, and what was there before could not be restored: {undoing}")]
    HalfWay {
        /// Why it failed.
        source: wait::Error,
        /// Why undoing it failed.
        undoing: Box<wait::Error>,
    },
    /// It was stopped while it waited for the lock.
    #[error("the deploy was stopped before it changed anything")]
    Stopped,
    /// The cluster refuses before anything was changed.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

/// Where a failed deploy left the cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undone {
    /// The last good state is back.
    ToRecord,
    /// There was none: what the deploy made was removed.
    ToNothing,
    /// Somebody else took the lock over: what is there is theirs now.
    Left,
}

impl Undone {
    fn said(self) -> &'static str {
        match self {
            Self::ToRecord => "the deploy failed; what was there before is back",
            Self::ToNothing => "the deploy failed; what it had made was removed",
            Self::Left => {
                "the deploy failed and was not undone: another deploy took over meanwhile"
            }
        }
    }
}

impl Failure for Error {
    fn fault(&self) -> Fault {
        match self {
            Self::Locked(error) => error.fault(),
            Self::Failed { source, .. } | Self::HalfWay { source, .. } => source.fault(),
            Self::Stopped => Fault::Work,
            Self::Refused(error) => error.fault(),
        }
    }

    fn help(&self) -> Option<String> {
        match self {
            Self::Locked(error) => error.help(),
            Self::Failed { source, .. } => source.help(),
            Self::HalfWay { undoing, .. } => undoing.help(),
            Self::Stopped => None,
            Self::Refused(error) => error.help(),
        }
    }
}
