//! What runs, and how far it is.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How far something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Service {
    /// Its name in the role; `main` is the role's own command.
    pub name: String,
    /// How far it is.
    pub state: State,
    /// Its process id, if it runs.
    pub pid: Option<i32>,
    /// How often it was started again in the time that counts against it.
    pub restarts: usize,
}

/// All that init answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Waiting => "waiting",
            Self::Starting => "starting",
            Self::Running => "running",
            Self::Pausing => "pausing",
            Self::Stopping => "stopping",
            Self::Ended => "ended",
        })
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
        writeln!(f, "role {role}: {state}; init is process {pid}")?;
        let names = services.iter().map(|service| service.name.chars().count());
        let width = names.max().unwrap_or(0).max("service".len());
        writeln!(
            f,
            "{:width$}  {:8}  {:>7}  restarts",
            "service", "state", "process"
        )?;
        for Service {
            name,
            state,
            pid,
            restarts,
        } in services
        {
            let pid = pid.map_or("-".to_owned(), |pid| pid.to_string());
            writeln!(f, "{name:width$}  {state:8}  {pid:>7}  {restarts}")?;
        }
        Ok(())
    }
}
