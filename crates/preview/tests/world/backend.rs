//! A backend that does one thing after another, well or not.

use std::collections::BTreeMap;

use boatyard_preview::environment::Environment;
use boatyard_preview::id::Id;
use boatyard_preview::phase::{Effect, Event};
use boatyard_preview::snapshot::Task;

/// What there is of an environment.
#[derive(Clone, Debug, Default)]
pub struct Thing {
    pub prepares: bool,
    pub runs: bool,
    /// What its data is: another number whenever it changes.
    pub data: u64,
    /// What was asked for last, and is not answered.
    job: Option<(Effect, u32)>,
    /// Which snapshot that is about.
    task: Option<Task>,
    attempt: u32,
}

#[derive(Default)]
pub struct Backend {
    things: BTreeMap<Id, Thing>,
    /// Snapshots that are there, known or not, and what data was.
    saved: BTreeMap<(Id, String), u64>,
    /// The last number of data.
    data: u64,
    /// Whose turn it is.
    turn: usize,
}

impl Backend {
    pub fn ids(&self) -> impl Iterator<Item = &Id> {
        self.things.keys()
    }

    pub fn count(&self, is: impl Fn(&Thing) -> bool) -> usize {
        self.things.values().filter(|thing| is(thing)).count()
    }

    pub fn thing(&self, id: &Id) -> Option<&Thing> {
        self.things.get(id)
    }

    /// The data in a snapshot, if there is one.
    pub fn saved(&self, id: &Id, name: &str) -> Option<u64> {
        self.saved.get(&(*id, name.to_owned())).copied()
    }

    /// Takes away snapshots that nobody knows; how many are left.
    pub fn sweep(&mut self, is_known: impl Fn(&Id, &str) -> bool) -> usize {
        self.saved.retain(|(id, name), _| is_known(id, name));
        self.saved.len()
    }

    pub fn asked(&mut self, one: &Environment, effect: Effect, attempt: u32) {
        // Who is asked to take away what is not there says that it is gone.
        let thing = self.things.entry(one.id).or_default();
        match effect {
            Effect::Prepare => thing.prepares = true,
            Effect::Start => thing.runs = true,
            Effect::Cancel | Effect::Stop | Effect::Save | Effect::Restore | Effect::Remove => {}
        }
        thing.task.clone_from(&one.task);
        (thing.job, thing.attempt) = (Some((effect, attempt)), attempt);
    }

    /// Does the next thing: well with much luck, badly with little.
    pub fn work(&mut self, luck: u8) -> Option<(Id, Event, u32)> {
        self.data += 1;
        let data = self.data;
        let busy: Vec<Id> = self
            .things
            .iter()
            .filter(|(_, thing)| thing.job.is_some())
            .map(|(id, _)| *id)
            .collect();
        self.turn += 1;
        let id = *busy.get(self.turn % busy.len().max(1))?;
        let thing = self.things.get_mut(&id)?;
        let (effect, attempt) = thing.job.take()?;
        let goes_well = luck >= 80;
        let name = thing.task.as_ref().map(|task| task.name().to_owned());
        let snapshot = name.map(|name| (id, name));
        let mut well = Event::Done;
        match effect {
            Effect::Prepare => (thing.prepares, thing.data) = (false, data),
            Effect::Cancel => thing.prepares = false,
            Effect::Start => (thing.runs, thing.data) = (goes_well, data),
            Effect::Save if goes_well => {
                let snapshot = snapshot.expect("what is made has a name");
                self.saved.insert(snapshot, thing.data);
                well = Event::Saved(thing.data);
            }
            Effect::Restore if goes_well => {
                let snapshot = snapshot.expect("what is restored has a name");
                thing.data = self.saved[&snapshot];
            }
            Effect::Stop => thing.runs &= !goes_well,
            Effect::Remove if goes_well => {
                self.things.remove(&id);
            }
            Effect::Save | Effect::Restore | Effect::Remove => {}
        }
        let event = if goes_well && effect != Effect::Cancel {
            well
        } else {
            Event::Fail("no luck".to_owned())
        };
        Some((id, event, attempt))
    }

    /// A process that nobody asked to end ends; every other time something of it is left.
    pub fn crash(&mut self, id: &Id) -> Option<(Event, u32)> {
        let thing = self
            .things
            .get_mut(id)
            .filter(|thing| thing.runs && thing.job.is_none())?;
        thing.runs = thing.attempt % 2 == 0;
        let event = if thing.runs {
            Event::Break
        } else {
            Event::Fail
        };
        Some((event("it ended".to_owned()), thing.attempt))
    }
}
