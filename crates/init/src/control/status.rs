//! What runs, and how far it is.

use std::fmt;

/// How far something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It waits for others before it.
    Waiting,
    /// It runs, and is not ready yet.
    Starting,
    /// It runs; if its readiness is known, it is ready.
    Running,
    /// It has ended, and is about to be started again.
    Pausing,
    /// It is being ended.
    Stopping,
    /// It does not run, and will not.
    Ended,
}

/// One process that init watches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// Its name in the role; `main` is the role's own command.
    pub name: String,
    /// How far it is.
    pub state: State,
    /// Its process id, if it runs.
    pub pid: Option<i32>,
    /// How often it was started again in the time that counts against it.
    pub restarts: usize,
    /// How often it was started.
    pub starts: u64,
    /// The exit code of its last end, unless that was made good by another start.
    pub code: Option<u8>,
}

/// All that init answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// The role that runs.
    pub role: String,
    /// How far it is as a whole.
    pub state: State,
    /// The process id of init.
    pub pid: i32,
    /// What it watches, in the order of their start.
    pub services: Vec<Service>,
}

impl State {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Starting => "starting",
            Self::Running => "running",
            Self::Pausing => "pausing",
            Self::Stopping => "stopping",
            Self::Ended => "ended",
        }
    }
}

impl Status {
    /// The same for programs; the names are as in the fields.
    pub fn to_json(&self) -> serde_json::Value {
        let services = self.services.iter().map(|service| {
            serde_json::json!({"name": service.name, "state": service.state.name(), "pid": service.pid,
                "restarts": service.restarts, "starts": service.starts, "code": service.code})
        });
        serde_json::json!({"role": self.role, "state": self.state.name(), "pid": self.pid,
            "services": services.collect::<Vec<_>>()})
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            role,
            state,
            pid,
            services,
        } = self;
        writeln!(f, "role {role}: {}; init is process {pid}", state.name())?;
        for service in services {
            let state = service.state.name();
            write!(f, "{state:8}  {}", service.name)?;
            if let Some(pid) = service.pid {
                write!(f, ", process {pid}")?;
            }
            if service.restarts > 0 {
                write!(f, ", restarts: {}", service.restarts)?;
            }
            if let Some(code) = service.code {
                write!(f, ", exit code {code}")?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}
