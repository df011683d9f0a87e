//! Why packages cannot be unpacked.

use std::io;
use std::path::PathBuf;

use boatyard_plan::failure::{Failure, Fault};

/// Why packages cannot be unpacked.
#[derive(Debug, thiserror::Error)]
pub enum UnpackError {
    /// A package is not what it should be.
    #[error("cannot read the package {}", .deb.display())]
    Read {
        /// Its file.
        deb: PathBuf,
        /// What is wrong.
        #[source]
        source: io::Error,
    },
    /// A file of a package cannot be written.
    #[error("cannot unpack /{path} of the package {package}")]
    Write {
        /// The package.
        package: String,
        /// The path, relative to the root.
        path: String,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// Two packages have the same file.
    #[error("both {package} and {other} have {path}")]
    Overlap {
        /// The path.
        path: String,
        /// The one that was being unpacked.
        package: String,
        /// The one that has it.
        other: String,
    },
    /// A file of the base would be written through a link that leads out of it.
    #[error("{path} of the base is, or is behind, a link that leads out of the base")]
    LeadsOut {
        /// The path in the base.
        path: String,
    },
    /// dpkg's records, or the root, cannot be read or written.
    #[error("cannot read or write {}", .path.display())]
    State {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

impl Failure for UnpackError {
    fn fault(&self) -> Fault {
        match self {
            Self::Overlap { .. } | Self::LeadsOut { .. } => Fault::User,
            Self::Read { .. } => Fault::Work,
            Self::Write { .. } | Self::State { .. } => Fault::Refused,
        }
    }

    fn help(&self) -> Option<String> {
        match self {
            Self::Overlap { .. } => Some("leave one of the two out".to_owned()),
            Self::LeadsOut { .. } => {
                Some("whoever made the base can make it a link that stays inside, or a folder".to_owned())
            }
            Self::Read { .. } => Some("remove the file and try again: it is downloaded anew".to_owned()),
            Self::Write { source, .. } | Self::State { source, .. } => match source.kind() {
                io::ErrorKind::StorageFull => {
                    Some("the disk is full: free space, or point BOATYARD_HOME at another disk".to_owned())
                }
                io::ErrorKind::PermissionDenied => {
                    Some("giving files to other users needs root or subordinate ids: run \"boatyard doctor\"".to_owned())
                }
                _ => None,
            },
        }
    }
}
