//! What runs, on disk: written by the session, read by every other verb.

use boatyard_plan::run::Kind;
use serde::{Deserialize, Serialize};

use super::{Place, SessionError};

/// What a session runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The session's process.
    pub pid: i32,
    /// Name of the project.
    pub project: String,
    /// Whether everything is ready.
    pub ready: bool,
    /// Its processes, in the order of the plan.
    pub processes: Vec<ProcessRecord>,
}

/// One container of a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessRecord {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// Where it stands.
    pub state: State,
    /// Its image.
    pub image: String,
    /// PID 1 of the container as seen on this machine, while it runs.
    pub pid: Option<i32>,
    /// Where people reach it.
    pub url: Option<String>,
    /// Its exit code, once it ended.
    pub code: Option<i32>,
    /// Environment beside the image's own.
    pub env: std::collections::BTreeMap<String, String>,
}

/// Where a process stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It waits for others.
    Waiting,
    /// It runs and is not ready yet.
    Starting,
    /// It is ready; a job: it succeeded.
    Ready,
    /// It is being stopped.
    Stopping,
    /// It ended.
    Exited,
}

impl Record {
    /// Reads what runs in `place`.
    pub fn read(place: &Place) -> Result<Self, SessionError> {
        if !place.is_running() {
            return Err(SessionError::NotRunning);
        }
        let path = place.record();
        let failed = |source| SessionError::Io {
            doing: "read",
            path: path.clone(),
            source,
        };
        let bytes = match std::fs::read(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(SessionError::NotRunning);
            }
            other => other.map_err(failed)?,
        };
        serde_json::from_slice(&bytes).map_err(|error| failed(error.into()))
    }

    /// Writes what runs, whole.
    pub(super) fn write(&self, place: &Place) -> Result<(), SessionError> {
        let path = place.record();
        let new = path.with_extension("new");
        let bytes = serde_json::to_vec(self).expect("plain data with string keys");
        std::fs::write(&new, bytes)
            .and_then(|()| std::fs::rename(&new, &path))
            .map_err(|source| SessionError::Io {
                doing: "write",
                path,
                source,
            })
    }

    /// The process called `name` that runs.
    pub fn running(&self, name: &str) -> Result<(&ProcessRecord, i32), SessionError> {
        self.processes
            .iter()
            .filter(|process| process.name == name)
            .find_map(|process| Some((process, process.pid?)))
            .ok_or_else(|| SessionError::NoProcess {
                name: name.to_owned(),
                known: self.names(),
            })
    }

    /// Names of what runs.
    pub fn names(&self) -> Vec<String> {
        self.processes
            .iter()
            .filter(|process| process.pid.is_some())
            .map(|process| process.name.clone())
            .collect()
    }
}
