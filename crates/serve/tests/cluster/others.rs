//! What somebody else does on the cluster: it is noticed, told, and mended where it can be.

use std::time::Duration;

use boatyard_preview::environment::Environment;
use boatyard_preview::phase::{Effect, Event, Phase};
use boatyard_preview::time::Time;
use boatyard_serve::backend::{Backend as _, Order};
use boatyard_serve::clock::Clock;
use serde_json::{Value, json};

use crate::api::fault::Fault;
use crate::api::store::Key;
use crate::story::Story;
use crate::yard::{Yard, id, namespace};

const STORY: Story = Story {
    count: 1,
    preparing: 2,
    running: 4,
};

fn web(number: usize) -> Key {
    Key::new("deployments", &namespace(number), "web")
}

fn there(number: usize) -> Key {
    Key::new("namespaces", "", &namespace(number))
}

fn change(yard: &Yard, key: &Key, change: impl FnOnce(&mut Value)) {
    let mut store = yard.api.store();
    let mut object = store.get(key).unwrap().clone();
    change(&mut object);
    store.put(key, object);
}

fn scale(yard: &Yard, number: usize, replicas: u32) {
    change(yard, &web(number), |object| {
        object["spec"]["replicas"] = json!(replicas);
    });
}

fn replicas(yard: &Yard, number: usize) -> Option<Value> {
    let store = yard.api.store();
    Some(store.get(&web(number))?["spec"]["replicas"].clone())
}

/// What is written on a namespace, if it is a record.
pub fn record(yard: &Yard, number: usize) -> Option<Value> {
    let store = yard.api.store();
    let annotations = &store.get(&there(number))?["metadata"]["annotations"];
    serde_json::from_str(annotations["boatyard.dev/environment"].as_str()?).ok()
}

async fn running(numbers: std::ops::Range<usize>) -> Yard {
    let yard = STORY.begin().await;
    yard.push(numbers.clone()).await;
    yard.until(numbers.clone(), Phase::Asleep).await;
    yard.ask(numbers.clone(), &Event::Use).await;
    yard.until(numbers, Phase::Running).await;
    yard
}

async fn fails(yard: &Yard, number: usize, why: &str) {
    yard.until([number], Phase::Failed).await;
    let reason = yard.known()[&id(number)].reason.clone().unwrap();
    assert!(reason.contains(why), "{why:?} not in {reason:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_ends_what_runs_is_told() {
    let yard = running(0..4).await;
    yard.api.store().delete(&there(0));
    fails(&yard, 0, "somebody has removed its namespace").await;
    scale(&yard, 1, 0);
    fails(&yard, 1, "somebody has scaled Deployment/web to zero").await;
    yard.api.store().delete(&web(2));
    fails(&yard, 2, "what ran is no longer there").await;
    // A crash loop ends it, and nothing of it is left to run.
    yard.api.store().sick.insert(namespace(3), 4);
    let pod = Key::new("pods", &namespace(3), "web-1-0");
    yard.api.store().delete(&pod);
    fails(&yard, 3, "it was started 5 times and ended each time").await;
    yard.until_so("asleep", |yard| replicas(yard, 3) == Some(json!(0)))
        .await;
    // It is as good as new where somebody wants it.
    yard.api.store().sick.clear();
    yard.ask(0..4, &Event::Use).await;
    yard.until(0..4, Phase::Running).await;
    assert_eq!(replicas(&yard, 0), Some(json!(1)), "it was made anew");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_heals_by_itself_goes_on_and_is_noted() {
    let yard = running(0..1).await;
    let pod = Key::new("pods", &namespace(0), "web-1-0");
    // Its Deployment makes another pod, which is not well, and then one that is.
    yard.api.store().sick.insert(namespace(0), 1);
    assert!(yard.api.store().delete(&pod));
    yard.until_so("noted", |yard| yard.noted(0).contains("0 of 1 ready"))
        .await;
    yard.api.store().sick.clear();
    assert!(yard.api.store().delete(&pod));
    let again = "Deployment/web is ready again";
    yard.until_so("noted", |yard| yard.noted(0).contains(again))
        .await;
    assert_eq!(yard.known()[&id(0)].phase, Phase::Running);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_sleeps_stays_asleep_and_there() {
    let yard = STORY.begin().await;
    yard.push(0..4).await;
    yard.until(0..4, Phase::Asleep).await;
    scale(&yard, 0, 3);
    yard.until_so("asleep again", |yard| {
        replicas(yard, 0) == Some(json!(0)) && yard.noted(0).contains("somebody has scaled it up")
    })
    .await;
    // Removed by somebody else: it is made anew.
    let begun = &yard.deploys.begun;
    let before = begun.load(std::sync::atomic::Ordering::Relaxed);
    yard.api.store().delete(&there(1));
    yard.until_so("there again", |yard| {
        replicas(yard, 1) == Some(json!(0)) && yard.known()[&id(1)].phase == Phase::Asleep
    })
    .await;
    assert_eq!(begun.load(std::sync::atomic::Ordering::Relaxed), before + 1);
    // Edited by hand: whose it is and what is written on it is not believed over what is known; what is nobody's is let be.
    change(&yard, &there(2), |object| {
        object["metadata"]["annotations"]["boatyard.dev/environment"] = json!("{");
    });
    let foreign = Key::new("namespaces", "", "yard-foreign");
    yard.api.store().put(&foreign, json!({"metadata": {}}));
    scale(&yard, 3, 1);
    yard.until_so("written again", |yard| {
        record(yard, 2).is_some_and(|record| record["phase"] == "asleep")
    })
    .await;
    assert!(yard.api.store().get(&foreign).is_some());
}

/// T17: one of the things that a namespace is to have is refused.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_fails_alone_and_can_be_made_anew() {
    let yard = STORY.begin().await;
    for (number, plural) in ["resourcequotas", "networkpolicies", "deployments"]
        .iter()
        .enumerate()
    {
        yard.api.suffer(&[Fault::Refuse(plural)]);
        yard.push([number]).await;
        fails(&yard, number, "exceeded quota").await;
    }
    yard.api.suffer(&[]);
    yard.push([3]).await;
    yard.until([3], Phase::Asleep).await;
    yard.ask(0..3, &Event::Reset).await;
    yard.until(0..4, Phase::Asleep).await;
}

/// The clock of the machine may jump; that of the keeper is ahead of it here.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_down_is_dated_by_the_clock_of_the_keeper() {
    let yard = running(0..1).await;
    let mut one = Environment::clone(&yard.known()[&id(0)]);
    let later = one.since.after(Duration::from_secs(60 * 60));
    (one.phase, one.attempt) = (Phase::Stopping, one.attempt + 1);
    yard.clustered.begin(Order {
        effect: Effect::Stop,
        attempt: one.attempt,
        environment: one,
        clock: Clock::after(later),
    });
    yard.until_so("dated", |yard| {
        let record = record(yard, 0).unwrap();
        let since = serde_json::from_value::<Time>(record["since"].clone());
        record["phase"] == "asleep" && since.is_ok_and(|since| since >= later)
    })
    .await;
}

/// T14: nothing is done before it is known what is there.
#[tokio::test(flavor = "multi_thread")]
async fn who_has_forgotten_everything_does_nothing_before_it_has_looked() {
    let story = Story {
        count: 12,
        preparing: 3,
        running: 4,
    };
    let yard = story.begin().await;
    story.play(&yard).await;
    story.ends_well("before", &yard).await;
    let begun = || {
        yard.deploys
            .begun
            .load(std::sync::atomic::Ordering::Relaxed)
    };
    let before = begun();
    let version = yard.api.store().version;
    yard.api.suffer(&[Fault::Status(1, 403, false)]);
    assert!(yard.clustered.found().await.is_err());
    let swept = yard
        .clustered
        .sweep(Duration::ZERO, std::collections::BTreeMap::new);
    let swept = swept.await;
    assert!(swept.lost.is_empty() && !swept.said.is_empty(), "{swept:?}");
    assert_eq!(yard.api.store().version, version, "nothing was written");
    yard.api.suffer(&[]);
    assert_eq!(begun(), before);
    let deploys = std::sync::Arc::clone(&yard.deploys);
    // Killed, and its journal is lost: what is written on the namespaces is enough, and nothing is built again.
    let yard = yard.restart((story.preparing, story.running), false).await;
    story.ends_well("after", &yard).await;
    let after = deploys.begun.load(std::sync::atomic::Ordering::Relaxed);
    assert_eq!(after, before);
}
