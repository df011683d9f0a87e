//! Why a namespace is not as it should be.

use std::time::Duration;

use boatyard_plan::failure::{Failure, Fault};

use crate::refusal::Refusal;
use crate::wait;

/// Why a namespace is not as it should be.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is one of that name that we have not made.
    #[error("the namespace {namespace} is there already, and is somebody else's")]
    Taken {
        /// Which.
        namespace: String,
    },
    /// It does not go.
    #[error("the namespace {namespace} is still there after {} s: {why}", waited.as_secs())]
    Stays {
        /// Which.
        namespace: String,
        /// How long it was given.
        waited: Duration,
        /// What the cluster says of it.
        why: String,
    },
    /// What is in it does not get ready.
    #[error(transparent)]
    Unready(#[from] wait::Error),
    /// The cluster does not let us.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

impl Error {
    /// Whether the cluster was not there to answer, so that the same may go well once it is.
    pub fn is_absence(&self) -> bool {
        match self {
            Self::Refused(refusal) | Self::Unready(wait::Error::Refused(refusal)) => {
                refusal.is_absence()
            }
            _ => false,
        }
    }
}

impl Failure for Error {
    fn fault(&self) -> Fault {
        match self {
            Self::Taken { .. } => Fault::User,
            Self::Stays { .. } => Fault::Refused,
            Self::Unready(error) => error.fault(),
            Self::Refused(refusal) => refusal.fault(),
        }
    }

    fn help(&self) -> Option<String> {
        match self {
            Self::Taken { .. } => Some("choose another prefix in [cluster]".to_owned()),
            Self::Stays { .. } => None,
            Self::Unready(error) => error.help(),
            Self::Refused(refusal) => refusal.help(),
        }
    }
}
