//! Which environments have snapshots, as far as was heard: who hears of fewer has some to take away.

use std::collections::BTreeMap;

use boatyard_preview::id::Id;
use boatyard_preview::inventory::Records;

use crate::feed::Change;

/// How many snapshots each has; those that have none are not there.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Shelf(BTreeMap<Id, usize>);

impl Shelf {
    /// As it is in the records.
    pub(super) fn of(known: &Records) -> Self {
        let counts = known.iter().map(|(id, one)| (*id, one.snapshots.len()));
        Self(counts.filter(|(_, count)| *count > 0).collect())
    }

    /// Takes in a change; whether there is one snapshot less.
    pub(super) fn loses(&mut self, change: &Change) -> bool {
        let now = change.environment.as_ref();
        let now = now.map_or(0, |one| one.snapshots.len());
        let before = match now {
            0 => self.0.remove(&change.id),
            now => self.0.insert(change.id, now),
        };
        before.is_some_and(|before| now < before)
    }
}
