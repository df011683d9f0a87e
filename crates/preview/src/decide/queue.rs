//! Whose turn it is: fair between repositories, first come first served within one.

use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, BinaryHeap};

use crate::environment::Environment;
use crate::inventory::{Inventory, Turn};
use crate::phase::Phase;
use crate::policy::Policy;
use crate::revision::Repository;

/// How many turns count in what a repository has had of late.
const RECENT: usize = 32;

/// All that wait for their turn and for nothing else, in the order in which it comes, if nothing else is pushed.
///
/// The repository that has had the least of the last turns goes first, counted in shares: with shares 2 and 1, two of the first
/// go for one of the second. Of equals the one whose first has waited longest.
pub fn order<'a>(
    policy: &Policy,
    inventory: &'a Inventory,
) -> impl Iterator<Item = &'a Environment> + use<'a> {
    ready(policy, inventory, |_| true)
}

/// The same, each repository only as far as the first for whom `is` does not hold.
pub(super) fn ready<'a, I>(
    policy: &Policy,
    inventory: &'a Inventory,
    is: I,
) -> impl Iterator<Item = &'a Environment> + use<'a, I>
where
    I: Fn(&Environment) -> bool + Copy,
{
    let served = served(inventory);
    let mut rests = Vec::new();
    let mut waiting = BinaryHeap::new();
    for (repository, queue) in inventory.queues() {
        // Whoever waits for images is in nobody's way.
        let queue = queue.filter(|(_, one)| one.images.awaited().is_none());
        let mut queue = queue.take_while(move |(_, one)| is(one));
        if let Some((turn, one)) = queue.next() {
            let watch = policy.repositories.get(repository);
            waiting.push(Reverse(First {
                served: served.get(repository).copied().unwrap_or(0),
                share: u64::from(watch.map_or(1, |watch| watch.share).max(1)),
                turn,
                one,
                rest: rests.len(),
            }));
            rests.push(queue);
        }
    }
    std::iter::from_fn(move || {
        let Reverse(first) = waiting.pop()?;
        if let Some((turn, one)) = rests[first.rest].next() {
            waiting.push(Reverse(First {
                served: first.served + 1,
                turn,
                one,
                ..first
            }));
        }
        Some(first.one)
    })
}

/// The first that waits in a repository.
struct First<'a> {
    /// How many turns the repository has had.
    served: u64,
    share: u64,
    turn: Turn,
    one: &'a Environment,
    /// Where those behind it are.
    rest: usize,
}

impl Ord for First<'_> {
    /// The lesser one goes first.
    fn cmp(&self, other: &Self) -> Ordering {
        // served / share against other.served / other.share
        (self.served * other.share)
            .cmp(&(other.served * self.share))
            .then_with(|| self.turn.cmp(&other.turn))
    }
}

impl PartialOrd for First<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for First<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for First<'_> {}

/// How many of the last turns each repository has had; what is still being prepared always counts.
fn served(inventory: &Inventory) -> BTreeMap<&Repository, u64> {
    let busy = inventory.of_phase(Phase::Preparing);
    let busy: Vec<&Environment> = busy.filter(|one| one.turn.is_some()).collect();
    let done = inventory.turns();
    let done = done
        .filter(|one| one.phase != Phase::Preparing)
        .take(RECENT.saturating_sub(busy.len()));
    let mut served = BTreeMap::new();
    for one in busy.iter().copied().chain(done) {
        *served.entry(&one.revision.place.repository).or_default() += 1;
    }
    served
}
