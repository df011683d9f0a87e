//! A sweep that takes its time: what happens to an environment meanwhile is not undone by what was known before.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use boatyard_preview::inventory::Records;
use boatyard_preview::phase::{Event, Phase};
use boatyard_serve::cluster::Swept;
use tokio::runtime::Handle;
use tokio::task::block_in_place;

use crate::others::record;
use crate::story::Story;
use crate::yard::Yard;

const STORY: Story = Story {
    count: 1,
    preparing: 1,
    running: 1,
};

async fn asleep() -> Yard {
    let yard = STORY.begin().await;
    yard.push([0]).await;
    yard.until([0], Phase::Asleep).await;
    yard
}

/// Sweeps. All of `meanwhile` happens once it was listed what is there; what is known then is what that returns.
async fn sweep_while(yard: &Yard, meanwhile: impl AsyncFn() -> Records) -> Swept {
    let looks = AtomicUsize::default();
    // It asks before it lists, and once it has.
    let known = || {
        if looks.fetch_add(1, Ordering::Relaxed) == 1 {
            block_in_place(|| Handle::current().block_on(meanwhile()))
        } else {
            yard.known()
        }
    };
    yard.clustered.sweep(Duration::from_secs(60), known).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_started_meanwhile_is_not_written_down_as_asleep() {
    let yard = asleep().await;
    yard.ask([0], &Event::Pin(true)).await;
    let is_pinned = record(&yard, 0).unwrap()["is_pinned"].clone();
    assert_eq!(is_pinned, false, "there is something to write");
    let swept = sweep_while(&yard, async || {
        let looked = yard.known();
        yard.ask([0], &Event::Use).await;
        yard.until([0], Phase::Running).await;
        looked
    });
    let swept = swept.await;
    assert_eq!(swept.said, [""; 0]);
    let record = record(&yard, 0).unwrap();
    assert_eq!(record["phase"], "running");
    assert_eq!(record["is_pinned"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_opened_again_meanwhile_stays() {
    let yard = asleep().await;
    let swept = sweep_while(&yard, async || {
        yard.close([0]).await;
        yard.until_gone([0]).await;
        let looked = yard.known();
        yard.push([0]).await;
        yard.until([0], Phase::Asleep).await;
        looked
    });
    let swept = swept.await;
    assert_eq!(swept.said, [""; 0]);
    assert!(swept.lost.is_empty(), "{:?}", swept.lost);
    assert_eq!(record(&yard, 0).unwrap()["phase"], "asleep");
    yard.ask([0], &Event::Use).await;
    yard.until([0], Phase::Running).await;
}
