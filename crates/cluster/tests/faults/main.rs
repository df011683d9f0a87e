//! Deploys and watches while their cluster, or the way to it, is in trouble: each ends right, or fails with a reason, and leaves
//! nothing half done. In a cluster of its own: others would suffer.

mod cut;
mod deaf;
mod feed;
#[path = "../real/given.rs"]
mod given;
mod server;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use boatyard_cluster::Cluster as Here;
use boatyard_cluster::retry::Limits;
use boatyard_kubetest::{Cluster, Detour, Namespace};
use k8s_openapi::api::apps::v1::Deployment;

/// What one test breaks would break another.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Waits until `condition` holds.
fn wait_until(what: &str, condition: impl Fn() -> bool) {
    let begin = Instant::now();
    while !condition() {
        let waited = begin.elapsed();
        assert!(
            waited < Duration::from_secs(60),
            "not {what} after {waited:?}"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn wait_for_role(kubetest: &Cluster, namespace: &Namespace<'_>) {
    wait_until("there: Deployment/web", || {
        let web = async { namespace.api::<Deployment>().get("web").await };
        kubetest.block_on(web).is_ok()
    });
}

/// Short: what is waited for here is that they are over.
const LIMITS: Limits = Limits {
    answer: Duration::from_secs(3),
    call: Duration::from_secs(9),
    first: Duration::from_secs(3),
    watch: Duration::from_secs(4),
};

/// The namespace by way of `detour`.
fn by(detour: &Detour, namespace: &Namespace<'_>) -> Here {
    Here::new(detour.config().clone(), namespace.name(), LIMITS)
        .expect("the configuration is right")
}
