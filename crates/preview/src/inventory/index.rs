//! Environments by what is asked of them: kept up with each change, so that nobody goes through all of them.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::environment::{Environment, Slot};
use crate::id::Id;
use crate::phase::Phase;
use crate::revision::Repository;
use crate::time::Time;

/// Where one stands in the queue of its repository: what somebody waits for before what nobody does, then by age.
pub(crate) type Turn = (bool, Time, Id);

/// Sets by a key; none of them is empty.
type Shelves<K, V> = BTreeMap<K, BTreeSet<V>>;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Index {
    /// By phase.
    pub phases: Shelves<Phase, Id>,
    /// Those that wait for their turn to be prepared.
    pub queues: Shelves<Repository, Turn>,
    /// Those that have had a turn, the last one first.
    pub turns: BTreeSet<(Reverse<Time>, Id)>,
    /// Those that rest and that somebody waits for, since when.
    pub asked: BTreeSet<(Time, Id)>,
    /// Those that rest, have not answered since they were prepared, and that nobody waits for; and when they came to be.
    pub fresh: Shelves<Repository, (Time, Id)>,
    /// Those that are being prepared.
    pub preparing: usize,
    /// Those that run, or may still.
    pub running: usize,
    /// Those that have anything.
    pub kept: usize,
    /// Those of them that soon have nothing any more.
    pub leaving: usize,
}

impl Index {
    /// One is there from now on, as it is, or is no more.
    pub fn note(&mut self, one: &Environment, is_there: bool) {
        let repository = &one.revision.place.repository;
        shelve(&mut self.phases, &one.phase, one.id, is_there);
        if one.phase == Phase::Queued {
            shelve(&mut self.queues, repository, turn(one), is_there);
        }
        if let Some(turn) = one.turn {
            put(&mut self.turns, (Reverse(turn), one.id), is_there);
        }
        if matches!(one.phase, Phase::Asleep | Phase::Failed) {
            if let Some(asked) = one.asked {
                put(&mut self.asked, (asked, one.id), is_there);
            } else if !one.is_good {
                let new = (one.created, one.id);
                shelve(&mut self.fresh, repository, new, is_there);
            }
        }
        match one.slot() {
            Some(Slot::Preparing) => count(&mut self.preparing, is_there),
            Some(Slot::Running) => count(&mut self.running, is_there),
            None => {}
        }
        if one.is_kept() {
            count(&mut self.kept, is_there);
            if one.is_leaving() {
                count(&mut self.leaving, is_there);
            }
        }
    }
}

/// Where one stands in the queue of its repository.
fn turn(one: &Environment) -> Turn {
    (one.asked.is_none(), one.since, one.id)
}

fn shelve<K: Ord + Clone, V: Ord>(shelves: &mut Shelves<K, V>, key: &K, value: V, is_there: bool) {
    let Some(shelf) = shelves.get_mut(key) else {
        if is_there {
            shelves.insert(key.clone(), BTreeSet::from([value]));
        }
        return;
    };
    put(shelf, value, is_there);
    if shelf.is_empty() {
        shelves.remove(key);
    }
}

fn put<V: Ord>(set: &mut BTreeSet<V>, value: V, is_there: bool) {
    if is_there {
        set.insert(value);
    } else {
        set.remove(&value);
    }
}

fn count(counter: &mut usize, is_there: bool) {
    *counter = if is_there { *counter + 1 } else { *counter - 1 };
}
