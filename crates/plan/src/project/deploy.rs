//! What a project says about clusters.

use std::collections::BTreeMap;

use boatyard_init::contract::Command;
use serde::{Deserialize, Serialize};

/// `[deploy]`: where the project runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Deploy {
    /// The namespace.
    pub namespace: Option<String>,
    /// The host name of the role that is reached from outside: `web`, else the first one with a port.
    pub host: Option<String>,
    /// The class of the Ingress; none: the cluster's default.
    pub ingress_class: Option<String>,
    /// The namespace of the ingress controller or gateway, which alone may reach roles with a host; none: any.
    pub ingress_namespace: Option<String>,
    /// `NAME` or `NAMESPACE/NAME` of the Gateway that routes in place of an Ingress.
    pub gateway: Option<String>,
    /// The Secret with the certificate; none: named after the role.
    pub tls_secret: Option<String>,
    /// The Secret that images are pulled with.
    pub pull_secret: Option<String>,
    /// Secrets whose keys are variables of every process.
    pub secrets: Vec<String>,
    /// Variables of every process.
    pub env: BTreeMap<String, String>,
    /// Ports outside of the project that processes may connect to.
    pub egress: Vec<u16>,
    /// What outlives pods, in the order of the file.
    pub volumes: Vec<Volume>,
}

/// A folder that outlives pods.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Volume {
    /// Its name.
    pub name: String,
    /// Where it is in the container: absolute.
    pub path: String,
    /// The roles, jobs and schedules that have it.
    pub of: Vec<String>,
    /// How large it is, as a quantity of Kubernetes.
    pub size: String,
    /// Its storage class; none: the cluster's default.
    pub class: Option<String>,
    /// Whether pods on several machines have it at once.
    pub shared: bool,
}

/// How a role is run on a cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Placement {
    /// How many of it run; none: the renderer decides.
    pub replicas: Option<u32>,
    /// Whether two of it must never run at once.
    pub singleton: bool,
    /// What it needs.
    pub resources: Resources,
    /// The host name under which it is reached from outside.
    pub host: Option<String>,
    /// Folders that it writes to beside `/tmp`: absolute. What is there is gone with the pod.
    pub writable: Vec<String>,
    /// What it may ask the API server for; none: it has no token.
    pub rights: Vec<Right>,
}

/// Something that a role may ask the API server for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Right {
    /// Whether in all namespaces, and for what is in none; else in its own.
    pub everywhere: bool,
    /// The groups of the kinds; `""` is that of pods.
    pub groups: Vec<String>,
    /// The kinds, in plural and lower case.
    pub resources: Vec<String>,
    /// What may be done.
    pub verbs: Vec<String>,
    /// The only objects that are meant; none: all.
    pub names: Vec<String>,
}

impl Placement {
    /// Whether nothing is said.
    pub fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}

/// What a process needs, in quantities of Kubernetes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Resources {
    /// Processors that are kept for it.
    pub cpu: Option<String>,
    /// Memory that is kept for it.
    pub memory: Option<String>,
    /// Processors that it may use at most; none: as many as are free.
    pub cpu_limit: Option<String>,
    /// Memory that it may use at most; none: `memory`.
    pub memory_limit: Option<String>,
}

impl Resources {
    /// Whether nothing is said.
    pub fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}

/// Whether a command starts something that does its work twice if two of it run: Celery's beat.
pub(crate) fn runs_once(command: &Command) -> bool {
    let words: Vec<&str> = match command {
        Command::Line(line) => line.split_ascii_whitespace().collect(),
        Command::Words(words) => words.iter().map(String::as_str).collect(),
    };
    let program = |word: &&str| word.rsplit('/').next() == Some("celery");
    words.iter().any(program) && words.contains(&"beat")
}
