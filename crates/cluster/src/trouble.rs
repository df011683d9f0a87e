//! Why a pod does not get ready, as its cluster tells. Pure.

use k8s_openapi::api::core::v1::{ContainerStatus, Event, Pod};
use serde::Serialize;

/// What is in the way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Trouble {
    /// Which sort.
    pub kind: Kind,
    /// The pod, if it is one pod's.
    pub pod: Option<String>,
    /// The container, if it is one container's.
    pub container: Option<String>,
    /// The cluster's words.
    pub message: String,
}

/// Sorts of trouble.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// No node has room, or none may take it.
    Scheduling,
    /// The namespace's quota is used up.
    Quota,
    /// Admission refuses the pod: a policy, Pod Security, a webhook.
    Admission,
    /// The image cannot be pulled.
    ImagePull,
    /// What the container refers to is not there, or it cannot be made.
    Configuration,
    /// It ends as soon as it is started.
    CrashLoop,
    /// It used more memory than it may.
    OutOfMemory,
    /// It runs, and its probe says no.
    Probe,
    /// A job has failed as often as it may.
    JobFailed,
    /// The cluster's own limit of time is over.
    Deadline,
    /// It was removed while it was waited for.
    Gone,
}

/// Whether waiting helps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Heals {
    /// No.
    Never,
    /// It may, in moments: somebody else's change that is under way, or what the cluster has not looked at again.
    Soon,
    /// It may, and takes what it takes: a node that is being started, an application that warms up.
    Perhaps,
}

/// What the node says of a container that waits because it has ended again and again.
const BACK_OFF: &str = "CrashLoopBackOff";
/// Starts of one container after which it will not get well by itself.
const ENOUGH_RESTARTS: i32 = 3;

impl Trouble {
    /// Whether waiting helps.
    pub fn heals(&self) -> Heals {
        match self.kind {
            Kind::CrashLoop | Kind::OutOfMemory | Kind::JobFailed => Heals::Never,
            Kind::Quota
            | Kind::Admission
            | Kind::ImagePull
            | Kind::Configuration
            | Kind::Deadline
            // A server that is behind may not know it yet.
            | Kind::Gone => Heals::Soon,
            Kind::Scheduling | Kind::Probe => Heals::Perhaps,
        }
    }

    /// Whether its container waits longer for each start, as one that ends again and again does. One that was started again and runs does
    /// not, whatever it went through before.
    pub fn is_backed_off(&self, pods: &[Pod]) -> bool {
        let of_this = |pod: &&Pod| self.pod.is_some() && pod.metadata.name == self.pod;
        let statuses = pods
            .iter()
            .filter(of_this)
            .filter_map(|pod| pod.status.as_ref());
        let mut containers = statuses.flat_map(|status| {
            let first = status.init_container_statuses.iter().flatten();
            first.chain(status.container_statuses.iter().flatten())
        });
        containers.any(|container| {
            let state = container.state.as_ref();
            let waiting = state.and_then(|state| state.waiting.as_ref());
            let reason = waiting.and_then(|waiting| waiting.reason.as_deref());
            Some(&container.name) == self.container.as_ref() && reason == Some(BACK_OFF)
        })
    }

    /// Whether the container has a log that tells more.
    pub fn has_log(&self) -> bool {
        matches!(
            self.kind,
            Kind::CrashLoop | Kind::OutOfMemory | Kind::Probe | Kind::JobFailed | Kind::Deadline
        )
    }

    /// What a person can do about it.
    pub fn help(&self) -> &'static str {
        match self.kind {
            Kind::Scheduling => {
                "give the cluster room, or ask for less: the role's requests of cpu and memory"
            }
            Kind::Quota => {
                "raise the namespace's quota, or ask for less: replicas and resources of the roles"
            }
            Kind::Admission => "\"boatyard check\" names what a policy wants of a manifest",
            Kind::ImagePull => {
                "is the image pushed (--push), and may the cluster pull it (imagePullSecrets of the service account)?"
            }
            Kind::Configuration => {
                "make the secret or the configuration that the container refers to, in this namespace"
            }
            Kind::CrashLoop | Kind::JobFailed => "the last lines of its log say why",
            Kind::OutOfMemory => "raise the role's memory limit, or let it use less",
            Kind::Probe => {
                "does the role listen on its port, and does its \"ready\" address answer there?"
            }
            Kind::Deadline => "what the pods say is the reason; a longer --timeout does not help",
            Kind::Gone => "begin anew, once nobody removes it any more",
        }
    }
}

/// Why `pod` is not ready; none: it is, or all is going its way. `events` are those about pods, oldest first.
pub fn of_pod(pod: &Pod, events: &[Event]) -> Option<Trouble> {
    let status = pod.status.as_ref()?;
    let name = pod.metadata.name.clone();
    let trouble = |kind, container: Option<&str>, message: String| Trouble {
        kind,
        pod: name.clone(),
        container: container.map(str::to_owned),
        message,
    };
    let conditions = || status.conditions.iter().flatten();
    let unplaced = conditions().find(|one| one.type_ == "PodScheduled" && one.status == "False");
    if let Some(condition) = unplaced {
        let message = condition.message.clone().unwrap_or_default();
        return Some(trouble(Kind::Scheduling, None, message));
    }
    let first = status.init_container_statuses.iter().flatten();
    let containers = first.chain(status.container_statuses.iter().flatten());
    let found = containers.filter_map(|container| {
        let (kind, message) = of_container(container)?;
        Some(trouble(kind, Some(&container.name), message))
    });
    if let Some(worst) = worst(found) {
        return Some(worst);
    }
    let mut containers = status.container_statuses.iter().flatten();
    let waiting = containers.find(|container| is_unready(container))?;
    let uid = pod.metadata.uid.as_deref();
    let unhealthy = events.iter().rev().find(|event| {
        event.reason.as_deref() == Some("Unhealthy") && event.involved_object.uid.as_deref() == uid
    })?;
    let message = unhealthy.message.clone().unwrap_or_default();
    Some(trouble(Kind::Probe, Some(&waiting.name), message))
}

/// Whether it runs, and is not ready.
pub(crate) fn is_unready(container: &ContainerStatus) -> bool {
    let state = container.state.as_ref();
    !container.ready && state.is_some_and(|state| state.running.is_some())
}

/// The one that heals least; of several the first.
pub fn worst(all: impl Iterator<Item = Trouble>) -> Option<Trouble> {
    all.min_by_key(Trouble::heals)
}

fn of_container(container: &ContainerStatus) -> Option<(Kind, String)> {
    // What it went through before it got ready is over.
    if container.ready {
        return None;
    }
    let ended = |state: Option<&k8s_openapi::api::core::v1::ContainerState>| {
        state.and_then(|state| state.terminated.clone())
    };
    let last = ended(container.last_state.as_ref()).or_else(|| ended(container.state.as_ref()));
    let waiting = container
        .state
        .as_ref()
        .and_then(|state| state.waiting.as_ref());
    let reason = waiting
        .and_then(|waiting| waiting.reason.as_deref())
        .unwrap_or_default();
    let message = || {
        waiting
            .and_then(|waiting| waiting.message.clone())
            .unwrap_or_default()
    };
    match reason {
        "ErrImagePull"
        | "ImagePullBackOff"
        | "InvalidImageName"
        | "ErrImageNeverPull"
        | "ImageInspectError"
        | "RegistryUnavailable" => {
            let words = message();
            let image = &container.image;
            let message = if words.contains(image.as_str()) {
                words
            } else {
                format!("{image}: {words}")
            };
            return Some((Kind::ImagePull, message));
        }
        "CreateContainerConfigError" | "CreateContainerError" | "RunContainerError" => {
            return Some((Kind::Configuration, message()));
        }
        _ => {}
    }
    let last = last?;
    if last.exit_code == 0 && reason != BACK_OFF {
        return None;
    }
    if last.reason.as_deref() == Some("OOMKilled") {
        let message = "the kernel ended it: it used more memory than its limit".to_owned();
        return Some((Kind::OutOfMemory, message));
    }
    (container.restart_count >= ENOUGH_RESTARTS).then(|| {
        let times = container.restart_count + 1;
        (
            Kind::CrashLoop,
            format!(
                "it was started {times} times and ended each time, last with exit code {}",
                last.exit_code
            ),
        )
    })
}

/// What the controllers say when they cannot make pods at all.
pub fn of_refused_pods(message: &str) -> Trouble {
    let kind = if message.contains("exceeded quota") || message.contains("failed quota") {
        Kind::Quota
    } else {
        Kind::Admission
    };
    Trouble {
        kind,
        pod: None,
        container: None,
        message: message.to_owned(),
    }
}
