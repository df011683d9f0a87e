//! What is asked for runs, while there is room, or another one may give way.

use super::Why;
use super::plan::Plan;
use crate::environment::{Environment, Slot};
use crate::id::Id;
use crate::inventory::Inventory;
use crate::phase::{Event, Phase};
use crate::policy::Policy;
use crate::time::Time;

pub(super) fn run(plan: &mut Plan<'_>) {
    let limit = plan.policy.limits.running;
    // Those that are ending make room soon.
    let mut soon = plan.there.count(Phase::Stopping);
    for id in waiting(plan) {
        if plan.there.held(Slot::Running) < limit {
            plan.happens(&id, Event::Start, Why::Asked);
        } else if soon > 0 {
            soon -= 1;
        } else if !is_waited_for(plan, &id) {
            // So nobody gives way.
        } else if let Some(victim) = order(plan.policy, plan.there, plan.now).into_iter().next() {
            plan.happens(&victim, Event::Stop, Why::GivesWay(id));
        }
    }
}

/// Those that would run if there were room: who was asked for first, or came to be first, is first.
fn waiting(plan: &Plan<'_>) -> Vec<Id> {
    let starts = |repository| {
        let watch = plan.policy.repositories.get(repository);
        watch.is_some_and(|watch| watch.starts)
    };
    let fresh = plan.there.fresh();
    let fresh = fresh.filter(|(repository, _)| starts(repository));
    let all = plan.there.asked().chain(fresh.flat_map(|(_, all)| all));
    let mut waiting: Vec<&(Time, Id)> = all.filter(|(_, id)| may_start(plan, id)).collect();
    waiting.sort();
    waiting.into_iter().map(|(_, id)| *id).collect()
}

/// Whether one that is to run can.
fn may_start(plan: &Plan<'_>, id: &Id) -> bool {
    plan.there.get(id).is_some_and(|one| match one.phase {
        Phase::Asleep => true,
        Phase::Failed => {
            let waited = plan.now.since(one.since);
            one.is_prepared && waited >= plan.policy.times.wait(one.failures)
        }
        _ => false,
    })
}

/// Whether somebody waits for it with good reason: what has failed since it was asked for is tried again where there is room.
fn is_waited_for(plan: &Plan<'_>, id: &Id) -> bool {
    let is = |one: &Environment| one.asked.is_some() && one.phase != Phase::Failed;
    plan.there.get(id).is_some_and(is)
}

/// Those that may give way, in the order in which they would: of those that have run long enough and are not pinned, the one that
/// was used least lately first.
pub(super) fn order(policy: &Policy, inventory: &Inventory, now: Time) -> Vec<Id> {
    let may_go =
        |one: &&Environment| !one.is_pinned && now.since(one.since) >= policy.times.residence;
    let running = inventory.of_phase(Phase::Running).filter(may_go);
    let mut order: Vec<(Time, Id)> = running.map(|one| (one.used, one.id)).collect();
    order.sort();
    order.into_iter().map(|(_, id)| id).collect()
}
