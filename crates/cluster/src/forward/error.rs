//! Why no port leads to a pod.

use std::io;
use std::net::SocketAddr;

use boatyard_plan::failure::{Failure, Fault};

use crate::process;
use crate::refusal::Refusal;

/// Why no port leads to a pod.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The port here cannot be had.
    #[error("cannot listen on {address}")]
    Listen {
        /// Which.
        address: SocketAddr,
        /// Why not.
        source: io::Error,
    },
    /// No port was named, and the pod's container names none.
    #[error("{process} names no port")]
    NoPort {
        /// Which role.
        process: String,
    },
    /// There is no pod to lead to.
    #[error(transparent)]
    Process(#[from] process::Error),
    /// The cluster does not let us.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

impl Failure for Error {
    fn fault(&self) -> Fault {
        match self {
            Self::Listen { .. } => Fault::Refused,
            Self::NoPort { .. } => Fault::User,
            Self::Process(error) => error.fault(),
            Self::Refused(refusal) => refusal.fault(),
        }
    }

    fn help(&self) -> Option<String> {
        match self {
            Self::Listen { .. } => {
                Some("choose another with LOCAL:REMOTE; :REMOTE is any that is free".to_owned())
            }
            Self::NoPort { .. } => Some("say which: [LOCAL:]REMOTE".to_owned()),
            Self::Process(error) => error.help(),
            Self::Refused(refusal) => refusal.help(),
        }
    }
}
