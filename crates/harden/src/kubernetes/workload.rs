//! Objects that run pods.

use std::collections::BTreeMap;

use super::container::Container;
use super::object::{Object, labels, objects};
use crate::workspace::Workspace;
use crate::yaml::Node;

/// An object that runs pods.
#[derive(Clone, Debug)]
pub struct Workload<'w> {
    /// The object.
    pub object: Object<'w>,
    /// What pods are made from: `metadata` and `spec`.
    pub template: Node,
    /// The pod's `spec`.
    pub pod: Node,
    /// The pod's labels.
    pub labels: BTreeMap<String, String>,
    /// Its containers, those for its start first.
    pub containers: Vec<Container>,
}

/// All workloads of the workspace that are whole: a patch that says only what it changes is none.
pub fn workloads(workspace: &Workspace) -> Vec<Workload<'_>> {
    objects(workspace)
        .into_iter()
        .filter_map(Workload::of)
        .collect()
}

impl<'w> Workload<'w> {
    fn of(object: Object<'w>) -> Option<Self> {
        let path: &[&str] = match object.kind.as_str() {
            "Pod" => &[],
            "Deployment"
            | "StatefulSet"
            | "DaemonSet"
            | "ReplicaSet"
            | "ReplicationController"
            | "Job" => &["spec", "template"],
            "CronJob" => &["spec", "jobTemplate", "spec", "template"],
            _ => return None,
        };
        let template = object.root.at(path)?;
        let pod = template.get("spec")?;
        let needs_selector = matches!(
            object.kind.as_str(),
            "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet"
        );
        if needs_selector && object.root.at(&["spec", "selector"]).is_none() {
            return None;
        }
        let of = |key: &str, init: bool| {
            pod.list(key)
                .into_iter()
                .map(move |node| Container { node, init })
                .collect::<Vec<_>>()
        };
        let mut containers = of("initContainers", true);
        containers.extend(of("containers", false));
        if !containers
            .iter()
            .any(|container| container.image().is_some())
        {
            return None;
        }
        Some(Self {
            labels: labels(template.at(&["metadata", "labels"]).as_ref()),
            object,
            template,
            pod,
            containers,
        })
    }

    /// The path of its file.
    pub fn file(&self) -> &'w str {
        &self.object.document.path
    }

    /// The text of its file.
    pub fn text(&self) -> &'w str {
        &self.object.document.text
    }

    /// Whether it is for Windows, where most of this has no meaning.
    pub fn is_windows(&self) -> bool {
        self.pod
            .at(&["os", "name"])
            .is_some_and(|node| node.text() == Some("windows"))
            || self
                .pod
                .at(&["nodeSelector", "kubernetes.io/os"])
                .is_some_and(|node| node.text() == Some("windows"))
    }

    /// Whether it ends by itself.
    pub fn ends(&self) -> bool {
        matches!(self.object.kind.as_str(), "Job" | "CronJob")
    }

    /// How many pods it runs; 1 if it does not say, `None` if another object decides.
    pub fn replicas(&self) -> Option<i64> {
        match self.object.root.at(&["spec", "replicas"]) {
            Some(node) => node.number(),
            None => Some(1),
        }
    }

    /// Whether `container` may not run as root: it says so, or has another user.
    pub fn is_non_root(&self, container: &Container) -> bool {
        let own = container.node.get("securityContext");
        let pod = self.pod.get("securityContext");
        let said = |key: &str| {
            own.as_ref()
                .and_then(|node| node.get(key))
                .or_else(|| pod.as_ref().and_then(|node| node.get(key)))
        };
        said("runAsNonRoot").and_then(|node| node.truth()) == Some(true)
            || said("runAsUser")
                .and_then(|node| node.number())
                .is_some_and(|user| user > 0)
    }

    /// `terminationGracePeriodSeconds`, which is 30 where it is not said.
    pub fn grace(&self) -> i64 {
        self.grace_said()
            .and_then(|node| node.number())
            .unwrap_or(30)
    }

    /// Where the grace period of `container` is told of: where it is said, else the container itself.
    pub fn grace_place(&self, container: &Container) -> std::ops::Range<usize> {
        self.grace_said()
            .map_or_else(|| container.place(), |node| node.span)
    }

    fn grace_said(&self) -> Option<Node> {
        self.pod.get("terminationGracePeriodSeconds")
    }
}
