//! Whose turn it is to be prepared.

use super::plan::Plan;
use super::{Why, queue};
use crate::environment::{Environment, Slot};
use crate::id::Id;
use crate::phase::Event;

/// Those whose turn it is, as far as there are slots.
pub(super) fn turns(plan: &Plan<'_>) -> Vec<Id> {
    let free = plan
        .policy
        .limits
        .preparing
        .saturating_sub(plan.there.held(Slot::Preparing));
    if free == 0 {
        return Vec::new();
    }
    // What was pushed just now waits for what may be pushed next, unless somebody waits for it. Those who came before it in the
    // queue of its repository have waited longer.
    let is_settled = |one: &Environment| {
        one.asked.is_some() || plan.now.since(one.since) >= plan.policy.times.settle
    };
    queue::ready(plan.policy, plan.there, is_settled)
        .map(|one| one.id)
        .take(free)
        .collect()
}

/// Prepares them, as far as there is room.
pub(super) fn prepare(plan: &mut Plan<'_>, turns: Vec<Id>) {
    let room = plan.policy.limits.kept.saturating_sub(plan.there.kept());
    for id in turns.into_iter().take(room) {
        plan.happens(&id, Event::Prepare, Why::Turn);
    }
}
