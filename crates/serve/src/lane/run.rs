//! The orders of one environment, one after another: a later one overtakes those before it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use boatyard_preview::id::Id;
use boatyard_preview::phase::{Effect, Event};
use tokio::sync::mpsc::UnboundedReceiver;

use super::outcome::{self, Outcome, Trouble};
use super::stop::Stop;
use super::work::{Up, Work};
use crate::backend::{Order, Told};

/// What one environment is told, and what is told of it.
pub(super) struct Lane<W> {
    pub(super) work: Arc<W>,
    pub(super) id: Id,
    pub(super) orders: UnboundedReceiver<Order>,
    pub(super) tell: Arc<dyn Fn(Told) + Send + Sync>,
    /// Whether what is under way when nobody can give orders any more is somebody else's by then.
    pub(super) is_lost: Arc<AtomicBool>,
}

/// What runs, and the number of the order that started it.
struct Running<U> {
    up: U,
    attempt: u32,
}

impl<W: Work> Lane<W> {
    /// Works until nobody can give orders any more, or the environment is gone and `ends` says that nobody has.
    pub(super) async fn run(mut self, ends: impl Fn(&mut UnboundedReceiver<Order>) -> bool) {
        let mut up: Option<Running<W::Up>> = None;
        let mut next = None;
        loop {
            let order = match next.take() {
                Some(order) => order,
                None => match self.wait(&mut up).await {
                    Some(order) => order,
                    None => return,
                },
            };
            let order = self.newest(order);
            if order.effect != Effect::Start {
                up = None;
            } else if let Some(up) = &mut up {
                up.attempt = order.attempt;
                self.say(order.attempt, Event::Done);
                continue;
            }
            let is_last = order.effect == Effect::Remove;
            let prepared = (order.effect == Effect::Prepare).then(|| order.environment.clone());
            let (outcome, attempt) = match self.carry_out(order).await {
                Carried::Out(outcome, attempt) => (outcome, attempt),
                Carried::Overtaken(newer) => {
                    next = Some(*newer);
                    continue;
                }
                Carried::Abandoned => return,
            };
            let is_done = outcome.is_ok();
            let event = outcome::event(&outcome);
            if let Ok(outcome) = outcome {
                if let Outcome::Runs(running) = outcome {
                    up = Some(Running {
                        up: running,
                        attempt,
                    });
                }
                // Nothing is remembered of an earlier preparation.
                if let Some(one) = prepared
                    && let Some(wishes) = self.work.wishes(&one).await
                {
                    self.say(attempt, Event::Wish(wishes));
                }
            }
            self.say(attempt, event);
            if is_last && is_done && ends(&mut self.orders) {
                return;
            }
        }
    }

    /// The next order; tells of what ends by itself meanwhile. `None`: there will be no more.
    async fn wait(&mut self, up: &mut Option<Running<W::Up>>) -> Option<Order> {
        loop {
            let Some(running) = up else {
                return self.orders.recv().await;
            };
            tokio::select! {
                order = self.orders.recv() => return order,
                ended = running.up.ended() => {
                    let attempt = running.attempt;
                    *up = None;
                    self.say(attempt, ended);
                }
            }
        }
    }

    /// The last of the orders that are there.
    fn newest(&mut self, mut order: Order) -> Order {
        while let Ok(newer) = self.orders.try_recv() {
            order = newer;
        }
        order
    }

    /// Carries out an order until it is done or overtaken.
    async fn carry_out(&mut self, order: Order) -> Carried<W::Up> {
        let stop = Stop::new();
        let mut attempt = order.attempt;
        let work = Arc::clone(&self.work).carry_out(order.clone(), stop.clone());
        tokio::pin!(work);
        loop {
            tokio::select! {
                outcome = &mut work => return Carried::Out(outcome, attempt),
                newer = self.orders.recv() => match newer {
                    Some(newer) if newer.effect == order.effect => attempt = newer.attempt,
                    other => {
                        if other.is_none() && self.is_lost.load(Ordering::SeqCst) {
                            stop.at_once();
                        } else {
                            stop.stop();
                        }
                        let _ = work.await;
                        return other.map_or(Carried::Abandoned, |newer| Carried::Overtaken(Box::new(newer)));
                    }
                },
            }
        }
    }

    fn say(&self, attempt: u32, event: Event) {
        let id = self.id;
        (self.tell)(Told { id, attempt, event });
    }
}

/// How carrying out ended.
enum Carried<U> {
    /// It is done or failed; the number of the order that wants to know.
    Out(Result<Outcome<U>, Trouble>, u32),
    /// Something else is wanted.
    Overtaken(Box<Order>),
    /// Nothing is wanted any more.
    Abandoned,
}
