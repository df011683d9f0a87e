//! All decisions, one after another.

use super::agenda::Agenda;
use super::plan::Decision;
use crate::inventory::Inventory;
use crate::policy::Policy;
use crate::time::Time;
use crate::wanted::Wanted;

/// What is done now, in this order: everything is looked at.
pub fn decide(policy: &Policy, inventory: &Inventory, wanted: &Wanted, now: Time) -> Vec<Decision> {
    let mut there = inventory.clone();
    let outcomes = Agenda::default().decide(policy, &mut there, wanted, now);
    outcomes.into_iter().map(|one| one.decision).collect()
}
