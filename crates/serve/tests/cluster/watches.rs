//! What is watched on the cluster.

use boatyard_preview::phase::{Event, Phase};

use crate::yard::{Yard, namespace};

const COUNT: usize = 10;
/// Namespaces, what is deployed (two kinds), pods.
const KINDS: usize = 4;

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
        watched.len() == KINDS && watched.iter().all(|one| one.namespace.is_none())
    })
    .await;
}
