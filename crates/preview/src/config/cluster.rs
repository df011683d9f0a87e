//! Environments on Kubernetes.

use crate::id::Id;

/// Where environments are that are on a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cluster {
    /// The context of the cluster's configuration; none: its current one, inside a pod the cluster that it is in.
    pub context: Option<String>,
    /// Where images are pushed, and pulled from: a registry and a folder.
    pub registry: String,
    /// What names of namespaces begin with. It tells this server's from another one's on the same cluster.
    pub prefix: String,
    /// How environments are reached.
    pub reach: Way,
    /// What one environment may use.
    pub quota: Quota,
    /// By which lease one of several servers leads.
    pub lease: Lease,
}

/// By which lease one of several servers leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// The namespace that it is in; none: that of the context, inside a pod that of the pod.
    pub namespace: Option<String>,
    /// For how many seconds it holds without being renewed: so long nobody leads after who led was killed.
    pub seconds: u16,
}

impl Default for Lease {
    fn default() -> Self {
        Self {
            namespace: None,
            seconds: 15,
        }
    }
}

/// How an environment is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// By a port on this machine that leads to it by way of the API server.
    Forward,
    /// By the address of its Service: from inside of the cluster.
    Service,
}

/// What one environment may use: quantities of Kubernetes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quota {
    /// Processors that are kept for it.
    pub cpu: String,
    /// Memory.
    pub memory: String,
    /// Room on disks.
    pub storage: String,
    /// Pods at once.
    pub pods: u32,
}

impl Default for Quota {
    fn default() -> Self {
        Self {
            cpu: "4".to_owned(),
            memory: "8Gi".to_owned(),
            storage: "20Gi".to_owned(),
            pods: 20,
        }
    }
}

impl Cluster {
    /// The namespace of an environment.
    pub fn namespace(&self, id: &Id) -> String {
        format!("{}-{id}", self.prefix)
    }

    /// The lease by which one of several servers leads. Others are those of deploys, `boatyard-PROJECT`: none has a dot.
    pub fn leads(&self) -> String {
        format!("{}.serve", self.prefix)
    }
}
