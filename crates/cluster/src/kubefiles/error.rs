//! What is wrong with a folder of kubefiles.

use boatyard_plan::failure::{Failure, Fault};

/// Why there are no manifests.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A template cannot be filled in.
    #[error("cannot fill in {file}")]
    Template {
        /// The file.
        file: String,
        /// Why not.
        source: Box<minijinja::Error>,
    },
    /// Templates do more than anybody waits for.
    #[error("cannot fill in {file}: with it the templates take more than {steps} steps")]
    Endless {
        /// The file that was being filled in.
        file: String,
        /// How many steps all of them may take.
        steps: u64,
    },
    /// A file is no YAML, or does not say what it has to.
    #[error("cannot read {file}")]
    Read {
        /// The file.
        file: String,
        /// What is wrong, and where.
        source: Box<serde_saphyr::Error>,
    },
    /// A file that another one names is not there.
    #[error("{by} names {file}, which is not there")]
    NotThere {
        /// The file.
        file: String,
        /// Which one names it.
        by: String,
    },
    /// A folder that another one names is that one, or around it.
    #[error("{by} names the folder {folder}, which it is in itself")]
    Within {
        /// The folder.
        folder: String,
        /// Which file names it.
        by: String,
    },
    /// Labels or annotations go where something else is.
    #[error("{path} of an object of {file} is no map")]
    NoMap {
        /// The file.
        file: String,
        /// Where, in the object.
        path: String,
    },
    /// An object lacks something that each has.
    #[error("an object of {file} has no {field}")]
    Incomplete {
        /// The file.
        file: String,
        /// What it does not have.
        field: &'static str,
    },
    /// Kustomize would do it, and it is not done here.
    #[error("{file}: {what} is not done here")]
    Unsupported {
        /// The file.
        file: String,
        /// What.
        what: String,
    },
    /// A patch fits nothing, or not what it is for.
    #[error("a patch of {file} does not fit: {why}")]
    Patch {
        /// The file.
        file: String,
        /// Why not.
        why: String,
    },
}

impl Failure for Error {
    fn fault(&self) -> Fault {
        Fault::User
    }

    fn help(&self) -> Option<String> {
        let help = match self {
            Self::Endless { .. } => {
                "a loop takes its steps each time it goes round, and loops in loops take most: let them go over less"
            }
            Self::Unsupported { .. } => {
                "\"kubectl kustomize\" does all of it: what it prints can be kept in the folder as a resource"
            }
            _ => return None,
        };
        Some(help.to_owned())
    }
}
