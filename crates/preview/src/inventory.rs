//! All environments that are known.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::environment::{Environment, Slot};
use crate::id::Id;
use crate::revision::{Place, Repository, Subject};

/// The environments of each branch and pull request.
pub(crate) type Places = BTreeMap<Repository, BTreeMap<Subject, Vec<Id>>>;

/// All environments that are known. A copy of it is cheap.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inventory {
    all: BTreeMap<Id, Arc<Environment>>,
    places: Arc<Places>,
    preparing: usize,
    running: usize,
    kept: usize,
}

impl Inventory {
    /// The environment of that id.
    pub fn get(&self, id: &Id) -> Option<&Environment> {
        self.all.get(id).map(AsRef::as_ref)
    }

    /// All, by id.
    pub fn all(&self) -> impl Iterator<Item = &Environment> + Clone {
        self.all.values().map(AsRef::as_ref)
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

    /// All, by branch and pull request.
    pub(crate) fn places(&self) -> Arc<Places> {
        Arc::clone(&self.places)
    }

    /// Keeps what is known now.
    pub fn set(&mut self, environment: Environment) {
        let place = environment.revision.place.clone();
        self.count(&environment, true);
        let id = environment.id;
        let before = self.all.insert(id, Arc::new(environment));
        match before {
            Some(before) => {
                self.count(&before, false);
                if before.revision.place != place {
                    self.leave(&before);
                    self.enter(place, id);
                }
            }
            None => self.enter(place, id),
        }
    }

    /// Forgets what is gone.
    pub fn forget(&mut self, id: &Id) {
        if let Some(before) = self.all.remove(id) {
            self.count(&before, false);
            self.leave(&before);
        }
    }

    /// How many hold that.
    pub fn held(&self, slot: Slot) -> usize {
        match slot {
            Slot::Preparing => self.preparing,
            Slot::Running => self.running,
        }
    }

    /// How many there are that have anything.
    pub fn kept(&self) -> usize {
        self.kept
    }

    fn count(&mut self, one: &Environment, is_there: bool) {
        let counter = match one.slot() {
            Some(Slot::Preparing) => Some(&mut self.preparing),
            Some(Slot::Running) => Some(&mut self.running),
            None => None,
        };
        let kept = one.is_kept().then_some(&mut self.kept);
        for counter in counter.into_iter().chain(kept) {
            *counter = if is_there { *counter + 1 } else { *counter - 1 };
        }
    }

    fn enter(&mut self, place: Place, id: Id) {
        let subjects = Arc::make_mut(&mut self.places).entry(place.repository);
        subjects
            .or_default()
            .entry(place.subject)
            .or_default()
            .push(id);
    }

    fn leave(&mut self, one: &Environment) {
        let Place {
            repository,
            subject,
        } = &one.revision.place;
        let places = Arc::make_mut(&mut self.places);
        let Some(subjects) = places.get_mut(repository) else {
            return;
        };
        if let Some(ids) = subjects.get_mut(subject) {
            ids.retain(|id| *id != one.id);
            if ids.is_empty() {
                subjects.remove(subject);
            }
        }
        if subjects.is_empty() {
            places.remove(repository);
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
