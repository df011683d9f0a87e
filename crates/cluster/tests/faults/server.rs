//! The server and its database are in trouble.

use std::thread;
use std::time::{Duration, Instant};

use boatyard_cluster::deploy::{Stop, Terms, deploy};
use boatyard_cluster::{Cluster as Here, Owner};
use boatyard_kubetest::{Behaviour, Cluster, Namespace};
use futures_util::future::join_all;
use k8s_openapi::api::core::v1::ConfigMap;
use kube::api::{Api, Patch, PatchParams};
use serde_json::json;
use tokio::time::timeout;

use crate::given::{PATIENCE, configuration, deployed, in_words, manifests, role};
use crate::{alone, wait_for_role};

/// Deploys a role that waits, does `harm` when the role is there, lets it go on, and expects that all ends well.
fn survives(harm: impl FnOnce(&Cluster, &Namespace<'_>)) {
    let Some(kubetest) = Cluster::scripted() else {
        return;
    };
    let namespace = kubetest.namespace();
    namespace.script("web", Behaviour::Waits);
    let text = [configuration("settings", "a"), role("web", "shop:1")].concat();
    thread::scope(|scope| {
        let deploy = scope.spawn(|| kubetest.block_on(deployed(&namespace, &text, PATIENCE)));
        wait_for_role(kubetest, &namespace);
        harm(kubetest, &namespace);
        namespace.script("web", Behaviour::Ready { log: String::new() });
        let (done, told) = deploy.join().expect("a deploy does not panic");
        let done = done.unwrap_or_else(|error| panic!("{}\n{told:?}", in_words(&error)));
        assert_eq!(done.applied.len(), 2);
    });
}

/// Watches that begin anew are older than all that the server and etcd know.
#[test]
fn the_server_is_restarted_and_knows_nothing_older() {
    let _alone = alone();
    survives(|kubetest, namespace| {
        let maps = namespace.api::<ConfigMap>();
        let old = kubetest.block_on(async {
            let old = maps.get("settings").await.unwrap();
            write(&maps).await.unwrap();
            old.metadata.resource_version.unwrap()
        });
        kubetest.compact();
        kubetest.restart_server();
        let path = format!(
            "/api/v1/namespaces/{}/configmaps?watch=1&resourceVersion={old}&timeoutSeconds=5",
            namespace.name()
        );
        let asked = http::Request::get(path).body(Vec::new()).unwrap();
        let said = kubetest.block_on(kubetest.client().request_text(asked));
        let said = said.unwrap_or_else(|error| error.to_string());
        assert!(said.contains("too old resource version"), "{said}");
    });
}

async fn write(maps: &Api<ConfigMap>) -> kube::Result<ConfigMap> {
    let other =
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "other"}, "data": {}});
    let params = PatchParams::apply("the-test");
    maps.patch("other", &params, &Patch::Apply(&other)).await
}

/// Longer than the API server waits for it: calls fail meanwhile.
#[test]
fn etcd_is_paused() {
    let _alone = alone();
    let pause = Duration::from_secs(20);
    survives(|kubetest, namespace| {
        let maps = namespace.api::<ConfigMap>();
        kubetest.while_etcd_is_paused(|| {
            kubetest.block_on(async {
                let begin = Instant::now();
                while begin.elapsed() < pause {
                    let written =
                        timeout(pause.saturating_sub(begin.elapsed()), write(&maps)).await;
                    assert!(!matches!(written, Ok(Ok(_))), "it was written without etcd");
                }
            });
        });
    });
}

/// Different projects, of which ten share a namespace, all at once.
#[test]
fn two_hundred_at_once() {
    let _alone = alone();
    let Some(kubetest) = Cluster::scripted() else {
        return;
    };
    let namespaces: Vec<_> = (0..20).map(|_| kubetest.namespace()).collect();
    let deploys = namespaces.iter().flat_map(|namespace| {
        (0..10).map(move |number| async move {
            let here = Here::of(namespace.client(), namespace.name());
            let project = format!("shop-{number}");
            let text = configuration(&project, "a") + &role(&project, "shop:1");
            let terms = Terms {
                me: "the test".to_owned(),
                lock: Duration::ZERO,
                patience: boatyard_cluster::wait::Patience {
                    timeout: Duration::from_secs(300),
                    ..PATIENCE
                },
                force: false,
                begin: None,
                stop: Stop::default(),
            };
            let owner = Owner::new(&project);
            deploy(&here, &owner, manifests(&text), &terms, &|_| {}).await
        })
    });
    let begin = Instant::now();
    let done = kubetest.block_on(join_all(deploys));
    println!("200 deploys in {:.1} s", begin.elapsed().as_secs_f32());
    assert_eq!(done.len(), 200);
    for one in done {
        let one = one.unwrap_or_else(|error| panic!("{}", in_words(&error)));
        assert_eq!((one.applied.len(), one.pruned.len()), (2, 0));
    }
}
