//! All environments that are known.

mod index;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::environment::{Environment, Slot};
use crate::id::Id;
use crate::phase::Phase;
use crate::revision::{Place, Repository, Subject};
use crate::time::Time;

use index::Index;
pub(crate) use index::Turn;

/// What is known of each environment, for who keeps what it was then.
pub type Records = BTreeMap<Id, Arc<Environment>>;

/// The environments of each branch and pull request.
type Places = BTreeMap<Repository, BTreeMap<Subject, Vec<Id>>>;

/// All environments that are known, and who of them is what.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inventory {
    all: Records,
    places: Places,
    index: Index,
}

impl Inventory {
    /// The environment of that id.
    pub fn get(&self, id: &Id) -> Option<&Environment> {
        self.all.get(id).map(AsRef::as_ref)
    }

    /// The environment of that id, for who keeps what it is now.
    pub fn keep(&self, id: &Id) -> Option<Arc<Environment>> {
        self.all.get(id).cloned()
    }

    /// All, as they are now.
    pub fn records(&self) -> Records {
        self.all.clone()
    }

    /// All, by id, for who keeps what they are now.
    pub fn shared(&self) -> impl Iterator<Item = &Arc<Environment>> {
        self.all.values()
    }

    /// All, by id.
    pub fn all(&self) -> impl Iterator<Item = &Environment> + Clone {
        self.all.values().map(AsRef::as_ref)
    }

    /// Those in a phase, by id.
    pub fn of_phase(&self, phase: Phase) -> impl Iterator<Item = &Environment> + Clone {
        let ids = self.index.phases.get(&phase).into_iter().flatten();
        ids.filter_map(|id| self.get(id))
    }

    /// How many there are in a phase.
    pub fn count(&self, phase: Phase) -> usize {
        self.index.phases.get(&phase).map_or(0, BTreeSet::len)
    }

    /// Those of a branch or pull request.
    pub fn of_place(&self, place: &Place) -> impl Iterator<Item = &Environment> {
        self.of_subject(&place.repository, &place.subject)
    }

    /// Those of a branch or pull request of a repository.
    pub fn of_subject(
        &self,
        repository: &Repository,
        subject: &Subject,
    ) -> impl Iterator<Item = &Environment> {
        let subjects = self.places.get(repository);
        let ids = subjects.and_then(|subjects| subjects.get(subject));
        ids.into_iter().flatten().filter_map(|id| self.get(id))
    }

    /// Those of each repository that wait for their turn to be prepared, in the order in which they came.
    pub(crate) fn queues(
        &self,
    ) -> impl Iterator<Item = (&Repository, impl Iterator<Item = (Turn, &Environment)>)> {
        self.index.queues.iter().map(|(repository, queue)| {
            let of_turn = |turn: &Turn| Some((*turn, self.get(&turn.2)?));
            (repository, queue.iter().filter_map(of_turn))
        })
    }

    /// Those that have had a turn to be prepared, who had the last one first.
    pub(crate) fn turns(&self) -> impl Iterator<Item = &Environment> {
        let turns = self.index.turns.iter();
        turns.filter_map(|(_, id)| self.get(id))
    }

    /// Those that rest and that somebody waits for, since when.
    pub(crate) fn asked(&self) -> impl Iterator<Item = &(Time, Id)> {
        self.index.asked.iter()
    }

    /// Those of each repository that rest and have not answered since they were prepared, and that nobody waits for; and when
    /// they came to be.
    pub(crate) fn fresh(
        &self,
    ) -> impl Iterator<Item = (&Repository, impl Iterator<Item = &(Time, Id)>)> {
        let fresh = self.index.fresh.iter();
        fresh.map(|(repository, all)| (repository, all.iter()))
    }

    /// Keeps what is known now.
    pub fn set(&mut self, environment: impl Into<Arc<Environment>>) {
        let one: Arc<Environment> = environment.into();
        let before = self.all.insert(one.id, Arc::clone(&one));
        if let Some(before) = &before {
            self.index.note(before, false);
        }
        self.index.note(&one, true);
        let place = &one.revision.place;
        if before.as_ref().map(|before| &before.revision.place) != Some(place) {
            if let Some(before) = &before {
                self.leave(before);
            }
            self.enter(place.clone(), one.id);
        }
    }

    /// Forgets what is gone.
    pub fn forget(&mut self, id: &Id) {
        if let Some(before) = self.all.remove(id) {
            self.index.note(&before, false);
            self.leave(&before);
        }
    }

    /// How many hold that.
    pub fn held(&self, slot: Slot) -> usize {
        match slot {
            Slot::Preparing => self.index.preparing,
            Slot::Running => self.index.running,
        }
    }

    /// How many there are that have anything.
    pub fn kept(&self) -> usize {
        self.index.kept
    }

    /// How many of them soon have nothing any more.
    pub(crate) fn leaving(&self) -> usize {
        self.index.leaving
    }

    fn enter(&mut self, place: Place, id: Id) {
        let subjects = self.places.entry(place.repository).or_default();
        subjects.entry(place.subject).or_default().push(id);
    }

    fn leave(&mut self, one: &Environment) {
        let Place {
            repository,
            subject,
        } = &one.revision.place;
        let Some(subjects) = self.places.get_mut(repository) else {
            return;
        };
        if let Some(ids) = subjects.get_mut(subject) {
            ids.retain(|id| *id != one.id);
            if ids.is_empty() {
                subjects.remove(subject);
            }
        }
        if subjects.is_empty() {
            self.places.remove(repository);
        }
    }
}

impl FromIterator<Environment> for Inventory {
    fn from_iter<I: IntoIterator<Item = Environment>>(all: I) -> Self {
        let mut inventory = Self::default();
        all.into_iter().for_each(|one| inventory.set(one));
        inventory
    }
}

#[cfg(test)]
mod tests;
