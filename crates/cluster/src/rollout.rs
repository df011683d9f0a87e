//! How far a workload is, from what the cluster says of it and its pods. Pure.

use std::collections::BTreeSet;

use k8s_openapi::api::apps::v1::{DaemonSet, Deployment, ReplicaSet, StatefulSet};
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{Event, Pod};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::manifest::Id;
use crate::pod::{has_ended, has_succeeded};
use crate::trouble::{Kind, Trouble, is_unready, of_pod, of_refused_pods, worst};

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

impl View {
    /// Whether only events may say what is in the way: fewer pods are there than are to be, or what runs in one is not ready.
    pub fn is_puzzling(&self) -> bool {
        let sets = self.replica_sets.iter().map(|one| {
            let wanted = one.spec.as_ref().and_then(|spec| spec.replicas);
            (&one.metadata, wanted.unwrap_or(1))
        });
        let stateful = self.stateful_sets.iter().map(|one| {
            let wanted = one.spec.as_ref().and_then(|spec| spec.replicas);
            (&one.metadata, wanted.unwrap_or(1))
        });
        let daemons = self.daemon_sets.iter().map(|one| {
            let wanted = one
                .status
                .as_ref()
                .map(|status| status.desired_number_scheduled);
            (&one.metadata, wanted.unwrap_or(1))
        });
        let jobs = self.jobs.iter().map(|one| {
            let status = one.status.as_ref();
            let is_over = status.is_some_and(|status| status.conditions.is_some());
            let wanted = one.spec.as_ref().and_then(|spec| spec.parallelism);
            (&one.metadata, if is_over { 0 } else { wanted.unwrap_or(1) })
        });
        let mut makers = sets.chain(stateful).chain(daemons).chain(jobs);
        let lacks = |(owner, wanted): (&ObjectMeta, i32)| {
            let of_it = self.pods.iter().filter(|pod| is_of(&pod.metadata, owner));
            // One that has ended well is enough for a job that was not told so yet.
            let there = of_it.filter(|pod| stays(pod) || has_succeeded(pod));
            i32::try_from(there.count()).unwrap_or(i32::MAX) < wanted
        };
        makers.any(lacks) || self.pods.iter().any(runs_unready)
    }

    /// The `metadata.uid` of all that events may be about.
    pub(crate) fn uids(&self) -> BTreeSet<&str> {
        let made = self.replica_sets.iter().map(|one| &one.metadata);
        let all = made
            .chain(self.stateful_sets.iter().map(|one| &one.metadata))
            .chain(self.daemon_sets.iter().map(|one| &one.metadata))
            .chain(self.jobs.iter().map(|one| &one.metadata))
            .chain(self.pods.iter().map(|one| &one.metadata));
        all.filter_map(|one| one.uid.as_deref()).collect()
    }
}

/// Whether it has not ended, and does not go.
fn stays(pod: &Pod) -> bool {
    !has_ended(pod) && pod.metadata.deletion_timestamp.is_none()
}

/// Whether a container of it runs, and is not ready.
fn runs_unready(pod: &Pod) -> bool {
    let statuses = pod.status.iter();
    let mut containers = statuses.flat_map(|status| status.container_statuses.iter().flatten());
    containers.any(is_unready)
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

/// How far `id` is. A view is of all that there is, so what it does not know was removed: nobody looks before it is made.
pub fn progress(view: &View, id: &Id) -> Progress {
    let progress = match id.kind.as_str() {
        "Deployment" => deployment(view, &id.name),
        "StatefulSet" => stateful_set(view, &id.name),
        "DaemonSet" => daemon_set(view, &id.name),
        "Job" => job(view, &id.name),
        // Nothing else takes its time.
        _ => Some(Progress::Done),
    };
    progress.unwrap_or_else(|| going(0, 1, missing(view, id)))
}

/// That it is not there, if that is so.
fn missing(view: &View, id: &Id) -> Option<Trouble> {
    let is_there = match id.kind.as_str() {
        "Deployment" => named(&view.deployments, &id.name, |one| &one.metadata).is_some(),
        "StatefulSet" => named(&view.stateful_sets, &id.name, |one| &one.metadata).is_some(),
        "DaemonSet" => named(&view.daemon_sets, &id.name, |one| &one.metadata).is_some(),
        _ => named(&view.jobs, &id.name, |one| &one.metadata).is_some(),
    };
    (!is_there).then(|| Trouble {
        kind: Kind::Gone,
        pod: None,
        container: None,
        message: "it is no longer there: somebody has removed it".to_owned(),
    })
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
    let revision = "deployment.kubernetes.io/revision";
    let current = view.replica_sets.iter().find(|set| {
        is_of(&set.metadata, &found.metadata)
            && annotation(&set.metadata, revision) == annotation(&found.metadata, revision)
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
    let of_pods = current.and_then(|set| in_pods(pods_of(view, &set.metadata), view));
    // Of being late the pods are the reason.
    let late = late.map(|late| match &of_pods {
        Some(pods) => Trouble {
            kind: late.kind,
            message: format!("{}: {}", late.message.trim_end(), pods.message),
            ..pods.clone()
        },
        None => late,
    });
    let trouble = worst([refused, of_pods, late].into_iter().flatten());
    Some(going(available.min(updated), wanted, trouble))
}

/// As `kubectl rollout status` decides, where all pods are replaced; those that are only replaced when somebody deletes
/// them (`OnDelete`), and those below the partition, need not be new.
fn stateful_set(view: &View, name: &str) -> Option<Progress> {
    let found = named(&view.stateful_sets, name, |one| &one.metadata)?;
    let spec = found.spec.as_ref()?;
    let wanted = spec.replicas.unwrap_or(1);
    let strategy = spec.update_strategy.as_ref();
    let kept = strategy.and_then(|strategy| strategy.rolling_update.as_ref()?.partition);
    let by_hand = by_hand(strategy.and_then(|strategy| strategy.type_.as_deref()));
    let new = if by_hand {
        0
    } else {
        (wanted - kept.unwrap_or(0)).max(0)
    };
    let status = found.status.as_ref()?;
    let updated = status.updated_replicas.unwrap_or(0);
    let ready = status.ready_replicas.unwrap_or(0);
    let seen = status.observed_generation >= found.metadata.generation;
    let same = status.current_revision == status.update_revision || updated >= new;
    if seen && same && ready >= wanted {
        return Some(Progress::Done);
    }
    let is_new = |pod: &&Pod| {
        let revision = status.update_revision.as_deref();
        by_hand || label(pod, "controller-revision-hash") == revision
    };
    let pods = pods_of(view, &found.metadata).filter(|pod| seen && is_new(pod));
    let trouble = in_pods(pods, view).or_else(|| in_events(view, &found.metadata));
    Some(going(ready, wanted, trouble))
}

fn daemon_set(view: &View, name: &str) -> Option<Progress> {
    let found = named(&view.daemon_sets, name, |one| &one.metadata)?;
    let strategy = found.spec.as_ref()?.update_strategy.as_ref();
    let by_hand = by_hand(strategy.and_then(|strategy| strategy.type_.as_deref()));
    let status = found.status.as_ref()?;
    let wanted = status.desired_number_scheduled;
    let updated = status.updated_number_scheduled.unwrap_or(0);
    let available = status.number_available.unwrap_or(0);
    let seen = status.observed_generation >= found.metadata.generation;
    if seen && (by_hand || updated >= wanted) && available >= wanted {
        return Some(Progress::Done);
    }
    // Its status does not name the new revision; the pods of it carry the number of the template.
    let number = annotation(&found.metadata, "deprecated.daemonset.template.generation");
    let is_new = |pod: &&Pod| by_hand || label(pod, "pod-template-generation") == number;
    let pods = pods_of(view, &found.metadata).filter(|pod| seen && is_new(pod));
    let trouble = in_pods(pods, view).or_else(|| in_events(view, &found.metadata));
    Some(going(available, wanted, trouble))
}

/// Whether pods are only replaced when somebody deletes them.
fn by_hand(strategy: Option<&str>) -> bool {
    strategy == Some("OnDelete")
}

fn label<'a>(pod: &'a Pod, key: &str) -> Option<&'a str> {
    pod.metadata.labels.as_ref()?.get(key).map(String::as_str)
}

fn annotation<'a>(metadata: &'a ObjectMeta, key: &str) -> Option<&'a str> {
    metadata.annotations.as_ref()?.get(key).map(String::as_str)
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
        || {
            in_pods(pods_of(view, &found.metadata), view)
                .or_else(|| in_events(view, &found.metadata))
        },
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

fn in_pods<'a>(pods: impl Iterator<Item = &'a Pod>, view: &View) -> Option<Trouble> {
    // The one that heals least is the reason for the others, or as good as any.
    worst(pods.filter_map(|pod| of_pod(pod, &view.events)))
}

/// Those that make pods themselves say by an event that they may not.
fn in_events(view: &View, owner: &ObjectMeta) -> Option<Trouble> {
    let refused = view.events.iter().rev().find(|event| {
        event.reason.as_deref() == Some("FailedCreate") && event.involved_object.uid == owner.uid
    })?;
    let message = refused.message.as_deref().unwrap_or_default();
    Some(of_refused_pods(message))
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
