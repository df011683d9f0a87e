//! A lane for each environment that there is something to do for.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use boatyard_preview::id::Id;
use tokio::runtime::Handle;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;

use super::run::Lane;
use super::work::Work;
use crate::backend::{Order, Told};

/// The lanes of a backend.
pub(crate) struct Lanes<W> {
    work: Arc<W>,
    open: Arc<Mutex<Open>>,
    tell: Arc<dyn Fn(Told) + Send + Sync>,
    is_lost: Arc<AtomicBool>,
    runtime: Handle,
}

/// Those that are open.
#[derive(Default)]
struct Open {
    lanes: BTreeMap<Id, UnboundedSender<Order>>,
    tasks: JoinSet<()>,
    /// No more orders are taken.
    is_over: bool,
}

/// Clones are the same lanes.
impl<W> Clone for Lanes<W> {
    fn clone(&self) -> Self {
        Self {
            work: Arc::clone(&self.work),
            open: Arc::clone(&self.open),
            tell: Arc::clone(&self.tell),
            is_lost: Arc::clone(&self.is_lost),
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
            is_lost: Arc::default(),
            runtime: Handle::current(),
        }
    }

    /// Who carries out orders.
    pub(crate) fn work(&self) -> &Arc<W> {
        &self.work
    }

    /// How many are open.
    #[cfg(test)]
    pub(super) fn open(&self) -> usize {
        locked(&self.open).lanes.len()
    }

    /// Begins an order and returns at once.
    pub(crate) fn begin(&self, order: Order) {
        let id = order.environment.id;
        let mut open = locked(&self.open);
        if open.is_over {
            return;
        }
        if let Some(lane) = open.lanes.get(&id)
            && lane.send(order.clone()).is_ok()
        {
            return;
        }
        let (sender, orders) = unbounded_channel();
        // We hold the other end.
        let _ = sender.send(order);
        open.lanes.insert(id, sender);
        let lane = Lane {
            work: Arc::clone(&self.work),
            id,
            orders,
            tell: Arc::clone(&self.tell),
            is_lost: Arc::clone(&self.is_lost),
        };
        let all = Arc::clone(&self.open);
        let lane = lane.run(move |orders| {
            let mut open = locked(&all);
            // Under the lock nobody can give an order that nobody would carry out.
            let is_idle = orders.is_empty();
            if is_idle {
                open.lanes.remove(&id);
            }
            is_idle
        });
        while open.tasks.try_join_next().is_some() {}
        open.tasks.spawn_on(lane, &self.runtime);
    }

    /// Takes no more orders, and gives up what is under way: cleaned up, or at once if it is `lost` to somebody else. What is
    /// not given up within `patience` is dropped.
    pub(crate) async fn end(&self, lost: bool, patience: Duration) {
        self.is_lost.store(lost, Ordering::SeqCst);
        let mut tasks = {
            let mut open = locked(&self.open);
            open.is_over = true;
            open.lanes.clear();
            std::mem::take(&mut open.tasks)
        };
        let all = async { while tasks.join_next().await.is_some() {} };
        // Those that are left are aborted as they are dropped.
        let _ = tokio::time::timeout(patience, all).await;
    }
}

fn locked(open: &Mutex<Open>) -> MutexGuard<'_, Open> {
    open.lock().unwrap_or_else(PoisonError::into_inner)
}
