//! Why there is no lock, or no longer.

use std::time::Duration;

use boatyard_plan::failure::{Failure, Fault};
use jiff::Timestamp;

use super::decision::SECONDS;
use crate::refusal::Refusal;

/// Why there is no lock.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Somebody else deploys.
    #[error("{by} is deploying {project}{}, and had not ended after {} s", since.map(|since| format!(" since {since:.0}")).unwrap_or_default(), waited.as_secs())]
    Held {
        /// Which project.
        project: String,
        /// Who.
        by: String,
        /// Since when.
        since: Option<Timestamp>,
        /// How long we waited.
        waited: Duration,
    },
    /// It was ours, and is no longer.
    #[error(transparent)]
    Lost(#[from] Lost),
    /// The cluster does not let us lock.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

/// The lock was taken over by somebody who had not seen it renewed for too long, or was removed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the lock of {project} is no longer ours: {}", by.as_ref().map_or_else(|| "it was removed".to_owned(), |by| format!("{by} took it over")))]
pub struct Lost {
    /// Which project.
    pub project: String,
    /// Who has it now; none: nobody.
    pub by: Option<String>,
}

impl Failure for Error {
    fn fault(&self) -> Fault {
        match self {
            Self::Held { .. } | Self::Lost(_) => Fault::Work,
            Self::Refused(refusal) => refusal.fault(),
        }
    }

    fn help(&self) -> Option<String> {
        match self {
            Self::Held { .. } => Some(format!(
                "wait for it; one that was killed gives way {SECONDS} s after somebody waits for it"
            )),
            Self::Lost(lost) => lost.help(),
            Self::Refused(refusal) => refusal.help(),
        }
    }
}

impl Failure for Lost {
    fn fault(&self) -> Fault {
        Fault::Work
    }

    fn help(&self) -> Option<String> {
        Some(format!(
            "a lock that is not renewed for {SECONDS} s gives way: was this machine asleep, or cut off? deploy again"
        ))
    }
}
