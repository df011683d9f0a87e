//! Whether what runs has ended for good. Pure.

use boatyard_cluster::manifest::Id as Object;
use boatyard_cluster::rollout::{Progress, View, progress};
use boatyard_cluster::trouble::{Heals, Kind, Trouble};

pub fn lacking(id: &Object) -> String {
    format!("{id} is no longer there")
}

/// What has gone since it was listed.
pub fn gone<'i>(view: &View, ids: &'i [Object]) -> Option<&'i Object> {
    let there = |id: &&Object| {
        id.kind != "Deployment"
            || view
                .deployments
                .iter()
                .any(|one| one.metadata.name.as_ref() == Some(&id.name))
    };
    ids.iter().find(|id| !there(id))
}

/// Why what runs has ended, if it has. What is only not ready for a while has not.
pub fn ended(view: &View, ids: &[Object]) -> Option<String> {
    let sleeping = view.deployments.iter().find(|one| {
        let replicas = one.spec.as_ref().and_then(|spec| spec.replicas);
        replicas == Some(0)
    });
    if let Some(one) = sleeping {
        let name = one.metadata.name.clone().unwrap_or_default();
        return Some(format!("somebody has scaled Deployment/{name} to zero"));
    }
    ids.iter().find_map(|id| match progress(view, id) {
        Progress::Going {
            trouble: Some(trouble),
            ..
        } if is_for_good(view, &trouble) => Some(format!("{id}: {}", trouble.message)),
        _ => None,
    })
}

/// What has run ends now and then, and its node starts it again: only what ends again and again does not get well.
fn is_for_good(view: &View, trouble: &Trouble) -> bool {
    match trouble.kind {
        Kind::CrashLoop | Kind::OutOfMemory => trouble.is_backed_off(&view.pods),
        _ => trouble.heals() == Heals::Never,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_was_started_again_and_runs_has_not_ended() {
        let now = |kind, state: &str, reason: &str| {
            let pod = json!({"metadata": {"name": "web-1"}, "status": {"containerStatuses": [
                {"name": "beside", "restartCount": 9, "ready": false, "image": "", "imageID": "",
                 "state": {"waiting": {"reason": "CrashLoopBackOff"}}},
                {"name": "web", "restartCount": 4, "ready": false, "image": "", "imageID": "",
                 "state": {state: {"reason": reason}}},
            ]}});
            let view = View {
                pods: vec![serde_json::from_value(pod).unwrap()],
                ..View::default()
            };
            let trouble = Trouble {
                kind,
                pod: Some("web-1".to_owned()),
                container: Some("web".to_owned()),
                message: String::new(),
            };
            is_for_good(&view, &trouble)
        };
        for kind in [Kind::CrashLoop, Kind::OutOfMemory] {
            assert!(!now(kind, "running", ""), "{kind:?}");
            assert!(!now(kind, "waiting", "ContainerCreating"), "{kind:?}");
            assert!(now(kind, "waiting", "CrashLoopBackOff"), "{kind:?}");
        }
        assert!(now(Kind::JobFailed, "running", ""));
        assert!(!now(Kind::Probe, "running", ""));
    }
}
