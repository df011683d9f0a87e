//! What may no longer be watched: that is told, and what is seen late by it is seen.

use boatyard_preview::phase::Phase;

use crate::api::fault::Fault;
use crate::api::store::Key;
use crate::story::Story;
use crate::yard::{PATIENCE, namespace};

#[tokio::test(flavor = "multi_thread")]
async fn what_may_not_be_watched_is_told_until_it_may() {
    let story = Story {
        count: 2,
        preparing: 2,
        running: 2,
    };
    let yard = story.begin().await;
    yard.push([0]).await;
    yard.until([0], Phase::Asleep).await;
    let mut trouble = yard.clustered.trouble();
    assert_eq!(*trouble.borrow_and_update(), None);

    yard.api.suffer(&[Fault::Forbid("namespaces")]);
    yard.api.store().end_watches();
    let told = trouble.wait_for(Option::is_some);
    let told = tokio::time::timeout(PATIENCE, told).await;
    let told = told.expect("it is told").unwrap().clone().unwrap();
    for part in [
        "what others do on the cluster is seen late",
        "cannot watch namespaces with",
        "you may not watch that",
    ] {
        assert!(told.contains(part), "no {part:?} in {told:?}");
    }
    // Everything else goes on.
    let there = Key::new("namespaces", "", &namespace(0));
    yard.api.store().delete(&there);
    yard.push([1]).await;
    yard.until([1], Phase::Asleep).await;

    yard.api.suffer(&[]);
    let mended = trouble.wait_for(Option::is_none);
    let mended = tokio::time::timeout(PATIENCE, mended).await;
    mended.expect("it is over").unwrap();
    // Somebody has removed it meanwhile: it is made anew.
    yard.until_so("there again", |yard| yard.api.store().get(&there).is_some())
        .await;
    yard.until([0, 1], Phase::Asleep).await;
}
