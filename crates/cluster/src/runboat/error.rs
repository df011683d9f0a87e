//! Why a build is not as it should be.

use std::time::Duration;

use boatyard_plan::failure::{Failure, Fault};

use crate::manifest::Id;
use crate::refusal::Refusal;
use crate::wait;

/// Why a build is not as it should be.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is an object of that name, and it is not the build's.
    #[error("{object} is there already, and is not of the build {build}")]
    Foreign {
        /// Which.
        object: Id,
        /// The build that has one of that name.
        build: String,
    },
    /// An object would be somewhere else than the build.
    #[error("{object} would not be in the namespace {namespace}")]
    Outside {
        /// Which.
        object: Id,
        /// Where the build is.
        namespace: String,
    },
    /// It does not go.
    #[error("{} of the build {build} still there after {} s", left.join(", "), waited.as_secs())]
    Stays {
        /// What is left.
        left: Vec<String>,
        /// Of which build.
        build: String,
        /// How long it was given.
        waited: Duration,
    },
    /// A job of it fails, or it does not get ready.
    #[error(transparent)]
    Unready(#[from] wait::Error),
    /// The cluster does not let us.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

impl Failure for Error {
    fn fault(&self) -> Fault {
        match self {
            Self::Foreign { .. } | Self::Outside { .. } => Fault::User,
            Self::Stays { .. } => Fault::Refused,
            Self::Unready(error) => error.fault(),
            Self::Refused(refusal) => refusal.fault(),
        }
    }

    fn help(&self) -> Option<String> {
        match self {
            Self::Foreign { .. } => Some(
                "have namePrefix begin with {{ build_name }}, so that builds do not meet"
                    .to_owned(),
            ),
            Self::Outside { .. } => Some(
                "kubefiles bring objects of one namespace only: namespace: {{ namespace }}"
                    .to_owned(),
            ),
            Self::Stays { .. } => None,
            Self::Unready(error) => error.help(),
            Self::Refused(refusal) => refusal.help(),
        }
    }
}
