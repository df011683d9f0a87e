//! What is asked for runs, while there is room, or another one may give way.

use super::Why;
use super::plan::Plan;
use crate::environment::{Environment, Slot};
use crate::id::Id;
use crate::phase::{Event, Phase};

pub(super) fn run(plan: &mut Plan<'_>) {
    let limit = plan.policy.limits.running;
    let waiting = plan.sorted(
        |one| may_start(plan, one),
        |one| one.asked.unwrap_or(one.created),
    );
    // Those that are ending make room soon.
    let mut soon = plan
        .sorted(|one| one.phase == Phase::Stopping, |one| one.since)
        .len();
    for id in waiting {
        if plan.there.held(Slot::Running) < limit {
            plan.happens(&id, Event::Start, Why::Asked);
        } else if soon > 0 {
            soon -= 1;
        } else if !is_waited_for(plan, &id) {
            // So nobody gives way.
        } else if let Some(victim) = victim(plan) {
            plan.happens(&victim, Event::Stop, Why::GivesWay(id));
        }
    }
}

/// Whether somebody waits for it with good reason: what has failed since it was asked for is tried again where there is room.
fn is_waited_for(plan: &Plan<'_>, id: &Id) -> bool {
    let is = |one: &Environment| one.asked.is_some() && one.phase != Phase::Failed;
    plan.there.get(id).is_some_and(is)
}

/// Whether it would run if there were room.
fn may_start(plan: &Plan<'_>, one: &Environment) -> bool {
    let is_wanted = one.asked.is_some() || !one.is_good && plan.starts(one);
    match one.phase {
        Phase::Asleep => is_wanted,
        Phase::Failed => {
            is_wanted
                && one.is_prepared
                && plan.now.since(one.since) >= plan.policy.times.wait(one.failures)
        }
        _ => false,
    }
}

fn victim(plan: &Plan<'_>) -> Option<Id> {
    order(plan).into_iter().next()
}

/// Those that may give way, in the order in which they would: of those that have run long enough and are not pinned, the one that
/// was used least lately first.
pub(super) fn order(plan: &Plan<'_>) -> Vec<Id> {
    let residence = plan.policy.times.residence;
    let may_go = |one: &Environment| {
        one.phase == Phase::Running && !one.is_pinned && plan.now.since(one.since) >= residence
    };
    plan.sorted(may_go, |one| one.used)
}
