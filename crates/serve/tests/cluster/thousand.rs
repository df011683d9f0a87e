//! Many environments, and everything goes wrong at once: 200 in CI, a thousand and more where somebody says so.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crate::api::fault::{End, Fault};
use crate::story::Story;

/// How many.
const COUNT: &str = "BOATYARD_ENVIRONMENTS";

const FAULTS: &[Fault] = &[
    Fault::Status(31, 500, true),
    Fault::Status(37, 429, false),
    Fault::Status(41, 503, false),
    Fault::Cut(43, true),
    Fault::Cut(47, false),
    Fault::WatchGone(5),
    Fault::End(400, End::Gone),
    Fault::Drop(50),
    Fault::Again,
    Fault::Stale(20),
];

#[tokio::test(flavor = "multi_thread")]
async fn many_end_as_if_nothing_had_gone_wrong() {
    let count = std::env::var(COUNT).ok().and_then(|text| text.parse().ok());
    let story = Story {
        count: count.unwrap_or(200),
        preparing: 20,
        running: 150,
    };
    let yard = story.begin().await;
    yard.api.suffer(FAULTS);
    let begin = Instant::now();
    // 410 for everybody, and nobody is there for a moment: again and again.
    let storms = async {
        loop {
            tokio::time::sleep(Duration::from_secs(3)).await;
            let mut held = yard.api.store();
            held.compact();
            held.end_watches();
        }
    };
    tokio::select! {
        () = story.play(&yard) => {}
        () = storms => {}
    }
    yard.api.suffer(&[]);
    story.ends_well("many", &yard).await;
    println!(
        "{} environments in {:.1} s: {} calls, {} watches, {} deploys",
        story.count,
        begin.elapsed().as_secs_f32(),
        yard.api.calls.load(Ordering::Relaxed),
        yard.api.watches.load(Ordering::Relaxed),
        yard.deploys.begun.load(Ordering::Relaxed),
    );
}
