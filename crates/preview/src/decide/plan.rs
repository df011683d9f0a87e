//! Decisions as they are taken, and what is there after them.

use std::collections::BTreeMap;

use super::Why;
use crate::environment::Environment;
use crate::id::Id;
use crate::inventory::Inventory;
use crate::phase::Event;
use crate::policy::Policy;
use crate::revision::{Place, Repository, Revision};
use crate::step::step;
use crate::time::Time;
use crate::wanted::{Head, Wanted};

/// Something that is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// An environment comes to be.
    Create(Environment, Why),
    /// That happens to one.
    Happens(Id, Event, Why),
}

/// Decisions so far.
pub(super) struct Plan<'a> {
    /// Branches that a pull request shows, with its number.
    shown: BTreeMap<&'a Repository, BTreeMap<&'a str, u64>>,
    pub policy: &'a Policy,
    pub wanted: &'a Wanted,
    pub now: Time,
    pub decisions: Vec<Decision>,
    /// What is there once all of them are carried out, and nothing else has happened.
    pub there: Inventory,
}

impl<'a> Plan<'a> {
    pub fn new(policy: &'a Policy, inventory: &Inventory, wanted: &'a Wanted, now: Time) -> Self {
        let shown = policy.repositories.iter().filter_map(|(one, watch)| {
            let listing = wanted.get(one)?;
            Some((one, watch.shown(listing)))
        });
        Self {
            shown: shown.collect(),
            policy,
            wanted,
            now,
            decisions: Vec::new(),
            there: inventory.clone(),
        }
    }

    /// What forges say is the head of `place`; none: it is not known to be open.
    pub fn head(&self, place: &Place) -> Option<&'a Head> {
        self.wanted.get(&place.repository)?.open.get(&place.subject)
    }

    /// Why that head of `place` gets no environment; none: it does.
    pub fn refuses(&self, place: &Place, head: &Head) -> Option<Why> {
        let Some(watch) = self.policy.repositories.get(&place.repository) else {
            return Some(Why::Unwatched);
        };
        let none = BTreeMap::new();
        let shown = self.shown.get(&place.repository).unwrap_or(&none);
        watch.refuses(&place.subject, head, shown)
    }

    /// The id of what the policy makes of a revision.
    pub fn id(&self, revision: &Revision) -> Id {
        let watch = self.policy.repositories.get(&revision.place.repository);
        Id::of(revision, watch.map_or("", |watch| watch.recipe.as_str()))
    }

    /// Whether it is started without anybody's asking.
    pub fn starts(&self, one: &Environment) -> bool {
        let watch = self.policy.repositories.get(&one.revision.place.repository);
        watch.is_some_and(|watch| watch.starts)
    }

    /// Whether forges say that `place` is no more.
    pub fn is_closed(&self, place: &Place) -> bool {
        let listing = self.wanted.get(&place.repository);
        listing.is_some_and(|listing| {
            listing.closed.contains(&place.subject) && !listing.open.contains_key(&place.subject)
        })
    }

    pub fn create(&mut self, environment: Environment, why: Why) {
        self.there.set(environment.clone());
        self.decisions.push(Decision::Create(environment, why));
    }

    /// Decides that `event` happens. What cannot happen is not decided.
    pub fn happens(&mut self, id: &Id, event: Event, why: Why) {
        let Some(before) = self.there.get(id) else {
            return;
        };
        let Ok(next) = step(before, &event, None, self.now) else {
            return;
        };
        match next.environment {
            Some(after) => self.there.set(after),
            None => self.there.forget(id),
        }
        self.decisions
            .push(Decision::Happens(id.clone(), event, why));
    }

    /// Ids of all for which `is` holds, in the order of `key`.
    pub fn sorted<K: Ord>(
        &self,
        is: impl Fn(&Environment) -> bool,
        key: impl Fn(&Environment) -> K,
    ) -> Vec<Id> {
        let mut found: Vec<&Environment> = self.there.all().filter(|one| is(one)).collect();
        found.sort_by_key(|one| (key(one), one.id.clone()));
        found.into_iter().map(|one| one.id.clone()).collect()
    }
}
