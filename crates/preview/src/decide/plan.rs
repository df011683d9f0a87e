//! Decisions as they are taken, and what is there after them.

use std::collections::BTreeMap;

use super::Why;
use crate::environment::Environment;
use crate::id::Id;
use crate::inventory::Inventory;
use crate::phase::Event;
use crate::policy::Policy;
use crate::revision::{Place, Repository, Subject};
use crate::step::step;
use crate::time::Time;
use crate::wanted::{Head, Listing, Wanted};
use crate::watch::Watch;

/// Something that is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// An environment comes to be.
    Create(Box<Environment>, Why),
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

/// What is meant and known of a repository.
pub(super) struct Ground<'a, 'plan> {
    pub watch: &'a Watch,
    /// What its forge says; none: nothing yet.
    pub listing: Option<&'a Listing>,
    shown: Option<&'plan BTreeMap<&'a str, u64>>,
}

impl<'a> Ground<'a, '_> {
    /// Whether the forge says that the subject is no more.
    pub fn is_closed(&self, subject: &Subject) -> bool {
        self.listing.is_some_and(|listing| {
            listing.closed.contains(subject) && !listing.open.contains_key(subject)
        })
    }

    /// The head of the subject; none: it is not known to be open.
    pub fn head(&self, subject: &Subject) -> Option<&'a Head> {
        self.listing?.open.get(subject)
    }

    /// Why that head gets no environment; none: it does.
    pub fn refuses(&self, subject: &Subject, head: &Head) -> Option<Why> {
        match self.shown {
            Some(shown) => self.watch.refuses(subject, head, shown),
            None => self.watch.refuses(subject, head, &BTreeMap::new()),
        }
    }

    /// Whether that is what is made of the head now.
    pub fn is_of(&self, one: &Environment, head: &Head) -> bool {
        one.revision.commit == head.commit && one.recipe == self.watch.recipe
    }
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

    /// What is meant and known of a repository; none: it is not watched.
    pub fn ground(&self, repository: &Repository) -> Option<Ground<'a, '_>> {
        Some(Ground {
            watch: self.policy.repositories.get(repository)?,
            listing: self.wanted.get(repository),
            shown: self.shown.get(repository),
        })
    }

    /// Whether it is started without anybody's asking.
    pub fn starts(&self, one: &Environment) -> bool {
        let watch = self.policy.repositories.get(&one.revision.place.repository);
        watch.is_some_and(|watch| watch.starts)
    }

    pub fn create(&mut self, environment: Environment, why: Why) {
        self.there.set(environment.clone());
        self.decisions
            .push(Decision::Create(Box::new(environment), why));
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
        self.decisions.push(Decision::Happens(*id, event, why));
    }

    /// Ids of all for which `is` holds, in the order of `key`.
    pub fn sorted<K: Ord>(
        &self,
        is: impl Fn(&Environment) -> bool,
        key: impl Fn(&Environment) -> K,
    ) -> Vec<Id> {
        let mut found: Vec<&Environment> = self.there.all().filter(|one| is(one)).collect();
        found.sort_by_key(|one| (key(one), one.id));
        found.into_iter().map(|one| one.id).collect()
    }
}
