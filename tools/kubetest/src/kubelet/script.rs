//! What pods are to do.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use k8s_openapi::api::core::v1::Pod;

/// What the containers of a pod do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Behaviour {
    /// They run, and are ready at once.
    Ready {
        /// What they print.
        log: String,
    },
    /// They run and never get ready: the probe says `probe`.
    Unready {
        /// The probe's answer.
        probe: String,
        /// What they print.
        log: String,
    },
    /// They end, and are not started again.
    Exits {
        /// Their exit code.
        code: i32,
        /// What they print before.
        log: String,
    },
    /// They end as often as they are started.
    CrashLoops {
        /// Their exit code.
        code: i32,
        /// What they print before.
        log: String,
    },
    /// Nothing happens until a later word says what does.
    Waits,
    /// Their image cannot be pulled.
    NoImage {
        /// What the registry says.
        message: String,
    },
}

impl Behaviour {
    /// [`Self::Exits`]
    pub fn exits(code: i32, log: &str) -> Self {
        let log = log.to_owned();
        Self::Exits { code, log }
    }

    /// [`Self::CrashLoops`]
    pub fn crash_loops(code: i32, log: &str) -> Self {
        let log = log.to_owned();
        Self::CrashLoops { code, log }
    }

    /// [`Self::Unready`]
    pub fn unready(probe: &str, log: &str) -> Self {
        let (probe, log) = (probe.to_owned(), log.to_owned());
        Self::Unready { probe, log }
    }

    /// [`Self::NoImage`]
    pub fn no_image(message: &str) -> Self {
        let message = message.to_owned();
        Self::NoImage { message }
    }

    /// What the containers print.
    pub fn log(&self) -> &str {
        match self {
            Self::Ready { log }
            | Self::Unready { log, .. }
            | Self::Exits { log, .. }
            | Self::CrashLoops { log, .. } => log,
            Self::NoImage { .. } | Self::Waits => "",
        }
    }

    /// What a pod does that no script names: what is to end ends well, the rest is ready.
    fn of_itself(pod: &Pod) -> Self {
        let policy = pod
            .spec
            .as_ref()
            .and_then(|spec| spec.restart_policy.as_deref());
        if policy.is_none_or(|policy| policy == "Always") {
            Self::Ready { log: String::new() }
        } else {
            Self::exits(0, "")
        }
    }
}

/// Subjects of one namespace and what they do, in the order they were named.
type Rules = Vec<(String, Behaviour)>;

/// The scripts of all namespaces.
#[derive(Clone, Debug, Default)]
pub struct Scripts {
    rules: Arc<Mutex<BTreeMap<String, Rules>>>,
}

impl Scripts {
    /// Adds a rule: see [`crate::Namespace::script`].
    pub(crate) fn add(&self, namespace: &str, subject: &str, behaviour: Behaviour) {
        let mut rules = self.rules.lock().expect("nothing panics inside");
        let of_namespace = rules.entry(namespace.to_owned()).or_default();
        of_namespace.push((subject.to_owned(), behaviour));
    }

    /// What `pod` does.
    pub(crate) fn behaviour(&self, pod: &Pod) -> Behaviour {
        let namespace = pod.metadata.namespace.as_deref().unwrap_or_default();
        let rules = self.rules.lock().expect("nothing panics inside");
        let of_namespace = rules.get(namespace).into_iter().flatten();
        of_namespace
            .rev()
            .find(|(subject, _)| is_about(subject, pod))
            .map_or_else(
                || Behaviour::of_itself(pod),
                |(_, behaviour)| behaviour.clone(),
            )
    }
}

fn is_about(subject: &str, pod: &Pod) -> bool {
    let name = pod.metadata.name.as_deref().unwrap_or_default();
    let containers = pod.spec.iter().flat_map(|spec| &spec.containers);
    name.starts_with(subject)
        || containers
            .filter_map(|container| container.image.as_deref())
            .any(|image| image == subject)
}
