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
    /// Works until nobody can give orders any more, or nothing runs and `ends` says that nobody has given one.
    pub(super) async fn run(mut self, ends: impl Fn(&mut UnboundedReceiver<Order>) -> bool) {
        let mut up: Option<Running<W::Up>> = None;
        let mut next = None;
        loop {
            let order = match next.take() {
                Some(order) => order,
                None if up.is_none() && ends(&mut self.orders) => return,
                None => match self.wait(&mut up).await {
                    Next::Order(order) => *order,
                    Next::Ended => continue,
                    Next::Nobody => return,
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
            let prepared = (order.effect == Effect::Prepare).then(|| order.environment.clone());
            let (outcome, attempt) = match self.carry_out(order).await {
                Carried::Out(outcome, attempt) => (outcome, attempt),
                Carried::Overtaken(newer) => {
                    next = Some(*newer);
                    continue;
                }
                Carried::Abandoned => return,
            };
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
                    && let Some(wishes) = Box::pin(self.work.wishes(&one)).await
                {
                    self.say(attempt, Event::Wish(wishes));
                }
            }
            self.say(attempt, event);
        }
    }

    /// The next order, or what runs ends by itself, which is told.
    async fn wait(&mut self, up: &mut Option<Running<W::Up>>) -> Next {
        let ended = async {
            match up {
                Some(running) => (running.up.ended().await, running.attempt),
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            order = self.orders.recv() => order.map_or(Next::Nobody, |order| Next::Order(Box::new(order))),
            (event, attempt) = ended => {
                *up = None;
                self.say(attempt, event);
                Next::Ended
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
        // There is a lane for each that runs, and little to be carried out: that has its memory for as long as it takes.
        let mut work = Box::pin(Arc::clone(&self.work).carry_out(order.clone(), stop.clone()));
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

/// What is next.
enum Next {
    /// An order.
    Order(Box<Order>),
    /// What ran runs no more.
    Ended,
    /// There will be no more orders.
    Nobody,
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
