//! What a decision has to look at: what is different since the last one, and what time has made ripe. Of ten thousand
//! environments nobody looks at all for each push.
//!
//! ```text
//! agenda.place(...)          a forge says something else
//! agenda.environment(...)    something happened to it
//! agenda.decide(...)         what is done about that, now: the same as if everything were looked at
//! ```

use std::collections::{BTreeMap, BTreeSet};

use super::plan::{Outcome, Plan};
use super::source::Sources;
use super::{appear, expire, fit, leave, prepare, run};
use crate::environment::Environment;
use crate::id::Id;
use crate::inventory::Inventory;
use crate::policy::Policy;
use crate::revision::{Place, Subject};
use crate::time::Time;
use crate::wanted::Wanted;

/// What has to be looked at. A new one knows of nothing that was looked at before, so all is: also what another policy asks for.
#[derive(Clone, Debug, Default)]
pub struct Agenda {
    /// Whether it has seen everything once.
    is_filled: bool,
    places: BTreeSet<Place>,
    ids: BTreeSet<Id>,
    /// When time alone makes something of an environment.
    moments: BTreeMap<Id, Time>,
    /// The same, by time.
    reminders: BTreeSet<(Time, Id)>,
    sources: Sources,
}

impl Agenda {
    /// Something else is said of a branch or pull request.
    pub fn place(&mut self, place: Place) {
        self.places.insert(place);
    }

    /// An environment is different, new, or no more.
    pub fn environment(&mut self, one: &Environment) {
        self.ids.insert(one.id);
        if !self.places.contains(&one.revision.place) {
            self.places.insert(one.revision.place.clone());
        }
    }

    /// Decides what is done now and does it in the inventory, in this order. The same as [`decide`](super::decide), if whatever
    /// is different since the last time was told, and the policy is the same.
    pub fn decide(
        &mut self,
        policy: &Policy,
        inventory: &mut Inventory,
        wanted: &Wanted,
        now: Time,
    ) -> Vec<Outcome> {
        if !self.is_filled {
            self.fill(inventory, wanted);
        }
        let mut places = std::mem::take(&mut self.places);
        self.sources.follow(&mut places, wanted);
        let mut plan = Plan {
            policy,
            wanted,
            now,
            agenda: self,
            there: inventory,
            outcomes: Vec::new(),
        };
        appear::appear(&mut plan, &places);
        leave::leave(&mut plan, &places);
        expire::expire(&mut plan);
        run::run(&mut plan);
        let turns = prepare::turns(&plan);
        fit::fit(&mut plan, turns.len());
        prepare::prepare(&mut plan, turns);
        plan.outcomes
    }

    fn fill(&mut self, inventory: &Inventory, wanted: &Wanted) {
        for one in inventory.all() {
            self.environment(one);
        }
        for (repository, listing) in wanted {
            let place = |subject: &Subject| Place {
                repository: repository.clone(),
                subject: subject.clone(),
            };
            self.places.extend(listing.open.keys().map(place));
        }
        self.is_filled = true;
    }

    pub(super) fn sources(&self) -> &Sources {
        &self.sources
    }

    /// Those that time may have made something of, or that are different; they are not on the agenda any more.
    pub(super) fn ripe(&mut self, now: Time) -> BTreeSet<Id> {
        let mut ids = std::mem::take(&mut self.ids);
        let ripe = self.reminders.iter().take_while(|(at, _)| *at <= now);
        ids.extend(ripe.map(|(_, id)| *id));
        ids
    }

    /// Time makes something of it then.
    pub(super) fn remind(&mut self, id: Id, at: Option<Time>) {
        let before = match at {
            Some(at) => self.moments.insert(id, at),
            None => self.moments.remove(&id),
        };
        if let Some(before) = before {
            self.reminders.remove(&(before, id));
        }
        self.reminders.extend(at.map(|at| (at, id)));
    }
}
