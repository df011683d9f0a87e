//! What goes wrong while we find our place on this machine.

use std::path::PathBuf;

use boatyard_plan::failure::{Failure, Fault};
use thiserror::Error;

/// Why there is no place for us.
#[derive(Debug, Error)]
pub enum HostError {
    /// Called too late.
    #[error("cannot enter the namespaces of the engine: this process has several threads already")]
    Threads,
    /// Something that always works did not.
    #[error("cannot examine what this machine permits ({what})")]
    Probe {
        /// What we did.
        what: &'static str,
        /// Why.
        #[source]
        cause: std::io::Error,
    },
    /// No user namespaces for ordinary users.
    #[error("this user cannot create a user namespace, and is not root")]
    NoUserNamespace {
        /// Why.
        #[source]
        cause: std::io::Error,
    },
    /// The subordinate ids could not be used.
    #[error("cannot give the subordinate ids of this user to a user namespace: {program} failed: {message}", program = program.display())]
    Mapping {
        /// `newuidmap` or `newgidmap`.
        program: PathBuf,
        /// What it printed.
        message: String,
    },
    /// The one thing chroot isolation needs.
    #[error("this process may not even change its root folder")]
    NoChroot {
        /// Why.
        #[source]
        cause: std::io::Error,
    },
}

impl Failure for HostError {
    fn fault(&self) -> Fault {
        match self {
            Self::Threads => Fault::Bug,
            _ => Fault::Refused,
        }
    }

    fn help(&self) -> Option<String> {
        let help = match self {
            Self::Threads => return None,
            Self::Probe { .. } => "run \"boatyard doctor\"",
            Self::NoUserNamespace { .. } => {
                "run as root, or permit user namespaces: \"boatyard doctor\" names the setting of this machine"
            }
            Self::Mapping { .. } => {
                "check the lines of this user in /etc/subuid and /etc/subgid, and that newuidmap and newgidmap are \
                 setuid root or have their capabilities (Debian: reinstall uidmap)"
            }
            Self::NoChroot { .. } => {
                "start the container with its default capabilities (SYS_CHROOT is one of them)"
            }
        };
        Some(help.to_owned())
    }
}
