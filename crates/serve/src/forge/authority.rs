//! Why the certificates of a forge's own authority are not there.

use std::io;
use std::path::PathBuf;

use boatyard_plan::failure::{Failure, Fault};

/// The certificates of a forge's own authority cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read the certificates of forge {forge} from {}", path.display())]
pub struct AuthorityError {
    /// The forge, by the name that the configuration gives it.
    pub forge: String,
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub source: io::Error,
}

impl Failure for AuthorityError {
    fn fault(&self) -> Fault {
        Fault::User
    }

    fn help(&self) -> Option<String> {
        let help = "authority of a forge is a file with certificates in PEM; a relative path is beside the configuration";
        Some(help.to_owned())
    }
}
