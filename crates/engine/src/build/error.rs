//! Why a build failed.

use std::path::PathBuf;

use boatyard_plan::failure::{Failure, Fault};
use boatyard_plan::lock::LockError;
use boatyard_store::import::ImportError;
use boatyard_store::layer::LayerError;
use boatyard_store::registry::RegistryError;
use boatyard_store::{DiskError, StoreError};

use super::foreign::{ForeignError, because};
use crate::debian::{IndexError, InstallError};
use crate::dockerfile::DockerfileError;
use crate::network::{NetworkError, Refusal};
use crate::sandbox::SandboxError;
use crate::snapshot::SnapshotError;
use crate::transfer::TransferError;

/// Why a build failed.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// A network of its own could not be made.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// Something that a build that is confined may not have.
    #[error(transparent)]
    Foreign(#[from] ForeignError),
    /// A step failed.
    #[error("step {id} ({title}) failed")]
    Step {
        /// Which.
        id: String,
        /// Its title.
        title: String,
        /// The line of boatyard.toml that asks for it.
        line: Option<usize>,
        /// What happened.
        #[source]
        cause: Box<BuildError>,
    },
    /// A stage that this one hangs on failed; told where it failed.
    #[error("stage {stage} was skipped: it hangs on something that failed")]
    Skipped {
        /// Which.
        stage: String,
    },
    /// The Dockerfile of a base could not be built.
    #[error("cannot build the base from {file}")]
    Dockerfile {
        /// The Dockerfile (or its ignore file), relative to the project.
        file: String,
        /// Its text.
        text: String,
        /// What happened.
        #[source]
        cause: Box<DockerfileError>,
    },
    /// The plan names a stage that it does not have.
    #[error("the plan has no stage {stage:?}")]
    NoStage {
        /// Which.
        stage: String,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file operation of the store's failed.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// A layer could not be read or written.
    #[error(transparent)]
    Layer(#[from] LayerError),
    /// A state could not be made or kept.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// Debian's package indexes could not be had.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// Debian packages could not be installed.
    #[error(transparent)]
    Install(#[from] InstallError),
    /// An image could not be brought in.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// An image could not be pulled.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// Files of the project could not be copied.
    #[error(transparent)]
    Transfer(#[from] TransferError),
    /// A base is not as it is locked.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// A base says that it is a release of Debian that cannot be.
    #[error("the base says that it is Debian {suite:?}")]
    UnknownSuite {
        /// What it says.
        suite: String,
    },
    /// A command could not be started.
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    /// A command ended with an error.
    #[error("{command} exited with {code}{}", tail(.last_lines))]
    Command {
        /// The program's name.
        command: String,
        /// Exit code, 128 + signal.
        code: i32,
        /// The last lines it printed.
        last_lines: Vec<String>,
        /// What it was refused while it ran.
        refused: Vec<Refusal>,
    },
    /// A file that the project names is not there.
    #[error("{path} does not exist in the project's folder")]
    MissingSource {
        /// Relative to the project.
        path: String,
        /// A name that is there and looks alike.
        similar: Option<String>,
    },
    /// A file that the project names is not inside the project.
    #[error("{path} leads out of the project's folder")]
    OutsideSource {
        /// Relative to the project.
        path: String,
    },
    /// A file could not be read or written.
    #[error("cannot {doing} {path}")]
    Io {
        /// What we were doing.
        doing: &'static str,
        /// To which path.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Packages are wanted on a base that is not Debian.
    #[error(
        "packages ({names}) are wanted on a base that is not Debian {}",
        known_suites()
    )]
    NotDebian {
        /// The packages.
        names: String,
    },
    /// Python dependencies are wanted where there is no Python.
    #[error("the base has no {wanted} for the Python dependencies")]
    NoPython {
        /// `python3` or `python3.N`.
        wanted: String,
    },
    /// A release has no program to run, or several.
    #[error("{release} has no program {asked:?}")]
    NoProgram {
        /// The release.
        release: String,
        /// The program that was looked for.
        asked: String,
        /// Its console scripts.
        known: Vec<String>,
    },
    /// uv could not be fetched.
    #[error("cannot fetch uv {version} from {index}")]
    Uv {
        /// Version.
        version: &'static str,
        /// Index, without credentials.
        index: String,
        /// Why not.
        #[source]
        source: super::uv::UvError,
    },
}

impl BuildError {
    /// Whether it says only that something else failed, which is told there.
    pub(super) fn is_skip(&self) -> bool {
        match self {
            Self::Step { cause, .. } => cause.is_skip(),
            Self::Skipped { .. } => true,
            _ => false,
        }
    }
}

fn known_suites() -> &'static str {
    "bookworm or trixie"
}

/// The last lines of a command, indented under its message.
fn tail(lines: &[String]) -> String {
    use std::fmt::Write as _;
    lines.iter().fold(String::new(), |mut text, line| {
        let _ = write!(text, "\n    {line}");
        text
    })
}

impl Failure for BuildError {
    fn fault(&self) -> Fault {
        match self {
            Self::Step { cause, .. } => cause.fault(),
            Self::Dockerfile { cause, .. } => cause.fault(),
            Self::Network(inner) => inner.fault(),
            Self::Foreign(inner) => inner.fault(),
            Self::Store(inner) => inner.fault(),
            Self::Disk(inner) => inner.fault(),
            Self::Layer(inner) => inner.fault(),
            Self::Snapshot(inner) => inner.fault(),
            Self::Index(inner) => inner.fault(),
            Self::Install(inner) => inner.fault(),
            Self::Import(inner) => inner.fault(),
            Self::Registry(inner) => inner.fault(),
            Self::Sandbox(inner) => inner.fault(),
            Self::Lock(inner) => inner.fault(),
            Self::Transfer(inner) => inner.fault(),
            Self::Skipped { .. } | Self::Command { .. } => Fault::Work,
            Self::NoStage { .. } => Fault::Bug,
            Self::MissingSource { .. }
            | Self::OutsideSource { .. }
            | Self::NotDebian { .. }
            | Self::UnknownSuite { .. }
            | Self::NoPython { .. }
            | Self::NoProgram { .. } => Fault::User,
            Self::Io { .. } | Self::Uv { .. } => Fault::Refused,
        }
    }

    fn help(&self) -> Option<String> {
        match self {
            Self::Step { cause, .. } => cause.help(),
            Self::Dockerfile { cause, .. } => cause.help(),
            Self::Network(inner) => inner.help(),
            Self::Foreign(inner) => inner.help(),
            Self::Store(inner) => inner.help(),
            Self::Disk(inner) => inner.help(),
            Self::Layer(inner) => inner.help(),
            Self::Snapshot(inner) => inner.help(),
            Self::Index(inner) => inner.help(),
            Self::Install(inner) => inner.help(),
            Self::Import(inner) => inner.help(),
            Self::Registry(inner) => inner.help(),
            Self::Sandbox(inner) => inner.help(),
            Self::Lock(inner) => inner.help(),
            Self::Transfer(inner) => inner.help(),
            Self::MissingSource { similar: Some(similar), .. } => Some(format!("did you mean {similar:?}?")),
            Self::MissingSource { .. } => Some("paths in boatyard.toml are relative to its folder".to_owned()),
            Self::OutsideSource { .. } => Some("copy it into the project, or make it a package".to_owned()),
            Self::NotDebian { .. } => {
                Some("use base = \"debian:bookworm\", or put the packages into the base image".to_owned())
            }
            Self::NoPython { .. } => Some("set image.python, or add python3 to image.packages".to_owned()),
            Self::NoProgram { known, .. } if known.is_empty() => {
                Some("it is a library: name a program of one of its dependencies with --entry-point".to_owned())
            }
            Self::NoProgram { known, .. } => {
                Some(format!("choose one with --entry-point: {}", known.join(", ")))
            }
            Self::Uv { .. } => {
                Some("check the network and the index (PIP_INDEX_URL), set BOATYARD_UV to a uv program, or use installer = \"pip\"".to_owned())
            }
            Self::Command {
                last_lines,
                refused,
                ..
            } => because(refused).or_else(|| Some(command_help(last_lines).to_owned())),
            Self::Io { source, .. } if source.kind() == std::io::ErrorKind::StorageFull => {
                Some("free some space, or run \"boatyard clean\"".to_owned())
            }
            _ => None,
        }
    }
}

/// What to do about the last lines of a package installer, where they tell.
fn command_help(lines: &[String]) -> &'static str {
    let text = lines.join("\n").to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    if has(&["certificate", "unknownissuer"]) {
        return "the network re-signs TLS: add its certificate authority to the host's bundle, or set SSL_CERT_FILE";
    }
    if has(&[
        "was not found in the package registry",
        "no solution found",
        "no matching distribution",
    ]) {
        return "check the names and versions in the requirements; \"--debug-shell\" opens a shell in the state before the step";
    }
    if has(&[
        "failed to build",
        "failed building wheel",
        "pg_config",
        "fatal error:",
    ]) {
        return "a package has to be compiled: name what it builds against in image.packages, e.g. { libpq5 = \"libpq-dev\" }";
    }
    if has(&[
        "dns error",
        "could not connect",
        "connection refused",
        "network is unreachable",
        "name resolution",
    ]) {
        return "the package index cannot be reached: check the network and the proxy variables";
    }
    if has(&["no space left"]) {
        return "free some space, or run \"boatyard clean\"";
    }
    "\"--debug-shell\" opens a shell in the state before the step"
}
