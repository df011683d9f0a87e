//! What is watched on the cluster.

use std::sync::atomic::Ordering;
use std::time::Duration;

use boatyard_preview::phase::{Event, Phase};

use crate::api::fault::Fault;
use crate::api::store::Key;
use crate::yard::{Yard, namespace};

const COUNT: usize = 10;
/// Namespaces; what is deployed (two kinds), and its pods; what builds of kubefiles have (Deployments, jobs, pods).
const WATCHES: usize = 7;

#[tokio::test(flavor = "multi_thread")]
async fn what_runs_is_watched_with_all_others_and_its_logs_are_read() {
    let yard = Yard::new(COUNT, COUNT).await;
    yard.push(0..COUNT).await;
    yard.until(0..COUNT, Phase::Asleep).await;
    yard.api.read.lock().unwrap().clear();
    yard.ask(0..COUNT, &Event::Use).await;
    yard.until(0..COUNT, Phase::Running).await;
    // Its pods came later than who follows them.
    yard.until_so("read", |yard| {
        let read = yard.api.read.lock().unwrap();
        (0..COUNT).all(|one| read.contains(&namespace(one)))
    })
    .await;
    yard.until_so("watched together", |yard| {
        let watched = yard.api.store().watched();
        watched.len() == WATCHES && watched.iter().all(|one| one.namespace.is_none())
    })
    .await;
}

/// Hundreds may be going at once.
#[tokio::test(flavor = "multi_thread")]
async fn namespaces_that_go_are_heard_of_and_hardly_asked_for() {
    let yard = Yard::new(COUNT, COUNT).await;
    yard.push(0..COUNT).await;
    yard.until(0..COUNT, Phase::Asleep).await;
    yard.api.suffer(&[Fault::Linger]);
    yard.close(0..COUNT).await;
    let key = |one| Key::new("namespaces", "", &namespace(one));
    yard.until_so("going", |yard| {
        let store = yard.api.store();
        let is_going =
            |one: &Key| !store.get(one).unwrap()["metadata"]["deletionTimestamp"].is_null();
        (0..COUNT).map(key).all(|one| is_going(&one))
    })
    .await;
    // What was still to be heard of it has been.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let before = yard.api.calls.load(Ordering::Relaxed);
    tokio::time::sleep(Duration::from_secs(3)).await;
    let calls = yard.api.calls.load(Ordering::Relaxed) - before;
    assert!(calls <= 2 * COUNT, "{calls} calls for {COUNT} that go");
    for one in (0..COUNT).map(key) {
        assert!(yard.api.store().delete(&one));
    }
    yard.until_gone(0..COUNT).await;
}
