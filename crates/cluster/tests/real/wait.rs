//! Why something is not ready, in words that a person can act on.

use std::time::Duration;

use boatyard_cluster::apply::{Manner, apply};
use boatyard_cluster::trouble::Kind;
use boatyard_cluster::wait::{Error, Patience, Unready, wait};
use boatyard_cluster::watch::{Change, Herald};
use boatyard_cluster::{Cluster, Manifest};
use boatyard_kubetest::{Behaviour, Cluster as Kubetest, Namespace};
use boatyard_plan::failure::Failure as _;
use futures_util::StreamExt as _;
use futures_util::stream::{BoxStream, pending};
use k8s_openapi::api::core::v1::{Namespace as Object, ResourceQuota};
use kube::api::{Api, DeleteParams, Patch, PatchParams, PostParams};
use serde_json::json;

use crate::given::{PATIENCE, cluster, job, manifests, owner, role, role_with};

/// Never says that something is different: whoever waits has to look all the same.
struct Silent;

impl Herald for Silent {
    fn changes(&self) -> BoxStream<'static, Change> {
        pending().boxed()
    }
}

/// The namespace where whoever waits watches, and where he looks.
fn ways(namespace: &Namespace<'_>) -> [Cluster; 2] {
    let here = cluster(namespace);
    [here.heralded(Silent), here]
}

/// Applies `text` and waits for all of it.
async fn outcome(here: &Cluster, text: &str, patience: Patience) -> Result<(), Error> {
    let manifests = manifests(text);
    for manifest in &manifests {
        apply(here, &owner(), manifest, Manner::default())
            .await
            .unwrap();
    }
    let ids: Vec<_> = manifests.iter().map(Manifest::id).collect();
    wait(here, &ids, patience, &|_, _| {}).await
}

/// The one that is not ready, and what is said about it.
async fn failing(here: &Cluster, text: &str, patience: Patience) -> (Unready, String) {
    let error = outcome(here, text, patience).await.unwrap_err();
    let words = format!("{error}\nhelp: {}", error.help().unwrap());
    match error {
        Error::Unready { mut unready, .. } if unready.len() == 1 => (unready.remove(0), words),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_ready_is_not_waited_for() {
    let Some(kubetest) = Kubetest::scripted() else {
        return;
    };
    let namespace = kubetest.namespace();
    let text = [role("web", "shop:1"), role("worker", "shop:1")].concat();
    kubetest.block_on(async {
        for here in ways(&namespace) {
            outcome(&here, &text, PATIENCE).await.unwrap();
            outcome(&here, &text, PATIENCE).await.unwrap();
        }
    });
}

#[test]
fn each_reason_is_told() {
    let Some(kubetest) = Kubetest::scripted() else {
        return;
    };
    let soon = Patience {
        timeout: Duration::from_secs(12),
        ..PATIENCE
    };
    for (behaviour, patience, kind, parts) in [
        (
            Behaviour::no_image("manifest unknown"),
            PATIENCE,
            Kind::ImagePull,
            &["Deployment/web", "shop:1: manifest unknown", "--push"][..],
        ),
        (
            Behaviour::crash_loops(3, "reading the settings\nno such table: book"),
            PATIENCE,
            Kind::CrashLoop,
            &[
                "ended each time, last with exit code 3",
                "  | no such table: book",
            ],
        ),
        (
            Behaviour::unready("HTTP probe failed with statuscode: 503", "warming up"),
            soon,
            Kind::Probe,
            &[
                "after 12 s",
                "statuscode: 503",
                "  | warming up",
                "\"ready\"",
            ],
        ),
    ] {
        let namespace = kubetest.namespace();
        namespace.script("web", behaviour);
        let role = role("web", "shop:1");
        for here in ways(&namespace) {
            let (unready, words) = kubetest.block_on(failing(&here, &role, patience));
            assert_eq!(
                unready.trouble.map(|trouble| trouble.kind),
                Some(kind),
                "{words}"
            );
            for part in parts {
                assert!(words.contains(part), "no {part:?} in {words}");
            }
        }
    }
}

/// By hand, or by whoever tidies up there.
#[test]
fn what_somebody_removes_is_not_waited_for() {
    let Some(kubetest) = Kubetest::scripted() else {
        return;
    };
    for text in [role("web", "shop:1"), job("migrate", "before-deploy")] {
        let namespace = kubetest.namespace();
        let manifest = manifests(&text).remove(0);
        namespace.script(manifest.name(), Behaviour::Waits);
        for here in ways(&namespace) {
            kubetest.block_on(async {
                let api = here.api_of(&manifest).await.unwrap();
                let removes = async {
                    while api.get_opt(manifest.name()).await.unwrap().is_none() {
                        tokio::time::sleep(Duration::from_millis(20)).await;
                    }
                    let params = DeleteParams::background();
                    api.delete(manifest.name(), &params).await.unwrap();
                };
                let fails = failing(&here, &text, PATIENCE);
                let ((unready, words), ()) = tokio::join!(fails, removes);
                assert_eq!(unready.trouble.unwrap().kind, Kind::Gone, "{words}");
                let said = format!("{} is not ready: it is no longer there", manifest.id());
                assert!(words.contains(&said), "{words}");
            });
        }
    }
}

#[test]
fn no_node_has_room() {
    let Some(kubetest) = Kubetest::scripted() else {
        return;
    };
    let namespace = kubetest.namespace();
    let soon = Patience {
        timeout: Duration::from_secs(8),
        ..PATIENCE
    };
    let role = role_with("web", "shop:1", "{requests: {cpu: \"100000\"}}");
    for here in ways(&namespace) {
        let (unready, words) = kubetest.block_on(failing(&here, &role, soon));
        assert_eq!(unready.trouble.unwrap().kind, Kind::Scheduling, "{words}");
        assert!(words.contains("Insufficient cpu"), "{words}");
    }
}

#[test]
fn the_quota_is_used_up() {
    let Some(kubetest) = Kubetest::shared() else {
        return;
    };
    let namespace = kubetest.namespace();
    kubetest.block_on(async {
        let quota: ResourceQuota = serde_json::from_value(json!({
            "metadata": {"name": "few"}, "spec": {"hard": {"pods": "0"}},
        }))
        .unwrap();
        namespace
            .api()
            .create(&PostParams::default(), &quota)
            .await
            .unwrap();
        for here in ways(&namespace) {
            let (unready, words) = failing(&here, &role("web", "shop:1"), PATIENCE).await;
            assert_eq!(unready.trouble.unwrap().kind, Kind::Quota, "{words}");
            assert!(words.contains("exceeded quota: few"), "{words}");
        }
    });
}

#[test]
fn the_namespace_is_restricted() {
    let Some(kubetest) = Kubetest::shared() else {
        return;
    };
    let namespace = kubetest.namespace();
    kubetest.block_on(async {
        let enforce =
            json!({"metadata": {"labels": {"pod-security.kubernetes.io/enforce": "restricted"}}});
        Api::<Object>::all(namespace.client())
            .patch(
                namespace.name(),
                &PatchParams::default(),
                &Patch::Merge(&enforce),
            )
            .await
            .unwrap();
        for here in ways(&namespace) {
            let (unready, words) = failing(&here, &role("web", "shop:1"), PATIENCE).await;
            assert_eq!(unready.trouble.unwrap().kind, Kind::Admission, "{words}");
            assert!(words.contains("violates PodSecurity"), "{words}");
            assert!(words.contains("boatyard check"), "{words}");
        }
    });
}
