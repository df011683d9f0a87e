//! Whose turn it is to be prepared.

use super::plan::Plan;
use super::{Why, queue};
use crate::environment::Slot;
use crate::id::Id;
use crate::phase::Event;

/// Those whose turn it is, as far as there are slots.
pub(super) fn turns(plan: &Plan<'_>) -> Vec<Id> {
    let free = plan
        .policy
        .limits
        .preparing
        .saturating_sub(plan.there.held(Slot::Preparing));
    // What was pushed just now waits for what may be pushed next, unless somebody waits for it.
    let is_settled = |id: &Id| {
        plan.there.get(id).is_some_and(|one| {
            one.asked.is_some() || plan.now.since(one.since) >= plan.policy.times.settle
        })
    };
    queue::order(plan.policy, plan.there.all())
        .into_iter()
        .map(|one| one.id)
        .filter(is_settled)
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
