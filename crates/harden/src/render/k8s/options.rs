//! What a project does not say about a cluster.

use std::collections::BTreeMap;

use boatyard_plan::digest::Digest;

/// What a project does not say about a cluster, or what is said over it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// The tag of the project's images.
    pub tag: String,
    /// Digests of images, by service: those are named by digest.
    pub digests: BTreeMap<String, Digest>,
    /// Images that are called otherwise, by service: their names without tag and digest.
    pub places: BTreeMap<String, String>,
    /// The namespace of all objects; none: the project's, or that of whoever applies them.
    pub namespace: Option<String>,
    /// The host name of the role that is reached from outside; none: the project's.
    pub host: Option<String>,
    /// `NAME` or `NAMESPACE/NAME` of the Gateway that routes in place of an Ingress; none: the project's.
    pub gateway: Option<String>,
    /// What the cluster is.
    pub platform: Platform,
    /// What is written.
    pub form: Form,
}

/// What a cluster is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Platform {
    /// Any Kubernetes.
    #[default]
    Kubernetes,
    /// `OpenShift`: it chooses the users of pods, and has routes.
    Openshift,
}

/// What is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// Manifests to apply as they are.
    #[default]
    Plain,
    /// A base, and a kustomization on top of it that names the images.
    Kustomize,
    /// A chart with values for images, replicas, hosts and resources.
    Helm,
}
