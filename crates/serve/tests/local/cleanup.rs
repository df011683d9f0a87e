//! Jobs that clean up before an environment goes.

use std::sync::atomic::Ordering;

use boatyard_preview::environment::Environment;
use boatyard_preview::phase::{Effect, Event};
use boatyard_serve::logs::Part;

use super::yard::Yard;

const JOB: &str = "[job.bye]\ncommand = \"bye\"\n[preview]\ncleanup = \"bye\"\n";
const CLEANUP: &str = "up --preview --cleanup --timeout 24h --prepared";

/// One that is prepared, whose commit names a job.
async fn prepared(yard: &mut Yard) -> Environment {
    let commit = yard.commit_more(JOB);
    let mut one = Yard::environment(&commit);
    yard.order(&one, Effect::Prepare, 1);
    assert_eq!(yard.told().await, (1, Event::Done));
    one.is_prepared = true;
    one
}

fn failed(event: Event) -> String {
    match event {
        Event::Fail(why) => why,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_cleaned_up_once_before_anything_goes() {
    let mut yard = Yard::new();
    let mut one = prepared(&mut yard).await;
    let before = yard.asked().len();
    yard.keeps(true);
    yard.order(&one, Effect::Remove, 2);
    let why = failed(yard.told().await.1);
    assert!(why.starts_with("cannot remove what it has"), "{why}");
    assert_eq!(yard.asked()[before..], ["down", CLEANUP, "down --all"]);
    let last = yard.logs.last(&one.id, Part::Run, 1);
    assert_eq!(last, ["it is cleaned up"]);
    // What is in the way of the rest has nothing done twice.
    one.failures = 1;
    yard.keeps(false);
    yard.order(&one, Effect::Remove, 3);
    assert_eq!(yard.told().await, (3, Event::Done));
    assert_eq!(yard.asked()[before + 3..], ["down --all"]);
    assert!(!yard.source(&one).exists());

    // Made anew, it is cleaned up anew.
    yard.order(&one, Effect::Prepare, 4);
    assert_eq!(yard.told().await, (4, Event::Done));
    one.failures = 0;
    yard.order(&one, Effect::Remove, 5);
    assert_eq!(yard.told().await, (5, Event::Done));
    let asked = yard.asked();
    assert_eq!(asked[asked.len() - 3..], ["down", CLEANUP, "down --all"]);
}

/// What fails, and what hangs, is in nobody's way for ever.
#[tokio::test(flavor = "multi_thread")]
async fn it_is_tried_so_often_and_then_goes_without() {
    let mut yard = Yard::new();
    let mut one = prepared(&mut yard).await;
    yard.complain();
    yard.order(&one, Effect::Remove, 2);
    let why = failed(yard.told().await.1);
    let expected = "it cannot be cleaned up (try 1 of 2; it is tried again): no room: the disk is full\nhelp: make some";
    assert_eq!(why, expected);
    assert!(yard.source(&one).exists(), "it is not taken away");

    yard.complain_no_more();
    yard.hang();
    yard.cleanup_secs.store(1, Ordering::Relaxed);
    one.failures = 1;
    yard.order(&one, Effect::Remove, 3);
    let why = failed(yard.told().await.1);
    let expected = "it cannot be cleaned up (try 2 of 2; it goes without the next time): it took longer than 1 s";
    assert_eq!(why, expected);
    assert!(yard.source(&one).exists(), "it is not taken away");

    let before = yard.asked().len();
    one.failures = 2;
    yard.order(&one, Effect::Remove, 4);
    assert_eq!(yard.told().await, (4, Event::Done));
    assert_eq!(yard.asked()[before..], ["down --all"]);
    assert!(!yard.source(&one).exists());
    // The log outlives it.
    let last = yard.logs.last(&one.id, Part::Run, 2);
    let warning =
        "warning: it goes without being cleaned up: what it has made elsewhere may be left";
    assert_eq!(last, [&format!("error: {expected}"), warning]);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_cleaned_up_where_nothing_has_run_and_strangers_stay_confined() {
    let mut yard = Yard::new();
    let commit = yard.commit_more(JOB);
    let one = Yard::environment(&commit);
    yard.complain();
    yard.order(&one, Effect::Prepare, 1);
    failed(yard.told().await.1);
    yard.order(&one, Effect::Remove, 2);
    assert_eq!(yard.told().await, (2, Event::Done));
    assert!(!yard.said().contains("--cleanup"), "{}", yard.said());

    yard.complain_no_more();
    let mut one = one;
    one.is_trusted = false;
    yard.order(&one, Effect::Prepare, 3);
    assert_eq!(yard.told().await, (3, Event::Done));
    one.is_prepared = true;
    yard.order(&one, Effect::Remove, 4);
    assert_eq!(yard.told().await, (4, Event::Done));
    let said = yard.said();
    let cleanup = said.lines().find(|line| line.contains("--cleanup"));
    let cleanup = cleanup.expect("it is cleaned up");
    let confined = "--network isolated --confined=";
    assert!(
        cleanup.contains("/strangers ") && cleanup.contains(confined),
        "{cleanup}"
    );
}
