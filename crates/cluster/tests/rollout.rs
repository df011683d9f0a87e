//! How far workloads are, from what a cluster says. Pure.

use boatyard_cluster::manifest::Id;
use boatyard_cluster::rollout::{Progress, View, progress};
use boatyard_cluster::trouble::{Heals, Kind, of_pod};
use k8s_openapi::api::core::v1::Pod;
use serde_json::{Value, json};

/// A container's status: ready or not, ended so often, last for this reason.
fn container(name: &str, ready: bool, restarts: u32, last: Option<&str>) -> Value {
    let ended = last.map(|reason| json!({"terminated": {"exitCode": 137, "reason": reason}}));
    json!({
        "name": name, "image": "shop", "imageID": "", "ready": ready, "restartCount": restarts,
        "state": {"running": {}}, "lastState": ended.unwrap_or_else(|| json!({})),
    })
}

fn pulls(name: &str) -> Value {
    let waiting = json!({"waiting": {"reason": "ImagePullBackOff", "message": "shop: no"}});
    json!({"name": name, "image": "shop", "imageID": "", "ready": false, "restartCount": 0, "state": waiting})
}

fn pod(name: &str, labels: &Value, containers: &[Value]) -> Value {
    json!({
        "metadata": {"name": name, "labels": labels, "ownerReferences": [
            {"apiVersion": "apps/v1", "kind": "Any", "name": "web", "uid": "u"},
        ]},
        "status": {"containerStatuses": containers},
    })
}

#[test]
fn what_is_over_is_no_trouble_and_the_worst_is_the_reason() {
    for (containers, expected) in [
        // It was killed once, twice, often, and is ready now.
        (vec![container("a", true, 5, Some("OOMKilled"))], None),
        (vec![container("a", true, 5, Some("Error"))], None),
        (
            vec![container("a", false, 1, Some("OOMKilled"))],
            Some((Kind::OutOfMemory, "a")),
        ),
        (
            vec![pulls("a"), container("b", false, 3, Some("Error"))],
            Some((Kind::CrashLoop, "b")),
        ),
        (
            vec![container("b", true, 3, Some("Error")), pulls("a")],
            Some((Kind::ImagePull, "a")),
        ),
    ] {
        let pod: Pod = serde_json::from_value(pod("web", &json!({}), &containers)).unwrap();
        let found = of_pod(&pod, &[]).map(|trouble| (trouble.kind, trouble.container.unwrap()));
        let expected = expected.map(|(kind, name)| (kind, name.to_owned()));
        assert_eq!(found, expected, "{containers:?}");
    }
    assert!(Heals::Never < Heals::Soon && Heals::Soon < Heals::Perhaps);
}

/// How far the workload is: an error if it is not done, with what is in the way.
fn of(
    kind: &str,
    field: &str,
    workload: &Value,
    pods: &[Value],
) -> Result<(), Option<(Kind, String)>> {
    let mut metadata = json!({"name": "web", "uid": "u", "generation": 2});
    metadata["annotations"] = workload["annotations"].clone();
    let workload = json!({
        "metadata": metadata, "spec": workload["spec"], "status": workload["status"],
    });
    let mut view = View {
        pods: serde_json::from_value(json!(pods)).unwrap(),
        ..View::default()
    };
    let all = json!([workload]);
    match field {
        "stateful_sets" => view.stateful_sets = serde_json::from_value(all).unwrap(),
        "daemon_sets" => view.daemon_sets = serde_json::from_value(all).unwrap(),
        _ => view.deployments = serde_json::from_value(all).unwrap(),
    }
    let id = Id {
        kind: kind.to_owned(),
        name: "web".to_owned(),
    };
    match progress(&view, &id) {
        Progress::Done => Ok(()),
        Progress::Going { trouble, .. } => Err(trouble.map(|one| (one.kind, one.message))),
    }
}

fn spec(strategy: &Value) -> Value {
    json!({"replicas": 2, "serviceName": "web", "selector": {}, "template": {}, "updateStrategy": strategy})
}

#[test]
fn pods_of_an_old_revision_are_not_waited_for() {
    let broken = [container("a", false, 3, Some("Error"))];
    let set = |strategy: Value, updated: u32, ready: u32| {
        json!({"spec": spec(&strategy), "status": {
            "observedGeneration": 2, "replicas": 2, "updatedReplicas": updated, "readyReplicas": ready,
            "currentRevision": "old", "updateRevision": "new",
        }})
    };
    let of_revision = |revision: &str| {
        vec![pod(
            "web-1",
            &json!({"controller-revision-hash": revision}),
            &broken,
        )]
    };
    let stateful = |workload: &Value, pods: &[Value]| {
        of("StatefulSet", "stateful_sets", workload, pods)
            .map_err(|trouble| trouble.map(|(kind, _)| kind))
    };
    let rolling = || json!({"type": "RollingUpdate"});
    assert_eq!(
        stateful(&set(rolling(), 1, 1), &of_revision("old")),
        Err(None)
    );
    assert_eq!(
        stateful(&set(rolling(), 1, 1), &of_revision("new")),
        Err(Some(Kind::CrashLoop))
    );
    assert_eq!(stateful(&set(rolling(), 2, 2), &[]), Ok(()));
    assert_eq!(stateful(&set(rolling(), 1, 2), &[]), Err(None));
    let parted = json!({"type": "RollingUpdate", "rollingUpdate": {"partition": 1}});
    assert_eq!(stateful(&set(parted, 1, 2), &[]), Ok(()));
    let by_hand = || json!({"type": "OnDelete"});
    assert_eq!(stateful(&set(by_hand(), 0, 2), &[]), Ok(()));
    assert_eq!(
        stateful(&set(by_hand(), 0, 1), &of_revision("old")),
        Err(Some(Kind::CrashLoop))
    );

    let set = |strategy: Value, updated: u32, available: u32| {
        json!({
            "annotations": {"deprecated.daemonset.template.generation": "4"}, "spec": spec(&strategy),
            "status": {
                "observedGeneration": 2, "desiredNumberScheduled": 2, "currentNumberScheduled": 2, "numberMisscheduled": 0,
                "numberReady": available, "updatedNumberScheduled": updated, "numberAvailable": available,
            },
        })
    };
    let of_template = |number: &str| {
        vec![pod(
            "web-1",
            &json!({"pod-template-generation": number}),
            &broken,
        )]
    };
    let daemon = |workload: &Value, pods: &[Value]| {
        of("DaemonSet", "daemon_sets", workload, pods)
            .map_err(|trouble| trouble.map(|(kind, _)| kind))
    };
    assert_eq!(daemon(&set(rolling(), 1, 1), &of_template("3")), Err(None));
    assert_eq!(
        daemon(&set(rolling(), 1, 1), &of_template("4")),
        Err(Some(Kind::CrashLoop))
    );
    assert_eq!(daemon(&set(by_hand(), 0, 2), &[]), Ok(()));
}

#[test]
fn the_clusters_own_limit_of_time_is_given_a_moment() {
    let late = json!({"spec": spec(&json!({})), "status": {"observedGeneration": 2, "replicas": 2, "conditions": [
        {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded", "message": "it has timed out"},
    ]}});
    let found = of("Deployment", "deployments", &late, &[]);
    assert_eq!(
        found,
        Err(Some((Kind::Deadline, "it has timed out".to_owned())))
    );
}

/// Events are asked for only where nothing else can say why.
#[test]
fn only_what_has_too_few_pods_or_runs_unready_is_puzzling() {
    let pod = |phase: &str, ready: bool| {
        json!({
            "metadata": {"name": "a", "ownerReferences": [{"apiVersion": "v1", "kind": "Any", "name": "web", "uid": "u"}]},
            "status": {"phase": phase, "containerStatuses": [container("a", ready, 0, None)]},
        })
    };
    let set = |replicas: i32| {
        let named = json!({"metadata": {"name": "web", "uid": "u"}, "spec": {"replicas": replicas, "selector": {}}});
        View {
            replica_sets: vec![serde_json::from_value(named).unwrap()],
            ..View::default()
        }
    };
    let job = |conditions: Value| {
        let named = json!({
            "metadata": {"name": "web", "uid": "u"}, "spec": {"template": {}, "parallelism": 2},
            "status": {"conditions": conditions},
        });
        View {
            jobs: vec![serde_json::from_value(named).unwrap()],
            ..View::default()
        }
    };
    let (ready, unready) = (pod("Running", true), pod("Running", false));
    let (failed, waits) = (pod("Failed", true), json!({"metadata": ready["metadata"]}));
    let succeeded = pod("Succeeded", true);
    let over = json!([{"type": "Complete", "status": "True"}]);
    for (view, pods, expected) in [
        (set(1), vec![&ready], false),
        (set(1), vec![&waits], false),
        (set(1), vec![&unready], true),
        (set(1), vec![], true),
        (set(2), vec![&ready], true),
        (set(0), vec![], false),
        // One was tried, and the next may not be made.
        (set(1), vec![&failed], true),
        (job(Value::Null), vec![&ready, &ready], false),
        (job(Value::Null), vec![&ready, &failed], true),
        // It has ended, and its job is about to be told so.
        (job(Value::Null), vec![&succeeded, &ready], false),
        (job(over), vec![], false),
    ] {
        let pods: Vec<Pod> = pods
            .into_iter()
            .map(|pod| serde_json::from_value(pod.clone()).unwrap())
            .collect();
        let view = View { pods, ..view };
        assert_eq!(view.is_puzzling(), expected, "{view:?}");
    }
}
