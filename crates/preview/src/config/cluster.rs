//! Environments on Kubernetes.

use std::collections::BTreeMap;

use super::{Builds, Naming};
use crate::id::Id;

/// Where environments are that are on a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cluster {
    /// The context of the cluster's configuration; none: its current one, inside a pod the cluster that it is in.
    pub context: Option<String>,
    /// Where images are pushed, and pulled from: a registry and a folder; empty if all are made elsewhere.
    pub registry: String,
    /// What names of namespaces begin with. It tells this server's from another one's on the same cluster.
    pub prefix: String,
    /// How environments are reached.
    pub reach: Way,
    /// What one environment may use.
    pub quota: Quota,
    /// By which lease one of several servers leads.
    pub lease: Lease,
    /// How each environment gets a host of its own; none: one wildcard host leads to this server.
    pub hosts: Option<Hosts>,
    /// The pods in which images are built; none: they are built on the server's machine.
    pub builder: Option<Builder>,
    /// How images are called that somebody else makes; none: this server builds them.
    pub images: Option<Naming>,
    /// Whether images that were pushed for environments stay in the registry once those are gone.
    pub keeps_images: bool,
    /// The kubefiles of this server; none: only repositories may have some.
    pub builds: Option<Builds>,
}

/// Pods in which images are built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Builder {
    /// The namespace that they are in, which is there.
    pub namespace: String,
    /// The image that they run; none: that of the pod that the server is in.
    pub image: Option<String>,
    /// Whether they may make mounts and namespaces, which builds of strangers take.
    pub mounts: bool,
    /// How large the volume is that their store is on; none: it goes with the pod.
    pub storage: Option<String>,
    /// Processors that are kept for one.
    pub cpu: String,
    /// The memory of one.
    pub memory: String,
}

/// A way from outside to this server for the host of each environment, where there is none for all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hosts {
    /// The Service of this server, in the namespace of the context, inside a pod that of the pod.
    pub service: String,
    /// The port of that Service; none: the one that the server listens on.
    pub port: Option<u16>,
    /// The class of the Ingress; none: the cluster's.
    pub class: Option<String>,
    /// `NAME` or `NAMESPACE/NAME` of a Gateway that routes in place of an Ingress.
    pub gateway: Option<String>,
    /// The Secret with the certificate, with `{name}` for the label of the host; none: the controller has one.
    pub secret: Option<String>,
    /// Annotations of each, for who makes certificates and names.
    pub annotations: BTreeMap<String, String>,
}

impl Hosts {
    /// The Secret with the certificate of the host with that label.
    pub fn secret(&self, label: &str) -> Option<String> {
        Some(self.secret.as_ref()?.replace("{name}", label))
    }
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
