//! What a disk answers when it refuses, with the three refusals that people can mend told apart.

use std::io;
use std::path::{Path, PathBuf};

use boatyard_plan::failure::{Failure, Fault};

/// A file operation failed.
#[derive(Debug, thiserror::Error)]
pub enum DiskError {
    /// No space or no quota is left (`ENOSPC`, `EDQUOT`).
    #[error("cannot {doing} {}: the disk is full", path.display())]
    Full {
        /// What we were doing, an infinitive.
        doing: &'static str,
        /// To which file.
        path: PathBuf,
    },
    /// This user may not (`EACCES`, `EPERM`).
    #[error("cannot {doing} {}: permission denied", path.display())]
    Denied {
        /// What we were doing, an infinitive.
        doing: &'static str,
        /// To which file.
        path: PathBuf,
    },
    /// The file system is read-only (`EROFS`).
    #[error("cannot {doing} {}: the file system is read-only", path.display())]
    ReadOnly {
        /// What we were doing, an infinitive.
        doing: &'static str,
        /// To which file.
        path: PathBuf,
    },
    /// Anything else.
    #[error("cannot {doing} {}", path.display())]
    Other {
        /// What we were doing, an infinitive.
        doing: &'static str,
        /// To which file.
        path: PathBuf,
        /// What the kernel said.
        source: io::Error,
    },
}

impl DiskError {
    /// Sorts `error` into its kind.
    pub fn new(doing: &'static str, path: &Path, error: io::Error) -> Self {
        let path = path.to_path_buf();
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full { doing, path },
            io::ErrorKind::PermissionDenied => Self::Denied { doing, path },
            io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnly { doing, path },
            _ => Self::Other {
                doing,
                path,
                source: error,
            },
        }
    }

    /// The file that it is about.
    pub fn path(&self) -> &Path {
        match self {
            Self::Full { path, .. }
            | Self::Denied { path, .. }
            | Self::ReadOnly { path, .. }
            | Self::Other { path, .. } => path,
        }
    }
}

impl Failure for DiskError {
    fn fault(&self) -> Fault {
        Fault::Refused
    }

    fn help(&self) -> Option<String> {
        match self {
            Self::Full { .. } => Some(
                "free some space (\"boatyard image prune\" removes what no image needs), or set BOATYARD_HOME to a folder on another disk"
                    .to_owned(),
            ),
            Self::Denied { path, .. } => Some(format!(
                "run as the user who owns {}, or set BOATYARD_HOME to a folder of your own",
                path.display()
            )),
            Self::ReadOnly { .. } => {
                Some("set BOATYARD_HOME to a folder on a writable file system".to_owned())
            }
            Self::Other { .. } => None,
        }
    }
}

/// Says what we were doing when a file operation failed.
pub(crate) trait During<T> {
    /// Turns the error into one that names the operation and the file.
    fn during(self, doing: &'static str, path: &Path) -> Result<T, DiskError>;
}

impl<T, E: Into<io::Error>> During<T> for Result<T, E> {
    fn during(self, doing: &'static str, path: &Path) -> Result<T, DiskError> {
        self.map_err(|error| DiskError::new(doing, path, error.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_that_people_can_mend_have_help() {
        let cases = [
            (28, "the disk is full", true),
            (122, "the disk is full", true),
            (13, "permission denied", true),
            (1, "permission denied", true),
            (30, "read-only", true),
            (5, "cannot write /store/x", false),
        ];
        for (errno, said, helped) in cases {
            let error = DiskError::new(
                "write",
                Path::new("/store/x"),
                io::Error::from_raw_os_error(errno),
            );
            assert!(error.to_string().contains(said), "{errno}: {error}");
            assert_eq!(error.help().is_some(), helped, "{errno}");
            assert_eq!(error.fault(), Fault::Refused);
        }
    }
}
