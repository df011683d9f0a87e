//! One thing that goes wrong at a time: it ends as if nothing had.

use std::sync::Arc;
use std::time::Duration;

use boatyard_preview::phase::Phase;
use boatyard_serve::feed::Change;
use futures_util::StreamExt as _;
use futures_util::stream::iter;

use crate::api::fault::{End, Fault};
use crate::story::Story;
use crate::yard::{PATIENCE, Yard};

const STORY: Story = Story {
    count: 12,
    preparing: 5,
    running: 10,
};
/// Stories at once.
const WIDE: usize = 12;
/// Longer than a call is tried.
const DOWN: Duration = Duration::from_secs(17);

const ROWS: &[(&str, &[Fault])] = &[
    ("nothing", &[]),
    ("T5: what was told is told again", &[Fault::Again]),
    ("T6: watches that are too old", &[Fault::WatchGone(3)]),
    ("T6: watches that get too old", &[Fault::End(2, End::Gone)]),
    (
        "T6: lists that are too old in the middle",
        &[
            Fault::NoStreams,
            Fault::PageGone(3),
            Fault::End(2, End::Gone),
        ],
    ),
    ("T7: watches are closed", &[Fault::End(1, End::Close)]),
    ("T8: half a line", &[Fault::End(2, End::HalfLine)]),
    ("T8: no text", &[Fault::End(2, End::NoText)]),
    (
        "T8: an event of another kind",
        &[Fault::End(2, End::Unknown)],
    ),
    ("T8: a giant", &[Fault::End(3, End::Giant)]),
    ("T9: silence", &[Fault::End(3, End::Silence)]),
    ("T10: every other event is lost", &[Fault::Drop(2)]),
    (
        "T11: lists that are behind",
        &[Fault::Stale(25), Fault::End(2, End::Gone)],
    ),
    (
        "T12: pods are told of before what makes them",
        &[Fault::Late("deployments")],
    ),
    (
        "T12: what makes pods is told of before them",
        &[Fault::Late("pods")],
    ),
    ("T16: 429", &[Fault::Status(3, 429, false)]),
    ("T16: 500 instead", &[Fault::Status(3, 500, false)]),
    ("T16: 500 afterwards", &[Fault::Status(3, 500, true)]),
    ("T16: 409", &[Fault::Status(7, 409, false)]),
    ("T16: no answer, not done", &[Fault::Cut(3, false)]),
    ("T16: no answer, done", &[Fault::Cut(3, true)]),
    ("T19: slow", &[Fault::Slow(Duration::from_millis(400))]),
    ("T32: namespaces that stay", &[Fault::Keep(6)]),
];

async fn row(what: &str, faults: &[Fault]) {
    let yard = STORY.begin().await;
    yard.api.suffer(faults);
    STORY.play(&yard).await;
    assert_eq!(yard.api.unstruck(), [], "{what}");
    yard.api.suffer(&[]);
    STORY.ends_well(what, &yard).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_goes_wrong_it_ends_as_if_nothing_had() {
    let only = std::env::var("ROW").unwrap_or_default();
    let rows = ROWS.iter().filter(|(what, _)| what.contains(&only));
    let rows = rows.map(|(what, faults)| async move {
        let begin = std::time::Instant::now();
        row(what, faults).await;
        println!("{:.1} s  {what}", begin.elapsed().as_secs_f32());
    });
    iter(rows).buffer_unordered(WIDE).collect::<Vec<()>>().await;
}

/// Returns once somebody is, or was, in that phase: it may be over before anybody looks.
async fn told(yard: &Yard, phase: Phase, begin: u64) {
    let feed = yard.keeper.feed();
    let is_so = |change: &Arc<Change>| {
        let now = change.environment.as_ref();
        now.is_some_and(|one| one.phase == phase)
    };
    let mut last = feed.follow();
    let is_told = async {
        while !feed.since(begin, usize::MAX).unwrap().iter().any(is_so) {
            last.changed().await.unwrap();
        }
    };
    let is_told = tokio::time::timeout(PATIENCE, is_told).await;
    is_told.unwrap_or_else(|_| panic!("nobody was {phase} in {PATIENCE:?}"));
}

/// T15: down for longer than a call is tried, as soon as somebody is in that phase.
async fn down(phase: Phase) {
    let yard = STORY.begin().await;
    let begin = yard.keeper.feed().last();
    let fall = async {
        told(&yard, phase, begin).await;
        yard.api.be_down(true);
        tokio::time::sleep(DOWN).await;
        yard.api.be_down(false);
    };
    tokio::join!(fall, STORY.play(&yard));
    STORY.ends_well(&format!("down while {phase}"), &yard).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn down_in_each_phase() {
    let phases = [
        Phase::Preparing,
        Phase::Starting,
        Phase::Running,
        Phase::Stopping,
        Phase::Removing,
    ];
    futures_util::future::join_all(phases.map(down)).await;
}
