//! Why the server does not run.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use boatyard_plan::failure::{Failure, Fault};

use crate::cluster::FoundError;
use crate::forge::{AuthorityError, SecretError};
use crate::journal::JournalError;
use crate::keeper::Stopped;
use crate::web::settings::NoAddress;

/// Why the server does not run.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Its folder cannot be made.
    #[error("cannot make the folder of the server, {}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The journal cannot be opened or read.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// Nobody could operate it.
    #[error("cannot write down the token of the operator in {}", path.display())]
    Operator {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Nobody can reach it there.
    #[error("cannot listen at {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The system gives no threads, timers or signals.
    #[error("cannot start the server")]
    Start {
        /// What the system said.
        source: io::Error,
    },
    /// A secret that the configuration names is not there.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The certificates that the configuration names are not there.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    /// Nobody could find it there.
    #[error(transparent)]
    Address(#[from] NoAddress),
    /// There is no way to the cluster.
    #[error(transparent)]
    Connect(#[from] boatyard_cluster::connect::Error),
    /// It is not known what is on the cluster.
    #[error(transparent)]
    Found(#[from] FoundError),
    /// The keeper has stopped.
    #[error(transparent)]
    Stopped(#[from] Stopped),
}

impl Failure for ServeError {
    fn fault(&self) -> Fault {
        match self {
            Self::Secret(inner) => inner.fault(),
            Self::Connect(inner) => inner.fault(),
            Self::Found(inner) => inner.fault(),
            Self::Authority(inner) => inner.fault(),
            Self::Journal(JournalError::InUse { .. }) | Self::Address(_) => Fault::User,
            Self::Folder { .. }
            | Self::Operator { .. }
            | Self::Listen { .. }
            | Self::Start { .. }
            | Self::Journal(_)
            | Self::Stopped(_) => Fault::Refused,
        }
    }

    fn help(&self) -> Option<String> {
        match self {
            Self::Secret(inner) => inner.help(),
            Self::Connect(inner) => inner.help(),
            Self::Found(inner) => inner.help(),
            Self::Folder { .. } | Self::Operator { .. } => {
                Some("set BOATYARD_HOME to a folder that you may write to".to_owned())
            }
            Self::Listen { .. } => Some(
                "stop what listens there, or choose another address: --listen, or listen in [server]"
                    .to_owned(),
            ),
            Self::Authority(inner) => inner.help(),
            Self::Address(_) => Some("say where people find the server: url in [server]".to_owned()),
            Self::Journal(_) | Self::Start { .. } | Self::Stopped(_) => None,
        }
    }
}
