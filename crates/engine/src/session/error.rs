//! Why a session failed.

use std::path::PathBuf;

use boatyard_plan::failure::{Failure, Fault};
use boatyard_store::StoreError;

use super::{Place, Record};
use crate::network::NetworkError;
use crate::sandbox::SandboxError;
use crate::snapshot::SnapshotError;

/// Why a session failed.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The project runs already.
    #[error("the project runs already (process {pid})")]
    Running {
        /// The session's process.
        pid: i32,
    },
    /// It was to get ready, and was stopped before.
    #[error("stopped before everything was ready")]
    Interrupted,
    /// The project does not run.
    #[error("the project does not run")]
    NotRunning,
    /// A process that the project does not have, or that does not run.
    #[error("{name} does not run; {}", running(.known))]
    NoProcess {
        /// What was asked for.
        name: String,
        /// What runs.
        known: Vec<String>,
    },
    /// A process that has printed nothing, or that the project does not have.
    #[error("there is no log of {name}")]
    NoLog {
        /// What was asked for.
        name: String,
        /// What has logs.
        known: Vec<String>,
    },
    /// A job that the project does not have.
    #[error("there is no job {name:?}")]
    NoJob {
        /// What was asked for.
        name: String,
        /// What there is.
        known: Vec<String>,
    },
    /// A process ended although it should go on.
    #[error("{process} exited with {code}{}{}", if *.was_ready { "" } else { " before it was ready" }, tail(.last_lines))]
    Exited {
        /// Which.
        process: String,
        /// Exit code, 128 + signal.
        code: i32,
        /// Whether it had been ready.
        was_ready: bool,
        /// The last lines it printed.
        last_lines: Vec<String>,
    },
    /// A process did not get ready in time.
    #[error("{process} did not answer within {seconds} s ({probe}: {last}){}", tail(.last_lines))]
    NotReady {
        /// Which.
        process: String,
        /// How long it had.
        seconds: u64,
        /// What was asked.
        probe: String,
        /// The last answer.
        last: String,
        /// The last lines it printed.
        last_lines: Vec<String>,
    },
    /// A container of it could not be started.
    #[error("cannot start {process}")]
    Start {
        /// Which.
        process: String,
        /// Why.
        #[source]
        cause: Box<SessionError>,
    },
    /// On this machine's network a process needs its port for itself.
    #[error("{process} cannot have its port, on this machine's network")]
    Port {
        /// Which.
        process: String,
        /// Why.
        #[source]
        cause: NetworkError,
    },
    /// The image that a process needs is not in the store.
    #[error("image {reference} is not in the store")]
    NoImage {
        /// Which.
        reference: String,
    },
    /// The image's user is not in its /etc/passwd.
    #[error("image {reference} runs as {user:?}, which its /etc/passwd does not know")]
    NoUser {
        /// Which image.
        reference: String,
        /// Its user.
        user: String,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file system could not be made.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// A container could not be started.
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    /// The network could not be made.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// A file operation failed.
    #[error("cannot {doing} {}", path.display())]
    Io {
        /// What we were doing.
        doing: &'static str,
        /// To which path.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

impl SessionError {
    /// The error for a project that runs already in `place`.
    pub fn already(place: &Place) -> Self {
        Self::Running {
            pid: Record::read(place).map_or(0, |record| record.pid),
        }
    }
}

fn running(known: &[String]) -> String {
    if known.is_empty() {
        "nothing runs".to_owned()
    } else {
        format!("running: {}", known.join(", "))
    }
}

/// The last lines of a process, indented under its message.
fn tail(lines: &[String]) -> String {
    use std::fmt::Write as _;
    lines.iter().fold(String::new(), |mut text, line| {
        let _ = write!(text, "\n    {line}");
        text
    })
}

impl Failure for SessionError {
    fn fault(&self) -> Fault {
        match self {
            Self::Start { cause, .. } => cause.fault(),
            Self::Store(inner) => inner.fault(),
            Self::Snapshot(inner) => inner.fault(),
            Self::Sandbox(inner) => inner.fault(),
            Self::Network(inner) | Self::Port { cause: inner, .. } => inner.fault(),
            Self::Exited { .. } | Self::NotReady { .. } | Self::Interrupted => Fault::Work,
            Self::Running { .. }
            | Self::NotRunning
            | Self::NoProcess { .. }
            | Self::NoLog { .. }
            | Self::NoJob { .. }
            | Self::NoImage { .. }
            | Self::NoUser { .. } => Fault::User,
            Self::Io { .. } => Fault::Refused,
        }
    }

    fn help(&self) -> Option<String> {
        match self {
            Self::Start { cause, .. } => cause.help(),
            Self::Store(inner) => inner.help(),
            Self::Snapshot(inner) => inner.help(),
            Self::Sandbox(inner) => inner.help(),
            Self::Network(inner) => inner.help(),
            Self::Port { process, .. } => Some(format!(
                "stop what listens there, or give {process} another port in boatyard.toml; --publish opens one more"
            )),
            Self::Running { .. } => Some(
                "stop it with \"boatyard down\", or look at it with \"boatyard ps\"".to_owned(),
            ),
            Self::Interrupted => None,
            Self::NotRunning => Some("start it with \"boatyard up\"".to_owned()),
            Self::NoLog { known, .. } => Some(format!("there are logs of: {}", known.join(", "))),
            Self::NoJob { known, .. } => Some(format!(
                "the project's jobs: {}; for a command: boatyard run -- COMMAND",
                known.join(", ")
            )),
            Self::NoProcess { .. } => Some("\"boatyard ps\" lists what runs".to_owned()),
            Self::Exited { process, .. } => Some(format!(
                "\"boatyard logs {process}\" shows all it printed; \"boatyard shell {process}\" opens its image"
            )),
            Self::NotReady { process, .. } => Some(format!(
                "\"boatyard logs {process}\" shows all it printed; --timeout gives it longer; role.{process}.ready says what is asked"
            )),
            Self::NoImage { .. } => Some("make it with \"boatyard build\"".to_owned()),
            Self::NoUser { .. } => Some("set image.user in boatyard.toml".to_owned()),
            Self::Io { source, .. } => (source.kind() == std::io::ErrorKind::StorageFull)
                .then(|| "free some space, or run \"boatyard clean\"".to_owned()),
        }
    }
}
