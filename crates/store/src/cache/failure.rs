//! What can go wrong with a cache for other machines.

use boatyard_plan::digest::Digest;
use boatyard_plan::failure::{Failure, Fault};

use crate::disk::DiskError;
use crate::failure::StoreError;
use crate::layer::LayerError;
use crate::registry::RegistryError;

/// A cache cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum CacheError {
    /// There is none.
    #[error("there is no cache at {place}")]
    Absent {
        /// Where it should be.
        place: String,
    },
    /// A newer Boatyard has written it.
    #[error("the cache at {place} has schema {found}, this boatyard knows {known}")]
    Newer {
        /// Where it is.
        place: String,
        /// What it says.
        found: u64,
        /// What we know.
        known: u64,
    },
    /// Something else is there, which must not be written over.
    #[error("what is at {place} is not a cache of build steps")]
    Foreign {
        /// Where it is.
        place: String,
    },
    /// What is there makes no sense.
    #[error("the cache at {place} is damaged: {problem}")]
    Damaged {
        /// Where it is.
        place: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A cache mount unpacks to something else than the cache says.
    #[error("a cache mount unpacks to {found}, expected {expected}")]
    WrongMount {
        /// What it should be.
        expected: Digest,
        /// What it is.
        found: Digest,
    },
    /// A file operation failed.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// A store refused something.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A cache mount cannot be packed or unpacked.
    #[error(transparent)]
    Layer(#[from] LayerError),
    /// The registry refused something.
    #[error(transparent)]
    Registry(#[from] RegistryError),
}

impl Failure for CacheError {
    fn fault(&self) -> Fault {
        match self {
            Self::Disk(error) => error.fault(),
            Self::Store(error) => error.fault(),
            Self::Layer(error) => error.fault(),
            Self::Registry(error) => error.fault(),
            Self::Absent { .. } | Self::Foreign { .. } => Fault::User,
            Self::Newer { .. } | Self::Damaged { .. } | Self::WrongMount { .. } => Fault::Refused,
        }
    }

    fn help(&self) -> Option<String> {
        match self {
            Self::Disk(error) => error.help(),
            Self::Store(error) => error.help(),
            Self::Layer(error) => error.help(),
            Self::Registry(error) => error.help(),
            Self::Newer { .. } => Some("use another place for it, or a newer boatyard".to_owned()),
            Self::Foreign { .. } => Some("name another place, or remove what is there".to_owned()),
            Self::Absent { .. } | Self::Damaged { .. } | Self::WrongMount { .. } => None,
        }
    }
}
