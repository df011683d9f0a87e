//! How far a workload is, from what the cluster says of it and its pods. Pure.

use k8s_openapi::api::apps::v1::{DaemonSet, Deployment, ReplicaSet, StatefulSet};
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{Event, Pod};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::manifest::Id;
use crate::trouble::{Kind, Trouble, of_pod, of_refused_pods};

/// What the cluster said last of a namespace.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// Deployments.
    pub deployments: Vec<Deployment>,
    /// Stateful sets.
    pub stateful_sets: Vec<StatefulSet>,
    /// Daemon sets.
    pub daemon_sets: Vec<DaemonSet>,
    /// Replica sets, of deployments.
    pub replica_sets: Vec<ReplicaSet>,
    /// Jobs.
    pub jobs: Vec<Job>,
    /// Pods.
    pub pods: Vec<Pod>,
    /// Warnings about pods and what makes them, oldest first.
    pub events: Vec<Event>,
}

/// How far it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// All of it is new and ready, or has ended well.
    Done,
    /// Not yet.
    Going {
        /// How far, for people: `1 of 3 ready`.
        how_far: String,
        /// What is in the way, if something is.
        trouble: Option<Trouble>,
    },
}

/// Whether the kind is one that is waited for.
pub fn is_workload(kind: &str) -> bool {
    matches!(kind, "Deployment" | "StatefulSet" | "DaemonSet" | "Job")
}

/// How far `id` is. What the view does not know yet has not begun.
pub fn progress(view: &View, id: &Id) -> Progress {
    let progress = match id.kind.as_str() {
        "Deployment" => deployment(view, &id.name),
        "StatefulSet" => stateful_set(view, &id.name),
        "DaemonSet" => daemon_set(view, &id.name),
        "Job" => job(view, &id.name),
        // Nothing else takes its time.
        _ => Some(Progress::Done),
    };
    progress.unwrap_or_else(|| going(0, 1, None))
}

fn going(ready: i32, wanted: i32, trouble: Option<Trouble>) -> Progress {
    Progress::Going {
        how_far: format!("{ready} of {wanted} ready"),
        trouble,
    }
}

/// As `kubectl rollout status` decides.
fn deployment(view: &View, name: &str) -> Option<Progress> {
    let found = named(&view.deployments, name, |one| &one.metadata)?;
    let wanted = found.spec.as_ref()?.replicas.unwrap_or(1);
    let status = found.status.clone().unwrap_or_default();
    let updated = status.updated_replicas.unwrap_or(0);
    let available = status.available_replicas.unwrap_or(0);
    let seen = status.observed_generation >= found.metadata.generation;
    if seen && updated >= wanted && status.replicas.unwrap_or(0) <= updated && available >= updated
    {
        return Some(Progress::Done);
    }
    if !seen {
        return Some(going(0, wanted, None));
    }
    let revision = |metadata: &ObjectMeta| {
        let annotations = metadata.annotations.as_ref()?;
        annotations
            .get("deployment.kubernetes.io/revision")
            .cloned()
    };
    let current = view.replica_sets.iter().find(|set| {
        is_of(&set.metadata, &found.metadata)
            && revision(&set.metadata) == revision(&found.metadata)
    });
    let conditions = || status.conditions.iter().flatten();
    let refused = conditions()
        .find(|one| one.type_ == "ReplicaFailure" && one.status == "True")
        .map(|one| of_refused_pods(one.message.as_deref().unwrap_or_default()));
    let late = conditions()
        .find(|one| one.type_ == "Progressing" && one.status == "False")
        .map(|one| Trouble {
            kind: Kind::Deadline,
            pod: None,
            container: None,
            message: one.message.clone().unwrap_or_default(),
        });
    let trouble = refused
        .or_else(|| in_pods(view, &current?.metadata))
        .or(late);
    Some(going(available.min(updated), wanted, trouble))
}

fn stateful_set(view: &View, name: &str) -> Option<Progress> {
    let found = named(&view.stateful_sets, name, |one| &one.metadata)?;
    let wanted = found.spec.as_ref()?.replicas.unwrap_or(1);
    let status = found.status.as_ref()?;
    let updated = status.updated_replicas.unwrap_or(0);
    let ready = status.ready_replicas.unwrap_or(0);
    let seen = status.observed_generation >= found.metadata.generation;
    let same = status.current_revision == status.update_revision || updated >= wanted;
    if seen && same && ready >= wanted {
        return Some(Progress::Done);
    }
    Some(going(
        ready,
        wanted,
        in_pods_or_events(view, &found.metadata),
    ))
}

fn daemon_set(view: &View, name: &str) -> Option<Progress> {
    let found = named(&view.daemon_sets, name, |one| &one.metadata)?;
    let status = found.status.as_ref()?;
    let wanted = status.desired_number_scheduled;
    let updated = status.updated_number_scheduled.unwrap_or(0);
    let available = status.number_available.unwrap_or(0);
    let seen = status.observed_generation >= found.metadata.generation;
    if seen && updated >= wanted && available >= wanted {
        return Some(Progress::Done);
    }
    Some(going(
        available,
        wanted,
        in_pods_or_events(view, &found.metadata),
    ))
}

fn job(view: &View, name: &str) -> Option<Progress> {
    let found = named(&view.jobs, name, |one| &one.metadata)?;
    let status = found.status.clone().unwrap_or_default();
    let holds = |name: &str| {
        let mut conditions = status.conditions.iter().flatten();
        conditions.find(|one| one.type_ == name && one.status == "True")
    };
    if holds("Complete").is_some() {
        return Some(Progress::Done);
    }
    let failed = holds("Failed").or_else(|| holds("FailureTarget"));
    let trouble = failed.map_or_else(
        || in_pods_or_events(view, &found.metadata),
        |condition| {
            let last = pods_of(view, &found.metadata).last();
            let code = last.and_then(exit_code);
            let message = condition.message.clone().unwrap_or_default();
            Some(Trouble {
                kind: Kind::JobFailed,
                pod: last.and_then(|pod| pod.metadata.name.clone()),
                container: None,
                message: match code {
                    Some(code) => format!("it ended with exit code {code}: {message}"),
                    None => message,
                },
            })
        },
    );
    let how_far = if status.active.unwrap_or(0) > 0 {
        "it runs"
    } else {
        "it has not begun"
    };
    Some(Progress::Going {
        how_far: how_far.to_owned(),
        trouble,
    })
}

fn exit_code(pod: &Pod) -> Option<i32> {
    let containers = pod.status.as_ref()?.container_statuses.iter().flatten();
    containers
        .filter_map(|container| container.state.as_ref()?.terminated.as_ref())
        .map(|ended| ended.exit_code)
        .find(|&code| code != 0)
}

fn in_pods(view: &View, owner: &ObjectMeta) -> Option<Trouble> {
    let mut found: Vec<Trouble> = pods_of(view, owner)
        .filter_map(|pod| of_pod(pod, &view.events))
        .collect();
    // The one that heals least is the reason for the others, or as good as any.
    found.sort_by_key(|trouble| std::cmp::Reverse(trouble.kind));
    found.into_iter().next()
}

/// Those that make pods themselves say by an event that they may not.
fn in_pods_or_events(view: &View, owner: &ObjectMeta) -> Option<Trouble> {
    in_pods(view, owner).or_else(|| {
        let refused = view.events.iter().rev().find(|event| {
            event.reason.as_deref() == Some("FailedCreate")
                && event.involved_object.uid == owner.uid
        })?;
        Some(of_refused_pods(
            refused.message.as_deref().unwrap_or_default(),
        ))
    })
}

/// Pods that `owner` made and that are to stay, oldest first.
fn pods_of<'a>(view: &'a View, owner: &ObjectMeta) -> impl DoubleEndedIterator<Item = &'a Pod> {
    let mut pods: Vec<&Pod> = view
        .pods
        .iter()
        .filter(|pod| pod.metadata.deletion_timestamp.is_none() && is_of(&pod.metadata, owner))
        .collect();
    pods.sort_by_key(|pod| pod.metadata.creation_timestamp.clone());
    pods.into_iter()
}

fn is_of(made: &ObjectMeta, owner: &ObjectMeta) -> bool {
    let mut owners = made.owner_references.iter().flatten();
    owners.any(|reference| Some(&reference.uid) == owner.uid.as_ref())
}

fn named<'a, K>(all: &'a [K], name: &str, metadata: impl Fn(&K) -> &ObjectMeta) -> Option<&'a K> {
    all.iter()
        .find(|one| metadata(one).name.as_deref() == Some(name))
}
