//! All environments that are known.

use std::collections::BTreeMap;

use crate::environment::{Environment, Slot};
use crate::id::Id;

/// All environments that are known, by their id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inventory(BTreeMap<Id, Environment>);

impl Inventory {
    /// The environment of that id.
    pub fn get(&self, id: &Id) -> Option<&Environment> {
        self.0.get(id)
    }

    /// All, by id.
    pub fn all(&self) -> impl Iterator<Item = &Environment> + Clone {
        self.0.values()
    }

    /// Keeps what is known now.
    pub fn set(&mut self, environment: Environment) {
        self.0.insert(environment.id.clone(), environment);
    }

    /// Forgets what is gone.
    pub fn forget(&mut self, id: &Id) {
        self.0.remove(id);
    }

    /// How many hold that.
    pub fn held(&self, slot: Slot) -> usize {
        self.all().filter(|one| one.slot() == Some(slot)).count()
    }

    /// How many there are that have anything.
    pub fn kept(&self) -> usize {
        self.all().filter(|one| one.is_kept()).count()
    }
}

impl FromIterator<Environment> for Inventory {
    fn from_iter<I: IntoIterator<Item = Environment>>(all: I) -> Self {
        let mut inventory = Self::default();
        all.into_iter().for_each(|one| inventory.set(one));
        inventory
    }
}
