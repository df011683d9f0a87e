//! Who waits, and who would have to go.

use boatyard_preview::config::Scope;
use std::time::Duration;

use boatyard_preview::decide::{queue, victims};
use boatyard_preview::environment::{Environment, Slot};
use boatyard_preview::id::Id;
use boatyard_preview::inventory::Inventory;
use boatyard_preview::time::Time;
use serde::Serialize;

use super::access::Caller;
use super::card::Card;
use super::settings::Settings;
use crate::keeper::Known;

/// Somebody in the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Waiting {
    /// 1 is the next.
    pub position: usize,
    /// In how many seconds it may be its turn; none: nothing has been prepared yet, so nobody knows.
    pub estimate_seconds: Option<u64>,
}

/// All that wait, in the order in which it will be their turn. `mean`: how long one takes to be prepared.
pub fn waiting(
    known: &Known,
    mean: Option<Duration>,
) -> impl Iterator<Item = (Waiting, &Environment)> {
    let inventory = &known.inventory;
    let slots = known.policy.limits.preparing;
    let free = slots.saturating_sub(inventory.held(Slot::Preparing));
    let wait = move |at: usize| {
        // Those in the free slots go at once; then each slot takes one after another.
        let rounds = (at + 1).saturating_sub(free).div_ceil(slots.max(1));
        Some(mean?.as_secs() * rounds as u64)
    };
    let waiting = move |(at, one)| {
        let (position, estimate_seconds) = (at + 1, wait(at));
        (
            Waiting {
                position,
                estimate_seconds,
            },
            one,
        )
    };
    let order = queue::order(&known.policy, inventory);
    order.enumerate().map(waiting)
}

/// Where one stands in the queue, if it does.
pub fn place(known: &Known, id: &Id, mean: Option<Duration>) -> Option<Waiting> {
    use boatyard_preview::phase::Phase;
    known
        .inventory
        .get(id)
        .filter(|one| one.phase == Phase::Queued)?;
    waiting(known, mean)
        .find(|(_, one)| one.id == *id)
        .map(|(waiting, _)| waiting)
}

/// Those in the queue that `caller` may see.
pub fn seen<'a>(
    known: &'a Known,
    caller: &'a Caller,
    mean: Option<Duration>,
) -> impl Iterator<Item = (Waiting, &'a Environment)> {
    waiting(known, mean)
        .filter(|(_, one)| caller.may_in(Scope::Read, &one.revision.place.repository))
}

/// How much of a limit is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Taken {
    /// How many there may be.
    pub limit: usize,
    /// How many there are.
    pub taken: usize,
}

/// One that would have to go, and why it of all.
#[derive(Clone, Debug, Serialize)]
pub struct Victim {
    /// It.
    pub environment: Card,
    /// Why.
    pub why: String,
}

/// Limits, and who would have to go next.
#[derive(Clone, Debug, Serialize)]
pub struct Limits {
    /// Being prepared.
    pub preparing: Taken,
    /// Running, starting or ending.
    pub running: Taken,
    /// Having anything at all.
    pub kept: Taken,
    /// Megabytes of snapshots.
    pub snapshot_megabytes: Taken,
    /// Who would be stopped for another one that is asked for, in this order.
    pub stopped_next: Vec<Victim>,
    /// Who would be taken away for others, in this order.
    pub removed_next: Vec<Victim>,
}

/// How many of them are told.
const NEXT: usize = 10;
/// Why one is stopped for another.
const LEAST: &str =
    "of those that have run long enough and are not pinned, it was used least lately";

/// Limits, and who would have to go next, of those that `caller` may see.
pub fn limits(known: &Known, caller: &Caller, settings: &Settings, now: Time) -> Limits {
    let (inventory, policy) = (&known.inventory, &known.policy);
    let victim = |(id, why): (Id, String)| {
        let one = inventory.get(&id)?;
        let is_seen = caller.may_in(Scope::Read, &one.revision.place.repository);
        let environment = card(known, one, settings);
        is_seen.then_some(Victim { environment, why })
    };
    let stopped = victims::stopped(policy, inventory, now).into_iter();
    let removed = victims::removed(inventory, &known.wanted).into_iter();
    let stopped = stopped.map(|id| (id, LEAST.to_owned()));
    let removed = removed.map(|(id, worth)| (id, worth.to_string()));
    let taken = |limit, taken| Taken { limit, taken };
    Limits {
        preparing: taken(policy.limits.preparing, inventory.held(Slot::Preparing)),
        running: taken(policy.limits.running, inventory.held(Slot::Running)),
        kept: taken(policy.limits.kept, inventory.kept()),
        snapshot_megabytes: taken(policy.limits.snapshot_megabytes, megabytes(inventory)),
        stopped_next: stopped.filter_map(victim).take(NEXT).collect(),
        removed_next: removed.filter_map(victim).take(NEXT).collect(),
    }
}

/// What all snapshots take, in megabytes that were begun.
fn megabytes(inventory: &Inventory) -> usize {
    let bytes = snapshots(inventory).1.div_ceil(1_000_000);
    usize::try_from(bytes).unwrap_or(usize::MAX)
}

/// How many snapshots there are, and how many bytes they have.
pub fn snapshots(inventory: &Inventory) -> (usize, u64) {
    let all = inventory.all().flat_map(|one| &one.snapshots);
    all.fold((0, 0), |(count, bytes), one| {
        (count + 1, bytes + one.size_bytes)
    })
}

/// What people see of one.
pub fn card(known: &Known, one: &Environment, settings: &Settings) -> Card {
    Card::of(one, known.abouts.get(&one.revision.place), settings)
}
