//! What is wrong with the words about a release, or with the files that they name.

use std::io;
use std::path::PathBuf;

use boatyard_plan::failure::{Failure, Fault};

/// What is wrong with the words about a release, or with the files that they name.
#[derive(Debug, thiserror::Error)]
pub enum ReleaseWordsError {
    /// Two things at once.
    #[error("a release is built on its own: cannot build {release} together with {other}")]
    Mixed {
        /// One.
        release: String,
        /// Another.
        other: String,
    },
    /// A flag that means nothing here.
    #[error("--{flag} means nothing for a release")]
    Flag {
        /// Without dashes.
        flag: &'static str,
    },
    /// A flag about releases, and no release.
    #[error("--{flag} is about releases and S2I repositories, and none is named")]
    NoRelease {
        /// Without dashes.
        flag: &'static str,
    },
    /// A file cannot be read.
    #[error("cannot read {what} {}", path.display())]
    Read {
        /// What it is.
        what: &'static str,
        /// Where.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A file cannot be written.
    #[error("cannot write {}", path.display())]
    Write {
        /// Where.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// pip's configuration has a mistake. Its text is not shown: it may hold secrets.
    #[error("{}:{line}:{column}: {message}", path.display())]
    PipConfiguration {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
        /// What is wrong.
        message: String,
        /// What to do.
        help: Option<String>,
    },
    /// The file says nothing about releases.
    #[error("{} has no [release]", path.display())]
    NoTable {
        /// The file.
        path: PathBuf,
    },
}

impl Failure for ReleaseWordsError {
    fn fault(&self) -> Fault {
        match self {
            Self::Write { .. } => Fault::Refused,
            _ => Fault::User,
        }
    }

    fn help(&self) -> Option<String> {
        match self {
            Self::Mixed { release, .. } => Some(format!("boatyard build '{release}'")),
            Self::Flag { .. } => Some(
                "it is for Dockerfiles; \"boatyard build --help\" lists those for releases"
                    .to_owned(),
            ),
            Self::NoRelease { .. } => Some(
                "for example: boatyard build 'httpie==3.2.4'; a project says it in boatyard.toml"
                    .to_owned(),
            ),
            Self::PipConfiguration { help, .. } => help.clone(),
            Self::NoTable { .. } => {
                Some("add a line [release]: the file is then used for releases".to_owned())
            }
            Self::Read { .. } | Self::Write { .. } => None,
        }
    }
}
