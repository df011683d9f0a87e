//! What the server will be: it writes down what is decided, then has it done. It can be killed in between.

use std::collections::BTreeMap;

use boatyard_preview::decide::{Agenda, Decision, Why, decide};
use boatyard_preview::environment::Leaving;
use boatyard_preview::id::Id;
use boatyard_preview::inventory::Inventory;
use boatyard_preview::phase::{Event, Phase};
use boatyard_preview::policy::Policy;
use boatyard_preview::revision::{Place, Subject};
use boatyard_preview::time::Time;
use boatyard_preview::wanted::{Head, Wanted};
use boatyard_preview::{Next, resume, snapshot, step};

use super::backend::Backend;

/// Environments that are all looked at again, to compare.
const SMALL: usize = 1000;

pub struct Controller {
    pub policy: Policy,
    /// What is written down.
    pub inventory: Inventory,
    /// What is different since the last round.
    agenda: Agenda,
    /// What was meant and heard then.
    before: (Policy, Wanted),
}

/// Has the backend do what is due.
fn ask(backend: &mut Backend, next: &Next) {
    if let (Some(one), Some((effect, attempt))) = (&next.environment, next.effect) {
        backend.asked(one, effect, attempt);
    }
}

impl Controller {
    pub fn new(policy: Policy) -> Self {
        Self {
            before: (policy.clone(), Wanted::new()),
            policy,
            inventory: Inventory::default(),
            agenda: Agenda::default(),
        }
    }

    /// What somebody sees who opens the address of a place: the newest that answered, else the newest.
    pub fn shown(&self, place: &Place) -> Option<Id> {
        let of_place = self
            .inventory
            .all()
            .filter(|one| one.revision.place == *place);
        of_place
            .max_by_key(|one| (one.is_good, one.created))
            .map(|one| one.id)
    }

    /// Decides once and has it done. After `survives` decisions it is killed: the last of them is written down, and nothing is
    /// done about it; then it comes back.
    pub fn round(&mut self, backend: &mut Backend, wanted: &Wanted, now: Time, survives: usize) {
        let decisions = self.decide(wanted, now);
        if self.inventory.all().count() <= SMALL {
            let whole = || decide(&self.policy, &self.inventory, wanted, now);
            assert_eq!(decisions, whole(), "all is looked at, the same decisions");
            assert_eq!(whole(), whole(), "the same input, the same decisions");
        }
        for (at, decision) in decisions.into_iter().enumerate() {
            self.allowed(&decision, wanted);
            match decision {
                Decision::Create(environment, _) => self.inventory.set(*environment),
                Decision::Happens(id, event, _) => {
                    let next = self.write(&id, &event, None, now);
                    let next = next.expect("what is decided can happen");
                    if at < survives {
                        ask(backend, &next);
                    }
                }
            }
            if at >= survives {
                self.back(backend);
                return;
            }
        }
        if survives != usize::MAX {
            self.back(backend);
        }
    }

    /// Decides by looking only at what is different, and at what is due.
    fn decide(&mut self, wanted: &Wanted, now: Time) -> Vec<Decision> {
        let (policy, heard) = &self.before;
        if *policy != self.policy {
            self.agenda = Agenda::default();
        }
        different(heard, wanted).for_each(|place| self.agenda.place(place));
        self.before = (self.policy.clone(), wanted.clone());
        let mut there = self.inventory.clone();
        let outcomes = self.agenda.decide(&self.policy, &mut there, wanted, now);
        outcomes.into_iter().map(|one| one.decision).collect()
    }

    /// Something has happened.
    pub fn told(
        &mut self,
        backend: &mut Backend,
        id: &Id,
        event: &Event,
        attempt: Option<u32>,
        now: Time,
    ) {
        let limit = self.policy.limits.snapshots;
        if let (Event::Save(_), Some(one)) = (event, self.inventory.get(id))
            && snapshot::fits(one, limit).is_err()
        {
            return;
        }
        if let Some(next) = self.write(id, event, attempt, now) {
            ask(backend, &next);
        }
    }

    /// It comes back after it was killed: whatever is due is asked for, perhaps again.
    pub fn back(&mut self, backend: &mut Backend) {
        self.agenda = Agenda::default();
        let due: Vec<Next> = self.inventory.all().filter_map(resume).collect();
        for next in due {
            ask(backend, &next);
            self.inventory
                .set(next.environment.expect("it is still there"));
        }
    }

    /// Writes down what comes of an event; what cannot be, changes nothing.
    fn write(&mut self, id: &Id, event: &Event, attempt: Option<u32>, now: Time) -> Option<Next> {
        let before = self.inventory.get(id)?;
        let next = step(before, event, attempt, now).ok()?;
        self.agenda.environment(before);
        match &next.environment {
            Some(environment) => self.inventory.set(environment.clone()),
            None => self.inventory.forget(id),
        }
        Some(next)
    }

    /// P4: nothing is taken away without a positive word.
    fn allowed(&self, decision: &Decision, wanted: &Wanted) {
        let Decision::Happens(id, Event::Remove, why) = decision else {
            return;
        };
        let one = self.inventory.get(id).expect("it is there");
        let place = &one.revision.place;
        let listing = wanted.get(&place.repository);
        match why {
            Why::Closed => assert!(listing.unwrap().closed.contains(&place.subject)),
            Why::Replaced(by) => {
                let head = &listing.unwrap().open[&place.subject];
                assert_ne!(head.commit, one.revision.commit);
                assert!(!one.is_pinned);
                let by = self.inventory.get(by).expect("it is there");
                assert!(
                    by.is_prepared || !one.is_prepared,
                    "there is nothing else to see"
                );
            }
            Why::TooMany => {
                assert!(!one.is_pinned && one.phase != Phase::Running);
                let others = self.inventory.all().filter(|other| {
                    other.id != one.id && other.revision.place == *place && !other.is_leaving()
                });
                let newer = others.filter(|other| other.is_good && other.created >= one.created);
                let is_newest = listing
                    .and_then(|listing| listing.open.get(&place.subject))
                    .is_none_or(|head| head.commit == one.revision.commit);
                let is_last = one.is_good && is_newest && newer.count() == 0;
                assert!(
                    !is_last || one.phase == Phase::Failed,
                    "the last that answered: {one:#?}"
                );
            }
            Why::Again => assert!(one.leaving == Some(Leaving::ForGood)),
            why => panic!("{why}: {one:#?}"),
        }
    }
}

/// The places of which something else is said.
fn different(before: &Wanted, after: &Wanted) -> impl Iterator<Item = Place> {
    let [before, after] = [before, after].map(said);
    let all: Vec<Place> = before.keys().chain(after.keys()).cloned().collect();
    all.into_iter()
        .filter(move |place| before.get(place) != after.get(place))
}

/// What is said of each place; none: it is closed.
fn said(wanted: &Wanted) -> BTreeMap<Place, Option<Head>> {
    let mut said = BTreeMap::new();
    for (repository, listing) in wanted {
        let place = |subject: &Subject| Place {
            repository: repository.clone(),
            subject: subject.clone(),
        };
        said.extend(listing.closed.iter().map(|one| (place(one), None)));
        let open = listing.open.iter();
        said.extend(open.map(|(one, head)| (place(one), Some(head.clone()))));
    }
    said
}
