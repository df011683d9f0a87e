//! A backend that does at once what it is asked for, or when it is told to.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard};

use boatyard_preview::id::Id;
use boatyard_preview::phase::{Effect, Event};
use boatyard_serve::backend::{Backend, Order, Told};
use boatyard_serve::keeper::Keeper;

/// How many bytes each snapshot has.
pub const SNAPSHOT: u64 = 41_943_040;

pub struct Scripted {
    keeper: Keeper,
    /// Where everything that runs answers.
    application: SocketAddr,
    script: Mutex<Script>,
}

#[derive(Default)]
struct Script {
    running: BTreeMap<Id, SocketAddr>,
    held: BTreeSet<Effect>,
    waiting: Vec<Order>,
    failing: Option<String>,
}

impl Scripted {
    pub fn new(keeper: &Keeper, application: SocketAddr) -> Self {
        let script = Mutex::default();
        Self {
            keeper: keeper.clone(),
            application,
            script,
        }
    }

    /// From now on such orders wait.
    pub fn hold(&self, effect: Effect) {
        self.script().held.insert(effect);
    }

    /// Does what waits, and waits no more.
    pub fn release(&self) {
        let waiting = {
            let mut script = self.script();
            script.held.clear();
            std::mem::take(&mut script.waiting)
        };
        for order in &waiting {
            self.finish(order);
        }
    }

    /// From now on preparing fails.
    pub fn fail(&self, why: &str) {
        self.script().failing = Some(why.to_owned());
    }

    /// From now on preparing goes well.
    pub fn mend(&self) {
        self.script().failing = None;
    }

    /// Nobody knows any more where what runs answers.
    pub fn forget_addresses(&self) -> BTreeMap<Id, SocketAddr> {
        std::mem::take(&mut self.script().running)
    }

    pub fn set_addresses(&self, running: BTreeMap<Id, SocketAddr>) {
        self.script().running = running;
    }

    fn finish(&self, order: &Order) {
        let id = order.environment.id;
        let mut event = Event::Done;
        match order.effect {
            Effect::Start => drop(self.script().running.insert(id, self.application)),
            Effect::Stop | Effect::Remove => drop(self.script().running.remove(&id)),
            Effect::Prepare => {
                if let Some(why) = &self.script().failing {
                    event = Event::Fail(why.clone());
                }
            }
            Effect::Save => match &self.script().failing {
                Some(why) => event = Event::Fail(why.clone()),
                None => event = Event::Saved(SNAPSHOT),
            },
            Effect::Restore => {}
            Effect::Cancel => event = Event::Fail("given up".to_owned()),
        }
        self.keeper.tell(Told {
            id,
            attempt: order.attempt,
            event,
        });
    }

    fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap()
    }
}

impl Backend for Scripted {
    fn begin(&self, order: Order) {
        let is_held = self.script().held.contains(&order.effect);
        if is_held {
            self.script().waiting.push(order);
        } else {
            self.finish(&order);
        }
    }

    fn address(&self, id: &Id) -> Option<SocketAddr> {
        self.script().running.get(id).copied()
    }
}
