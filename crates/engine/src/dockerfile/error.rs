//! Why a Dockerfile was not built.

use std::ops::Range;
use std::path::PathBuf;

use boatyard_plan::diagnostic::Diagnostic;
use boatyard_plan::failure::{Failure, Fault};
use boatyard_plan::lock::LockError;
use boatyard_plan::reference::NotAReference;
use boatyard_store::import::ImportError;
use boatyard_store::layer::LayerError;
use boatyard_store::registry::RegistryError;
use boatyard_store::{DiskError, StoreError};

use crate::build::foreign::because;
use crate::build::{BuildError, ForeignError};
use crate::network::Refusal;
use crate::sandbox::SandboxError;
use crate::snapshot::SnapshotError;
use crate::transfer::TransferError;

/// Why a Dockerfile was not built.
#[derive(Debug, thiserror::Error)]
pub enum DockerfileError {
    /// An instruction could not be carried out.
    #[error("{instruction} failed")]
    At {
        /// Its first line.
        instruction: String,
        /// Bytes of the Dockerfile.
        span: Range<usize>,
        /// What happened.
        #[source]
        cause: Box<DockerfileError>,
    },
    /// The Dockerfile says something that cannot be.
    #[error("the Dockerfile has {} mistakes", .0.len())]
    Mistakes(Vec<Diagnostic>),
    /// A stage that this one hangs on failed; told where it failed.
    #[error("stage {stage} was skipped: something else failed")]
    Skipped {
        /// Which.
        stage: String,
    },
    /// A command ended with an error.
    #[error("the command ended with exit code {code}{}", tail(.last_lines))]
    Command {
        /// Exit code, 128 + signal.
        code: i32,
        /// The last lines it printed.
        last_lines: Vec<String>,
        /// What it was refused while it ran.
        refused: Vec<Refusal>,
    },
    /// The image to start from or to copy from cannot be had.
    #[error("there is no image {reference} in the store, and its registry does not give it")]
    NoImage {
        /// As written.
        reference: String,
        /// The release of Debian that it names, if it could be made from packages.
        debian: Option<String>,
        /// What the registry said.
        source: Box<RegistryError>,
    },
    /// The image is not in the store, and must not be pulled.
    #[error("there is no image {reference} in the store")]
    NotPulled {
        /// As written.
        reference: String,
    },
    /// What should name an image does not.
    #[error(transparent)]
    NotAReference(#[from] NotAReference),
    /// A user's name is not in the image.
    #[error("there is no user or group {user:?} in the image")]
    NoUser {
        /// As written.
        user: String,
    },
    /// A mount shows something that is not there.
    #[error("there is no {path} in {place}")]
    NoPath {
        /// What was looked for.
        path: String,
        /// Where.
        place: String,
    },
    /// A secret that a command must have was not given.
    #[error("the secret {id:?} was not given")]
    NoSecret {
        /// Its name.
        id: String,
    },
    /// A secret is larger than it may be.
    #[error("the secret {id:?} is larger than {limit} bytes")]
    LargeSecret {
        /// Its name.
        id: String,
        /// How large it may be.
        limit: u64,
    },
    /// An ssh agent that a command must have was not given.
    #[error("no ssh agent {id:?} was given")]
    NoAgent {
        /// Its name.
        id: String,
    },
    /// This machine cannot do what an instruction asks for.
    #[error("{what} is not possible on this machine: {why}")]
    Impossible {
        /// What is asked for, as it is written.
        what: &'static str,
        /// What is missing.
        why: &'static str,
    },
    /// Another platform than this machine's.
    #[error("cannot build for {asked}: this machine is {own}")]
    Platform {
        /// What was asked for.
        asked: String,
        /// What this machine is.
        own: String,
    },
    /// A file could not be read or written.
    #[error("cannot {doing} {}", path.display())]
    Io {
        /// What we were doing.
        doing: &'static str,
        /// To which path.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Something could not be copied.
    #[error(transparent)]
    Transfer(#[from] TransferError),
    /// Something that all builds share failed.
    #[error(transparent)]
    Build(#[from] BuildError),
}

/// The last lines of a command, indented under its message.
fn tail(lines: &[String]) -> String {
    use std::fmt::Write as _;
    lines.iter().fold(String::new(), |mut text, line| {
        let _ = write!(text, "\n    {line}");
        text
    })
}

/// Each is one of a build's errors.
macro_rules! of_build {
    ($($kind:ty),*) => {$(
        impl From<$kind> for DockerfileError {
            fn from(error: $kind) -> Self {
                Self::Build(error.into())
            }
        }
    )*};
}
of_build!(
    StoreError,
    DiskError,
    LayerError,
    SnapshotError,
    SandboxError,
    ImportError,
    RegistryError,
    LockError,
    ForeignError
);

impl DockerfileError {
    /// The error of an instruction, unless it says where it was already.
    #[must_use]
    pub fn at(self, span: &Range<usize>, instruction: &str) -> Self {
        match self {
            Self::At { .. } | Self::Mistakes(_) | Self::Skipped { .. } => self,
            cause => Self::At {
                instruction: instruction.to_owned(),
                span: span.clone(),
                cause: Box::new(cause),
            },
        }
    }
}

impl Failure for DockerfileError {
    fn fault(&self) -> Fault {
        match self {
            Self::At { cause, .. } => cause.fault(),
            Self::Build(inner) => inner.fault(),
            Self::Transfer(inner) => inner.fault(),
            Self::NoImage { source, .. } => source.fault(),
            Self::Skipped { .. } | Self::Command { .. } => Fault::Work,
            Self::Mistakes(_)
            | Self::NotPulled { .. }
            | Self::NotAReference(_)
            | Self::NoUser { .. }
            | Self::NoPath { .. }
            | Self::NoSecret { .. }
            | Self::LargeSecret { .. }
            | Self::NoAgent { .. } => Fault::User,
            Self::Impossible { .. } | Self::Platform { .. } | Self::Io { .. } => Fault::Refused,
        }
    }

    fn help(&self) -> Option<String> {
        Some(match self {
            Self::At { cause, .. } => return cause.help(),
            Self::Build(inner) => return inner.help(),
            Self::Transfer(inner) => return inner.help(),
            Self::NoImage {
                debian: Some(suite),
                ..
            } => format!(
                "make it from Debian's packages with --debian-base, or bring it in with \"boatyard image load\" as debian:{suite}"
            ),
            Self::NoImage { source, .. } => {
                return source.help().or_else(|| Some(bring_it_in().to_owned()));
            }
            Self::NotPulled { .. } => format!("say --pull=missing, or: {}", bring_it_in()),
            Self::NoSecret { id } => {
                format!("give it with --secret id={id},src=FILE or --secret id={id},env=VARIABLE")
            }
            Self::NoAgent { .. } => {
                "start one (ssh-agent) and say --ssh default, or --ssh ID=SOCKET".to_owned()
            }
            Self::Command { refused, .. } => because(refused).unwrap_or_else(|| {
                "\"--debug-shell\" opens a shell in the state before the instruction".to_owned()
            }),
            Self::Impossible { .. } => {
                "run \"boatyard doctor\" to see what this machine permits".to_owned()
            }
            Self::Platform { .. } => "build on such a machine, or leave --platform out".to_owned(),
            Self::Io { source, .. } if source.kind() == std::io::ErrorKind::StorageFull => {
                "free some space, or run \"boatyard clean\"".to_owned()
            }
            _ => return None,
        })
    }
}

fn bring_it_in() -> &'static str {
    "bring it in with \"boatyard image load\" or \"boatyard image pull\", or name a folder: --build-context NAME=oci-layout://DIR"
}
