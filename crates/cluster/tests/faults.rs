//! A deploy while its cluster is in trouble: it ends right, or fails with a reason, and leaves nothing half done.
//! In a cluster of its own: others would suffer.

#[path = "real/given.rs"]
#[expect(dead_code, reason = "the other tests use the rest of it")]
mod given;

use std::thread;
use std::time::{Duration, Instant};

use boatyard_kubetest::{Behaviour, Cluster, Namespace};
use k8s_openapi::api::apps::v1::Deployment;

use crate::given::{PATIENCE, configuration, deployed, in_words, role};

/// Deploys a role that waits, does `harm` when the role is there, lets it go on, and expects that all ends well.
fn survives(harm: impl FnOnce(&Cluster)) {
    let Some(kubetest) = Cluster::scripted() else {
        return;
    };
    let namespace = kubetest.namespace();
    namespace.script("web", Behaviour::Waits);
    let text = [configuration("settings", "a"), role("web", "shop:1")].concat();
    thread::scope(|scope| {
        let deploy = scope.spawn(|| kubetest.block_on(deployed(&namespace, &text, PATIENCE)));
        wait_for_role(kubetest, &namespace);
        harm(kubetest);
        namespace.script("web", Behaviour::Ready { log: String::new() });
        let (done, told) = deploy.join().expect("a deploy does not panic");
        let done = done.unwrap_or_else(|error| panic!("{}\n{told:?}", in_words(&error)));
        assert_eq!(done.applied.len(), 2);
    });
}

fn wait_for_role(kubetest: &Cluster, namespace: &Namespace<'_>) {
    let begin = Instant::now();
    kubetest.block_on(async {
        while namespace.api::<Deployment>().get("web").await.is_err() {
            assert!(
                begin.elapsed() < Duration::from_secs(60),
                "no Deployment/web after 60 s"
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
}

#[test]
fn the_server_is_restarted_and_etcd_is_paused() {
    survives(Cluster::restart_server);
    // Longer than the API server waits for it: calls fail meanwhile.
    survives(|kubetest| kubetest.while_etcd_is_paused(|| thread::sleep(Duration::from_secs(15))));
}
