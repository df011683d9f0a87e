//! Who would have to go next, and why it of all: told to whoever asks, before it happens.

use super::{fit, run};
use crate::id::Id;
use crate::inventory::Inventory;
use crate::policy::Policy;
use crate::time::Time;
use crate::wanted::Wanted;

pub use super::fit::Worth;

/// Who would be taken away for others, in this order.
pub fn removed(inventory: &Inventory, wanted: &Wanted) -> Vec<(Id, Worth)> {
    fit::order(inventory, wanted)
}

/// Who would be stopped for another one that is asked for, in this order.
pub fn stopped(policy: &Policy, inventory: &Inventory, now: Time) -> Vec<Id> {
    run::order(policy, inventory, now)
}
