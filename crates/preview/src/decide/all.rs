//! All decisions, one after another.

use super::plan::{Decision, Plan};
use super::{appear, expire, fit, leave, prepare, run};
use crate::inventory::Inventory;
use crate::policy::Policy;
use crate::time::Time;
use crate::wanted::Wanted;

/// What is done now, in this order.
pub fn decide(policy: &Policy, inventory: &Inventory, wanted: &Wanted, now: Time) -> Vec<Decision> {
    let mut plan = Plan::new(policy, inventory, wanted, now);
    appear::appear(&mut plan);
    leave::leave(&mut plan);
    expire::expire(&mut plan);
    run::run(&mut plan);
    let turns = prepare::turns(&plan);
    fit::fit(&mut plan, turns.len());
    prepare::prepare(&mut plan, turns);
    plan.decisions
}
