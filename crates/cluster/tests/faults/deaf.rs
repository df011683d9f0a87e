//! The right to watch is taken away while everything is watched, and given back.

use std::collections::BTreeSet;
use std::pin::{Pin, pin};
use std::time::Duration;

use boatyard_cluster::Cluster as Here;
use boatyard_cluster::watch::{News, everywhere};
use boatyard_kubetest::Cluster;
use futures_util::{Stream, StreamExt as _};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::rbac::v1::{ClusterRole, ClusterRoleBinding};
use kube::api::{Api, DeleteParams, PostParams};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::{LIMITS, alone};

const KINDS: [&str; 5] = ["deployments", "jobs", "namespaces", "pods", "statefulsets"];
/// Those of builds are watched apart.
const WATCHES: usize = 7;

/// Whether that is all that is watched.
fn is_all(watched: &BTreeSet<String>) -> bool {
    let of = |kind: &&str| {
        watched
            .iter()
            .any(|one| one.split(' ').next() == Some(kind))
    };
    watched.len() == WATCHES && KINDS.iter().all(of)
}

/// Takes in news until `enough` says so.
async fn until(
    what: &str,
    news: &mut Pin<&mut impl Stream<Item = News>>,
    mut enough: impl FnMut(News) -> bool,
) {
    let all = async {
        while let Some(one) = news.next().await {
            if enough(one) {
                return;
            }
        }
    };
    let all = tokio::time::timeout(Duration::from_secs(60), all).await;
    all.unwrap_or_else(|_| panic!("not {what} after 60 s"));
}

fn read<K: DeserializeOwned>(value: Value) -> K {
    serde_json::from_value(value).unwrap()
}

#[test]
fn what_may_not_be_watched_is_told_and_begun_anew_when_it_may() {
    let _alone = alone();
    let Some(kubetest) = Cluster::scripted() else {
        return;
    };
    let namespace = kubetest.namespace();
    let name = namespace.name();
    let mut config = kubetest.config().clone();
    config.auth_info.impersonate = Some(name.to_owned());
    let role: ClusterRole = read(json!({
        "metadata": {"name": name},
        "rules": [{"apiGroups": ["", "apps", "batch"], "resources": KINDS, "verbs": ["list", "watch"]}],
    }));
    let binding: ClusterRoleBinding = read(json!({
        "metadata": {"name": name},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": name},
        "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": name}],
    }));
    let labels = json!({"boatyard.dev/project": "shop"});
    let web: Deployment = read(json!({
        "metadata": {"name": "web", "labels": labels},
        "spec": {
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "web", "image": "shop"}]}},
        },
    }));
    let client = kubetest.client();
    let (roles, bindings) = (
        Api::<ClusterRole>::all(client.clone()),
        Api::<ClusterRoleBinding>::all(client),
    );
    let make = PostParams::default();
    kubetest.block_on(async {
        roles.create(&make, &role).await.unwrap();
        bindings.create(&make, &binding).await.unwrap();
        let here = Here::new(config, name, LIMITS).unwrap();
        let mut news = pin!(everywhere(&here, name, None));
        let mut anew = 0;
        until("listed", &mut news, |one| {
            anew += usize::from(matches!(one, News::Anew));
            anew == 6
        })
        .await;

        let gone = DeleteParams::default();
        bindings.delete(name, &gone).await.unwrap();
        let mut deaf = BTreeSet::new();
        until("told that it is deaf", &mut news, |one| {
            if let News::Deaf(kind, refusal) = one {
                assert!(refusal.to_string().contains(&kind), "{refusal}");
                assert_eq!(refusal.code(), Some(403), "{refusal}");
                deaf.insert(kind);
            }
            is_all(&deaf)
        })
        .await;

        // What happens meanwhile is not lost.
        namespace
            .api::<Deployment>()
            .create(&make, &web)
            .await
            .unwrap();
        bindings.create(&make, &binding).await.unwrap();
        let mut hears = BTreeSet::new();
        let mut is_awake = false;
        until("told that it hears again", &mut news, |one| {
            match one {
                News::Hears(kind) => drop(hears.insert(kind)),
                News::Awake(there) => is_awake |= there == name,
                _ => {}
            }
            is_awake && is_all(&hears)
        })
        .await;
        bindings.delete(name, &gone).await.unwrap();
        roles.delete(name, &gone).await.unwrap();
    });
}
