//! Why there are no indexes.

use std::io;
use std::path::PathBuf;

use boatyard_plan::failure::{Failure, Fault};

use super::http::{ELSEWHERE, FetchError};
use super::release::ReleaseError;

/// Why the indexes of a mirror cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// It could not be fetched.
    #[error("cannot fetch the package index from {url}")]
    Fetch {
        /// Its URL.
        url: String,
        /// What went wrong.
        #[source]
        source: FetchError,
    },
    /// It is not signed as it should be, for another suite, or expired.
    #[error("cannot use the package index {url}")]
    Untrusted {
        /// Its URL.
        url: String,
        /// The file of the only keys that count, if that was said.
        only: Option<String>,
        /// Why not.
        #[source]
        source: ReleaseError,
    },
    /// A list of packages is not the one that was signed.
    #[error(
        "the package list {url} is not the one that was signed: its SHA-256 is {found}, expected {wanted}"
    )]
    Altered {
        /// Its URL.
        url: String,
        /// The digest that was signed.
        wanted: String,
        /// The digest that it has.
        found: String,
    },
    /// A list of packages cannot be unpacked.
    #[error("cannot unpack the package list {url}")]
    Malformed {
        /// Its URL.
        url: String,
        /// What went wrong.
        #[source]
        source: io::Error,
    },
    /// The file of a repository's key has no key.
    #[error("there is no OpenPGP key in {file}")]
    NoKey {
        /// The file.
        file: String,
    },
    /// The suite does not have the component for our architecture.
    #[error("{suite} has no packages for {architecture} in {component}")]
    NoArchitecture {
        /// The suite.
        suite: String,
        /// The component.
        component: String,
        /// The architecture.
        architecture: String,
    },
    /// The network is not to be used, and the index was not fetched before.
    #[error(
        "the package index of {suite} was not fetched before, and the network is not to be used ({url})"
    )]
    NotKept {
        /// Its URL.
        url: String,
        /// The suite.
        suite: String,
    },
    /// It cannot be kept.
    #[error("cannot keep the package index in {}", .path.display())]
    Cache {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

impl Failure for IndexError {
    fn fault(&self) -> Fault {
        match self {
            Self::NoArchitecture { .. } | Self::NoKey { .. } => Fault::User,
            _ => Fault::Refused,
        }
    }

    fn help(&self) -> Option<String> {
        Some(match self {
            Self::Untrusted { source: ReleaseError::Expired { .. }, .. } => {
                "the mirror is out of date: use another one, or set BOATYARD_IGNORE_VALID_UNTIL=1 to use its old index".to_owned()
            }
            Self::Untrusted { source: ReleaseError::BadSignature { .. }, only: Some(file), .. } => {
                format!("only the key in {file} counts: is it the one that the repository's own pages name?")
            }
            Self::Untrusted { .. } | Self::Altered { .. } | Self::Malformed { .. } => {
                "somebody on the way may have changed it, or the mirror is being updated: try again, or use another mirror".to_owned()
            }
            Self::Fetch { source, .. } if source.leads_elsewhere() => ELSEWHERE.to_owned(),
            Self::Fetch { .. } => {
                "look at the network and the proxy settings, or name a mirror that can be reached: base = { debian = \"bookworm\", mirror = \"http://...\" }".to_owned()
            }
            Self::NotKept { .. } => "run once with the network".to_owned(),
            Self::NoArchitecture { .. } => return None,
            Self::NoKey { .. } => {
                "it should be the public key that signs the repository, as \"gpg --export --armor\" writes it".to_owned()
            }
            Self::Cache { source, .. } if source.kind() == io::ErrorKind::StorageFull => {
                "the disk is full: free space, or point BOATYARD_HOME at another disk".to_owned()
            }
            Self::Cache { .. } => "make the folder writable, or point BOATYARD_HOME elsewhere".to_owned(),
        })
    }
}
