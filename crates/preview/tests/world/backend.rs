//! A backend that does one thing after another, well or not.

use std::collections::BTreeMap;

use boatyard_preview::id::Id;
use boatyard_preview::phase::{Effect, Event};

/// What there is of an environment.
#[derive(Clone, Debug, Default)]
pub struct Thing {
    pub prepares: bool,
    pub runs: bool,
    /// What was asked for last, and is not answered.
    job: Option<(Effect, u32)>,
    attempt: u32,
}

#[derive(Default)]
pub struct Backend {
    things: BTreeMap<Id, Thing>,
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

    pub fn asked(&mut self, id: &Id, effect: Effect, attempt: u32) {
        let thing = match effect {
            // Who is asked to take away what is not there says that it is gone.
            Effect::Prepare | Effect::Remove | Effect::Start | Effect::Stop | Effect::Cancel => {
                self.things.entry(*id).or_default()
            }
        };
        match effect {
            Effect::Prepare => thing.prepares = true,
            Effect::Start => thing.runs = true,
            Effect::Cancel | Effect::Stop | Effect::Remove => {}
        }
        (thing.job, thing.attempt) = (Some((effect, attempt)), attempt);
    }

    /// Does the next thing: well with much luck, badly with little.
    pub fn work(&mut self, luck: u8) -> Option<(Id, Event, u32)> {
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
        match effect {
            Effect::Prepare | Effect::Cancel => thing.prepares = false,
            Effect::Start => thing.runs = goes_well,
            Effect::Stop => thing.runs &= !goes_well,
            Effect::Remove if goes_well => {
                self.things.remove(&id);
            }
            Effect::Remove => {}
        }
        let event = if goes_well && effect != Effect::Cancel {
            Event::Done
        } else {
            Event::Fail("no luck".to_owned())
        };
        Some((id, event, attempt))
    }

    /// A process that nobody asked to end ends.
    pub fn crash(&mut self, id: &Id) -> Option<(Event, u32)> {
        let thing = self
            .things
            .get_mut(id)
            .filter(|thing| thing.runs && thing.job.is_none())?;
        thing.runs = false;
        Some((Event::Fail("it ended".to_owned()), thing.attempt))
    }
}
