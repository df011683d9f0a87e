//! What `up` will run, as data.

use std::collections::BTreeMap;

use boatyard_init::contract::Stop;
use serde::{Deserialize, Serialize};

use crate::reference::Reference;

/// What `up` will run. All processes share one network namespace, as the containers of a pod do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunPlan {
    /// Name of the project.
    pub project: String,
    /// Processes in an order in which each comes after all that it waits for.
    pub processes: Vec<Process>,
    /// Names that resolve to 127.0.0.1 in every container (backing services and roles).
    pub hosts: Vec<String>,
}

/// One container of the project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    /// Its name: role, job or backing service. Unique.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// The image it runs.
    pub image: Reference,
    /// Arguments of the image's entry point, e.g. `start web`.
    pub args: Vec<String>,
    /// Environment beside the image's own.
    pub env: BTreeMap<String, String>,
    /// Port it listens on.
    pub port: Option<u16>,
    /// Whether the port is opened on this machine (roles with a port are, backing services are not).
    pub publish: bool,
    /// How to find out that it is ready; none: once it runs.
    pub ready: Option<Probe>,
    /// How to stop it.
    pub stop: Stop,
    /// Processes that must be ready (or, for jobs, have succeeded) before it starts.
    pub after: Vec<String>,
    /// Volumes: name in the project -> absolute path in the container.
    pub volumes: BTreeMap<String, String>,
    /// How often it is tried again if it fails, of jobs.
    #[serde(default, skip_serializing_if = "is_none")]
    pub retries: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_none(retries: &u32) -> bool {
    *retries == 0
}

/// What a process of a project is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Long-running, of the application.
    Role,
    /// Long-running, beside the application.
    Backing,
    /// Runs to its end.
    Job,
}

/// How to find out that a process is ready.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Probe {
    /// GET answers with a status below 400.
    Http {
        /// Port.
        port: u16,
        /// Path with its slash.
        path: String,
    },
    /// Something accepts connections.
    Tcp {
        /// Port.
        port: u16,
    },
    /// A command in the container succeeds.
    Exec {
        /// Line for `sh -c`.
        line: String,
    },
}
