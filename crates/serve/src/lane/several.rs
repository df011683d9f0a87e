//! A lane for each environment that there is something to do for.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use boatyard_preview::id::Id;
use tokio::runtime::Handle;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use super::run::Lane;
use super::work::Work;
use crate::backend::{Order, Told};

/// The lanes of a backend.
pub(crate) struct Lanes<W> {
    work: Arc<W>,
    open: Arc<Mutex<BTreeMap<Id, UnboundedSender<Order>>>>,
    tell: Arc<dyn Fn(Told) + Send + Sync>,
    runtime: Handle,
}

/// Clones are the same lanes.
impl<W> Clone for Lanes<W> {
    fn clone(&self) -> Self {
        Self {
            work: Arc::clone(&self.work),
            open: Arc::clone(&self.open),
            tell: Arc::clone(&self.tell),
            runtime: self.runtime.clone(),
        }
    }
}

impl<W: Work> Lanes<W> {
    /// They work on the runtime that this is called on, and tell `tell`.
    pub(crate) fn new(work: W, tell: impl Fn(Told) + Send + Sync + 'static) -> Self {
        Self {
            work: Arc::new(work),
            open: Arc::default(),
            tell: Arc::new(tell),
            runtime: Handle::current(),
        }
    }

    /// Who carries out orders.
    pub(crate) fn work(&self) -> &Arc<W> {
        &self.work
    }

    /// Begins an order and returns at once.
    pub(crate) fn begin(&self, order: Order) {
        let id = order.environment.id;
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(lane) = open.get(&id)
            && lane.send(order.clone()).is_ok()
        {
            return;
        }
        let (sender, orders) = unbounded_channel();
        // We hold the other end.
        let _ = sender.send(order);
        open.insert(id, sender);
        drop(open);
        let lane = Lane {
            work: Arc::clone(&self.work),
            id,
            orders,
            tell: Arc::clone(&self.tell),
        };
        let open = Arc::clone(&self.open);
        self.runtime.spawn(lane.run(move |orders| {
            let mut open = open.lock().unwrap_or_else(PoisonError::into_inner);
            // Under the lock nobody can give an order that nobody would carry out.
            let is_idle = orders.is_empty();
            if is_idle {
                open.remove(&id);
            }
            is_idle
        }));
    }
}
