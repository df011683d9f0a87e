//! Why data was not saved, or not brought back.

use std::path::PathBuf;

use boatyard_plan::failure::{Failure, Fault};
use boatyard_store::layer::LayerError;
use boatyard_store::{DiskError, StoreError};

use super::SessionError;

/// Why data was not saved, or not brought back.
#[derive(Debug, thiserror::Error)]
pub enum SavedError {
    /// Data of what runs changes while it is copied.
    #[error("{place} runs, and its data changes")]
    Runs {
        /// Which.
        place: String,
    },
    /// Something is kept aside under that name.
    #[error("data is saved as {name:?} already")]
    Taken {
        /// The name.
        name: String,
    },
    /// Nothing is kept aside under that name.
    #[error("no data is saved as {name:?}")]
    NotThere {
        /// The name.
        name: String,
        /// What there is.
        known: Vec<String>,
    },
    /// It is data of something else.
    #[error("what is saved as {name:?} is data of {of}, and this is {project}")]
    OtherProject {
        /// The name.
        name: String,
        /// Which project it is of.
        of: String,
        /// Which project this is.
        project: String,
    },
    /// It was written by another release of a server than that which runs here.
    #[error("what is saved as {name:?} is data of {server} {saved}, and here runs {server} {here}")]
    OtherRelease {
        /// The name.
        name: String,
        /// The server.
        server: &'static str,
        /// The release that wrote it.
        saved: String,
        /// The release whose data is here.
        here: String,
    },
    /// It is data of a cluster, and this is none, or the other way round.
    #[error("what is saved as {name:?} is data of {of}, and this is {here}")]
    OtherKind {
        /// The name.
        name: String,
        /// What it is of.
        of: &'static str,
        /// What this is.
        here: &'static str,
    },
    /// A copy does not fit.
    #[error("a copy of the data takes {size_bytes} bytes, and there is room for {room}")]
    NoRoom {
        /// How much it is.
        size_bytes: u64,
        /// How much it may be.
        room: u64,
    },
    /// The session's files cannot be used.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// Files cannot be copied.
    #[error(transparent)]
    Copy(#[from] LayerError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Files cannot be removed.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// A file operation failed.
    #[error("cannot {doing} {}", path.display())]
    Io {
        /// What we were doing.
        doing: &'static str,
        /// To which path.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

impl Failure for SavedError {
    fn fault(&self) -> Fault {
        match self {
            Self::Runs { .. }
            | Self::Taken { .. }
            | Self::NotThere { .. }
            | Self::OtherProject { .. }
            | Self::OtherKind { .. }
            | Self::OtherRelease { .. } => Fault::User,
            Self::NoRoom { .. } | Self::Io { .. } => Fault::Refused,
            Self::Session(error) => error.fault(),
            Self::Copy(error) => error.fault(),
            Self::Store(error) => error.fault(),
            Self::Disk(error) => error.fault(),
        }
    }

    fn help(&self) -> Option<String> {
        match self {
            Self::Runs { .. } => Some("stop it first: \"boatyard down\"".to_owned()),
            Self::Taken { .. } => Some(
                "choose another name, or say --replace if the one before is worth nothing any more"
                    .to_owned(),
            ),
            Self::NotThere { known, .. } if known.is_empty() => {
                Some("\"boatyard data save NAME\" saves some".to_owned())
            }
            Self::NotThere { known, .. } => Some(format!("there is: {}", known.join(", "))),
            Self::OtherRelease { server, saved, .. } => Some(format!(
                "dump it where {server} {saved} runs, and load it here"
            )),
            Self::OtherProject { .. } | Self::OtherKind { .. } | Self::Io { .. } => None,
            Self::NoRoom { .. } => Some(
                "remove some with \"boatyard data rm NAME\"; \"boatyard data ls\" lists all"
                    .to_owned(),
            ),
            Self::Session(error) => error.help(),
            Self::Copy(error) => error.help(),
            Self::Store(error) => error.help(),
            Self::Disk(error) => error.help(),
        }
    }
}
