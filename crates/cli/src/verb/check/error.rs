//! What keeps files from being checked.

use std::io;
use std::path::PathBuf;

use boatyard_plan::failure::{Failure, Fault};

/// Files could not be checked.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// A path of the command line is not there or cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The path.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A file of the command line is nothing that is checked.
    #[error("{} is nothing that is checked", path.display())]
    Unknown {
        /// The file.
        path: PathBuf,
    },
    /// A file could not be written.
    #[error("cannot write {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A file changed while it was being checked.
    #[error("{} changed while it was being checked: it is left as it is", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// The file that is to hold the plan holds something else.
    #[error("{} is there, and is no migration plan", path.display())]
    NotAPlan {
        /// The file.
        path: PathBuf,
    },
    /// There is no such rule.
    #[error("there is no rule \"{id}\"")]
    Rule {
        /// What was given.
        id: String,
    },
}

impl Failure for CheckError {
    fn fault(&self) -> Fault {
        match self {
            Self::Read { .. }
            | Self::Unknown { .. }
            | Self::NotAPlan { .. }
            | Self::Rule { .. } => Fault::User,
            Self::Changed { .. } => Fault::Work,
            Self::Write { .. } => Fault::Refused,
        }
    }

    fn help(&self) -> Option<String> {
        match self {
            Self::Unknown { .. } => Some(
                "known are Dockerfiles, shell scripts, Compose files, Kubernetes manifests and boatyard.toml;\n\
                 a Dockerfile is told by its name: Dockerfile, Dockerfile.web, web.Dockerfile, Containerfile"
                    .to_owned(),
            ),
            Self::NotAPlan { .. } => Some("name another file: --plan=MIGRATION.md".to_owned()),
            Self::Rule { .. } => Some("\"boatyard check --explain all\" lists the rules".to_owned()),
            Self::Changed { .. } => Some("run the command again".to_owned()),
            Self::Read { .. } | Self::Write { .. } => None,
        }
    }
}
