//! What comes of some messages: changes to what is known, to be written down together, and orders for afterwards.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use boatyard_preview::decide::{Agenda, Decision, Outcome};
use boatyard_preview::environment::Environment;
use boatyard_preview::forge::Command;
use boatyard_preview::id::Id;
use boatyard_preview::images::Images;
use boatyard_preview::news::{About, hear};
use boatyard_preview::phase::{Effect, Event};
use boatyard_preview::policy::Policy;
use boatyard_preview::revision::Place;
use boatyard_preview::time::Time;
use boatyard_preview::wanted::Head;
use boatyard_preview::{Next, Refused, resume, snapshot, step};

use super::Known;
use super::handle::AskError;
use super::message::{Asked, Heard, Receipt};
use crate::backend::{Order, Told};
use crate::clock::Clock;
use crate::feed::Change;

/// Who does what nobody asked for.
const OURSELVES: &str = "boatyard";

/// What is being taken in.
pub(super) struct Batch<'a> {
    known: &'a mut Known,
    agenda: &'a mut Agenda,
    clock: Clock,
    now: Time,
    done: Done,
}

/// What has come of a batch.
#[derive(Debug, Default)]
pub(crate) struct Done {
    /// Environments that are different; none: gone.
    pub environments: BTreeMap<Id, Option<Arc<Environment>>>,
    /// What forges say now of places; none: closed.
    pub places: BTreeMap<Place, Option<(Head, About)>>,
    /// Deliveries that were heard, with the digests of what was delivered; empty: nobody knows.
    pub deliveries: BTreeMap<String, String>,
    /// What was said in comments.
    pub commands: Vec<Command>,
    /// By their keys, the comments of which something has come.
    pub obeyed: BTreeSet<String>,
    /// What everybody may know.
    pub changes: Vec<Change>,
    /// What the backend has to do, the last for each environment.
    pub orders: BTreeMap<Id, Order>,
    /// Whether the policy is another one.
    pub is_other_policy: bool,
    /// When.
    pub at: Time,
    /// The number of the last change.
    pub number: u64,
}

impl Done {
    /// Whether there is nothing to write down.
    pub fn is_empty(&self) -> bool {
        self.environments.is_empty()
            && self.places.is_empty()
            && self.deliveries.is_empty()
            && self.commands.is_empty()
            && self.obeyed.is_empty()
    }
}

impl<'a> Batch<'a> {
    /// `known` and what of it has to be looked at, what tells the time, and the number of the last change.
    pub fn new(known: &'a mut Known, agenda: &'a mut Agenda, clock: Clock, number: u64) -> Self {
        let now = clock.now();
        let done = Done {
            at: now,
            number,
            ..Done::default()
        };
        Self {
            known,
            agenda,
            clock,
            now,
            done,
        }
    }

    pub fn finish(self) -> Done {
        self.done
    }

    /// Whoever was at work before the last stop: his work is asked for again.
    pub fn resume(&mut self) {
        let due: Vec<Next> = self.known.inventory.all().filter_map(resume).collect();
        for next in due {
            if let Some(environment) = next.environment.map(Arc::new) {
                self.order(&environment, next.effect);
                self.agenda.environment(&environment);
                self.known.inventory.set(Arc::clone(&environment));
                let id = environment.id;
                self.done.environments.insert(id, Some(environment));
            }
        }
    }

    /// Takes over what is not known. What forges said of it is not known either, so its commit counts as the newest of its place:
    /// a list that lacks it has the forge asked whether it is closed.
    pub fn adopt(&mut self, found: Vec<Environment>) {
        let mut newest: BTreeMap<Place, Environment> = BTreeMap::new();
        for one in found {
            if self.known.inventory.get(&one.id).is_some() {
                continue;
            }
            let place = &one.revision.place;
            if newest
                .get(place)
                .is_none_or(|known| known.created < one.created)
            {
                newest.insert(place.clone(), one.clone());
            }
            let next = resume(&one);
            let effect = next.as_ref().and_then(|next| next.effect);
            let one = Arc::new(next.and_then(|next| next.environment).unwrap_or(one));
            self.agenda.environment(&one);
            self.known.inventory.set(Arc::clone(&one));
            self.happened((None, Some(one)), effect, "it was there already", OURSELVES);
        }
        for (place, one) in newest {
            let listing = self.known.wanted.get(&place.repository);
            let is_heard = listing.is_some_and(|listing| {
                listing.open.contains_key(&place.subject) || listing.closed.contains(&place.subject)
            });
            if !is_heard {
                let head = Head {
                    commit: one.revision.commit,
                    is_trusted: one.is_trusted,
                    is_draft: false,
                    source: None,
                };
                self.known.set_place(&place, Some((head, About::default())));
                self.place(place);
            }
        }
    }

    /// The digest of what was delivered under that number, if anything was.
    pub fn delivery(&self, delivery: &str) -> Option<String> {
        self.done.deliveries.get(delivery).cloned()
    }

    pub fn has_obeyed(&self, command: &str) -> bool {
        self.done.obeyed.contains(command)
    }

    pub fn hear(&mut self, heard: Heard, receipt: &Receipt) {
        let delivery = match receipt {
            Receipt::Other(_) => heard.under_another_number(),
            _ => heard.delivery,
        };
        let digest = heard.digest.unwrap_or_default();
        let delivery = delivery.map(|delivery| (delivery, digest));
        self.done.deliveries.extend(delivery);
        self.done.commands.extend(heard.commands);
        for news in heard.news {
            for place in hear(&mut self.known.wanted, &mut self.known.abouts, &news) {
                self.place(place);
            }
        }
    }

    pub fn follow(&mut self, policy: Policy) {
        self.known.policy = policy;
        *self.agenda = Agenda::default();
        self.done.is_other_policy = true;
    }

    /// What is there.
    pub fn found(&self, id: &Id) -> Result<Environment, AskError> {
        let found = self.known.inventory.get(id);
        found.cloned().ok_or(AskError::NotThere)
    }

    pub fn asked(&mut self, asked: &Asked) -> Result<Environment, AskError> {
        let known = self.known.inventory.keep(&asked.id);
        let before = known.ok_or(AskError::NotThere)?;
        if matches!(asked.event, Event::Save(_)) {
            let limit = self.known.policy.limits.snapshots;
            snapshot::fits(&before, limit).map_err(Refused::from)?;
        }
        let next = step(&before, &asked.event, None, self.now)?;
        let after = next.environment.clone();
        self.steps(&before, next, &words(&asked.event), &asked.by);
        self.done.obeyed.extend(asked.command.clone());
        Ok(after.unwrap_or_else(|| before.as_ref().clone()))
    }

    pub fn told(&mut self, told: &Told) {
        let Some(before) = self.known.inventory.keep(&told.id) else {
            return;
        };
        // What is told of an order that has been overtaken is nothing to anybody.
        if let Ok(next) = step(&before, &told.event, Some(told.attempt), self.now) {
            self.steps(&before, next, &words(&told.event), OURSELVES);
        }
    }

    /// Decides what is to be done about what is known now.
    pub fn decide(&mut self) {
        let Known {
            policy,
            inventory,
            wanted,
            ..
        } = &mut *self.known;
        for outcome in self.agenda.decide(policy, inventory, wanted, self.now) {
            let Outcome {
                decision,
                before,
                after,
                effect,
            } = outcome;
            let (Decision::Create(_, why) | Decision::Happens(_, _, why)) = decision;
            self.happened((before, after), effect, &why.to_string(), OURSELVES);
        }
    }

    /// Something has happened that nobody decided.
    fn steps(&mut self, before: &Arc<Environment>, next: Next, why: &str, by: &str) {
        let after = next.environment.map(Arc::new);
        self.agenda.environment(before);
        match &after {
            Some(after) => self.known.inventory.set(Arc::clone(after)),
            None => self.known.inventory.forget(&before.id),
        }
        self.happened((Some(Arc::clone(before)), after), next.effect, why, by);
    }

    /// What is known already is to be written down, told, and ordered.
    fn happened(
        &mut self,
        (before, after): (Option<Arc<Environment>>, Option<Arc<Environment>>),
        effect: Option<(Effect, u32)>,
        why: &str,
        by: &str,
    ) {
        let Some(id) = after.as_ref().or(before.as_ref()).map(|one| one.id) else {
            return;
        };
        match &after {
            Some(after) => self.order(after, effect),
            None => drop(self.done.orders.remove(&id)),
        }
        self.done.environments.insert(id, after.clone());
        let is_told = match (&before, &after) {
            (Some(before), Some(after)) => is_worth_telling(before, after),
            _ => true,
        };
        if is_told {
            self.done.number += 1;
            self.done.changes.push(Change {
                number: self.done.number,
                at: self.now,
                id,
                was: before.filter(|_| after.is_none()),
                environment: after,
                why: why.to_owned(),
                by: by.to_owned(),
            });
        }
    }

    fn order(&mut self, environment: &Arc<Environment>, effect: Option<(Effect, u32)>) {
        if let Some((effect, attempt)) = effect {
            let id = environment.id;
            let environment = environment.as_ref().clone();
            let order = Order {
                environment,
                effect,
                attempt,
                clock: self.clock,
            };
            self.done.orders.insert(id, order);
        }
    }

    fn place(&mut self, place: Place) {
        let listing = self.known.wanted.get(&place.repository);
        let head = listing.and_then(|listing| listing.open.get(&place.subject));
        let about = self.known.abouts.get(&place).cloned().unwrap_or_default();
        let says = head.map(|head| (head.clone(), about));
        self.agenda.place(place.clone());
        self.done.places.insert(place, says);
    }
}

/// Whether anybody can see the difference: each request makes one that nobody does.
fn is_worth_telling(before: &Environment, after: &Environment) -> bool {
    let seen = |one: &Environment| {
        (
            one.phase,
            one.is_pinned,
            one.asked,
            one.leaving,
            one.snapshots.len(),
            (one.reason.clone(), one.undone.clone()),
            one.warned,
            one.images.clone(),
        )
    };
    seen(before) != seen(after)
}

/// What happened, in words.
fn words(event: &Event) -> String {
    match event {
        Event::Approve => "approved",
        Event::Prepare => "to be prepared",
        Event::Start => "to be started",
        Event::Stop => "to be stopped",
        Event::Reset => "to be made anew",
        Event::Undeploy => "to be undeployed",
        Event::Remove => "to be removed",
        Event::Use => "somebody wants to see it",
        Event::Pin(true) => "pinned",
        Event::Pin(false) => "no longer pinned",
        Event::Warn(true) => "it is undeployed soon",
        Event::Warn(false) => "it may stay for a while",
        Event::Images(Images::Awaited(awaited)) => {
            return format!("it waits for {}", awaited.text());
        }
        Event::Images(_) => "its images are there",
        Event::Wish(_) => "what its commit says of its times",
        Event::Save(name) => return format!("snapshot {name} to be made"),
        Event::Restore(name) => return format!("snapshot {name} to be restored"),
        Event::Discard(name) => return format!("snapshot {name} to be removed"),
        Event::Saved(size_bytes) => return format!("the snapshot is whole: {size_bytes} bytes"),
        Event::Done => "done",
        Event::Expire(why) | Event::Fail(why) | Event::Break(why) => why,
    }
    .to_owned()
}
