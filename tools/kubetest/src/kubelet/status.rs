//! What a kubelet would say of a pod that behaves so. Pure.

use k8s_openapi::api::core::v1::{Container, Pod};
use serde_json::{Value, json};

use super::script::Behaviour;

/// Where all containers of our node ran since, as far as anybody is told.
const SINCE: &str = "2026-01-01T00:00:00Z";

/// The `status` of `pod`.
pub fn of(pod: &Pod, behaviour: &Behaviour) -> Value {
    let spec = pod.spec.as_ref();
    let (phase, ready) = match behaviour {
        Behaviour::Ready { .. } => ("Running", true),
        Behaviour::Unready { .. } | Behaviour::CrashLoops { .. } => ("Running", false),
        Behaviour::Exits { code: 0, .. } => ("Succeeded", false),
        Behaviour::Exits { .. } => ("Failed", false),
        Behaviour::NoImage { .. } | Behaviour::Waits => ("Pending", false),
    };
    let made = pod.metadata.creation_timestamp.as_ref();
    // When it was made; who tries again counts from there.
    let ended = made.map_or_else(|| SINCE.to_owned(), |time| time.0.to_string());
    let containers: Vec<Value> = spec
        .iter()
        .flat_map(|spec| &spec.containers)
        .map(|container| of_container(container, behaviour, ready, &ended))
        .collect();
    let first: Vec<Value> = spec
        .iter()
        .flat_map(|spec| spec.init_containers.iter().flatten())
        .map(|container| {
            let done = json!({"terminated": {"exitCode": 0, "reason": "Completed", "startedAt": SINCE, "finishedAt": SINCE}});
            one(container, &done, true)
        })
        .collect();
    let condition = |name: &str, holds: bool| json!({"type": name, "status": if holds { "True" } else { "False" }});
    json!({
        "phase": phase,
        "podIP": "192.0.2.2",
        "startTime": SINCE,
        "conditions": [
            condition("PodScheduled", true), condition("Initialized", true),
            condition("ContainersReady", ready), condition("Ready", ready),
        ],
        "initContainerStatuses": first,
        "containerStatuses": containers,
    })
}

fn of_container(container: &Container, behaviour: &Behaviour, ready: bool, when: &str) -> Value {
    let ended = |code: i32| {
        let reason = if code == 0 { "Completed" } else { "Error" };
        json!({"terminated": {"exitCode": code, "reason": reason, "startedAt": SINCE, "finishedAt": when}})
    };
    let waits =
        |reason: &str, message: &str| json!({"waiting": {"reason": reason, "message": message}});
    match behaviour {
        Behaviour::Ready { .. } | Behaviour::Unready { .. } => {
            one(container, &json!({"running": {"startedAt": SINCE}}), ready)
        }
        Behaviour::Exits { code, .. } => one(container, &ended(*code), false),
        Behaviour::CrashLoops { code, .. } => {
            let message = format!(
                "back-off 40s restarting failed container={}",
                container.name
            );
            let mut status = one(container, &waits("CrashLoopBackOff", &message), false);
            status["lastState"] = ended(*code);
            status["restartCount"] = json!(3);
            status
        }
        Behaviour::NoImage { message } => {
            one(container, &waits("ImagePullBackOff", message), false)
        }
        Behaviour::Waits => one(container, &waits("ContainerCreating", ""), false),
    }
}

fn one(container: &Container, state: &Value, ready: bool) -> Value {
    let image = container.image.as_deref().unwrap_or_default();
    json!({
        "name": container.name, "image": image, "imageID": image, "ready": ready,
        "restartCount": 0, "state": state, "lastState": {},
    })
}
