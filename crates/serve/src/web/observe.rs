//! Watches the feed and counts what it shows.

use std::collections::BTreeMap;

use boatyard_preview::environment::Environment;
use boatyard_preview::id::Id;
use boatyard_preview::phase::Phase;
use boatyard_preview::time::Time;

use super::site::Site;
use crate::feed::Change;
use crate::trace::{self, Traces};

const PORTION: usize = 1024;

/// What an environment was before.
struct Before {
    phase: Phase,
    since: Time,
    asked: Option<Time>,
}

/// Counts until the server ends.
pub async fn follow(site: Site) {
    let feed = site.keeper().feed();
    let mut more = feed.follow();
    let mut seen = feed.last();
    let mut before = read(&site);
    loop {
        let Ok(changes) = feed.since(seen, PORTION) else {
            // What was not seen is not counted.
            (seen, before) = (feed.last(), read(&site));
            continue;
        };
        for change in &changes {
            seen = change.number;
            take(&site, &mut before, change);
        }
        if changes.len() == PORTION {
            continue;
        }
        if more.changed().await.is_err() {
            return;
        }
    }
}

fn read(site: &Site) -> BTreeMap<Id, Before> {
    let pair = |one: &Environment| (one.id, Before::of(one));
    site.keeper()
        .look(|known| known.inventory.all().map(pair).collect())
}

fn take(site: &Site, before: &mut BTreeMap<Id, Before>, change: &Change) {
    let metrics = site.metrics();
    if let Some(was) = before.get(&change.id) {
        tell(&site.settings().traces, was, change);
    }
    let Some(environment) = &change.environment else {
        before.remove(&change.id);
        return;
    };
    let was = before.insert(change.id, Before::of(environment));
    let Some(was) = was else { return };
    match (was.phase, environment.phase) {
        (Phase::Preparing, Phase::Asleep) => metrics.prepare.observe(change.at.since(was.since)),
        (Phase::Starting, Phase::Running) => {
            if let Some(asked) = was.asked {
                metrics.wake.observe(change.at.since(asked));
            }
        }
        _ => {}
    }
}

/// What took how long until this change.
fn tell(traces: &Traces, was: &Before, change: &Change) {
    let after = change.environment.as_ref().map(|one| one.phase);
    let one = change.environment.as_ref().or(change.was.as_ref());
    let Some(one) = one.filter(|_| traces.is_on() && after != Some(was.phase)) else {
        return;
    };
    let span = trace::phase(was.phase, was.since, one, (after, change.at));
    if let Some(span) = span {
        traces.send(span);
    }
    // The first order was that to prepare it.
    if was.phase == Phase::Preparing && one.attempt <= 1 {
        traces.send(trace::revision(one, change.at));
    }
}

impl Before {
    fn of(one: &Environment) -> Self {
        Self {
            phase: one.phase,
            since: one.since,
            asked: one.asked,
        }
    }
}
