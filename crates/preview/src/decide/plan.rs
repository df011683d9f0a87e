//! Decisions as they are taken, and what is there after them.

use std::sync::Arc;

use super::Why;
use super::agenda::Agenda;
use super::source::Sources;
use crate::environment::Environment;
use crate::id::Id;
use crate::inventory::Inventory;
use crate::phase::{Effect, Event};
use crate::policy::Policy;
use crate::revision::{Repository, Subject};
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

/// A decision, and what has come of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// What was decided.
    pub decision: Decision,
    /// What the environment was; none: it was not there.
    pub before: Option<Arc<Environment>>,
    /// What it is; none: it is gone.
    pub after: Option<Arc<Environment>>,
    /// What the backend has to do, with this number.
    pub effect: Option<(Effect, u32)>,
}

/// Decisions so far.
pub(super) struct Plan<'a> {
    pub policy: &'a Policy,
    pub wanted: &'a Wanted,
    pub now: Time,
    pub agenda: &'a mut Agenda,
    /// What is there once all decisions so far are carried out, and nothing else has happened.
    pub there: &'a mut Inventory,
    pub outcomes: Vec<Outcome>,
}

/// What is meant and known of a repository.
pub(super) struct Ground<'a, 'plan> {
    pub watch: &'a Watch,
    repository: &'plan Repository,
    /// What its forge says; none: nothing yet.
    listing: Option<&'a Listing>,
    sources: &'plan Sources,
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
        let gets_one = |number: &u64| {
            let head = self.head(&Subject::PullRequest(*number));
            head.is_some_and(|head| self.watch.refuses_pull_request(head).is_none())
        };
        self.watch.refuses(subject, head, |branch| {
            self.sources.of(self.repository, branch).find(gets_one)
        })
    }

    /// Whether that is what is made of the head now.
    pub fn is_of(&self, one: &Environment, head: &Head) -> bool {
        one.revision.commit == head.commit && one.recipe == self.watch.recipe
    }
}

impl<'a> Plan<'a> {
    /// What is meant and known of a repository; none: it is not watched.
    pub fn ground<'plan>(&'plan self, repository: &'plan Repository) -> Option<Ground<'a, 'plan>> {
        Some(Ground {
            watch: self.policy.repositories.get(repository)?,
            repository,
            listing: self.wanted.get(repository),
            sources: self.agenda.sources(),
        })
    }

    pub fn create(&mut self, environment: Environment, why: Why) {
        let after = Arc::new(environment.clone());
        self.agenda.environment(&after);
        self.there.set(Arc::clone(&after));
        self.outcomes.push(Outcome {
            decision: Decision::Create(Box::new(environment), why),
            before: None,
            after: Some(after),
            effect: None,
        });
    }

    /// Decides that `event` happens. What cannot happen is not decided.
    pub fn happens(&mut self, id: &Id, event: Event, why: Why) {
        let Some(before) = self.there.keep(id) else {
            return;
        };
        let Ok(next) = step(&before, &event, None, self.now) else {
            return;
        };
        self.agenda.environment(&before);
        let after = next.environment.map(Arc::new);
        match &after {
            Some(after) => self.there.set(Arc::clone(after)),
            None => self.there.forget(id),
        }
        self.outcomes.push(Outcome {
            decision: Decision::Happens(*id, event, why),
            before: Some(before),
            after,
            effect: next.effect,
        });
    }
}
