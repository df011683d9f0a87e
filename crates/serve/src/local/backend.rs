//! The backend of this machine.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use boatyard_preview::environment::Environment;
use boatyard_preview::id::Id;
use tokio::runtime::Handle;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use super::lane::Lane;
use super::site::{Settings, Site};
use crate::backend::{Backend, Order, Told};

type Lanes = Arc<Mutex<BTreeMap<Id, UnboundedSender<Order>>>>;

/// Environments on this machine. Clones are the same.
#[derive(Clone)]
pub struct Local {
    site: Arc<Site>,
    lanes: Lanes,
    tell: Arc<dyn Fn(Told) + Send + Sync>,
    runtime: Handle,
}

impl Local {
    /// The backend; it works on the runtime that this is called on, and tells `tell`.
    pub fn new(settings: Settings, tell: impl Fn(Told) + Send + Sync + 'static) -> Self {
        Self {
            site: Arc::new(Site::new(settings)),
            lanes: Lanes::default(),
            tell: Arc::new(tell),
            runtime: Handle::current(),
        }
    }

    /// Removes what is there and in nobody's records: copies, folders, logs older than `keep_logs`; stops what runs and rests by
    /// its record. `known` is asked after all that is there has been listed, so that nothing that has just begun is taken for
    /// left over. What was done, and what could not be.
    pub async fn sweep(
        &self,
        keep_logs: Duration,
        known: impl Fn() -> BTreeMap<Id, Environment>,
    ) -> Vec<String> {
        self.site.sweep(keep_logs, known).await
    }
}

impl Backend for Local {
    fn begin(&self, order: Order) {
        let id = order.environment.id;
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(lane) = lanes.get(&id)
            && lane.send(order.clone()).is_ok()
        {
            return;
        }
        let (sender, orders) = unbounded_channel();
        // We hold the other end.
        let _ = sender.send(order);
        lanes.insert(id, sender);
        drop(lanes);
        let lane = Lane {
            site: Arc::clone(&self.site),
            id,
            orders,
            tell: Arc::clone(&self.tell),
        };
        let lanes = Arc::clone(&self.lanes);
        self.runtime.spawn(lane.run(move |orders| {
            let mut lanes = lanes.lock().unwrap_or_else(PoisonError::into_inner);
            // Under the lock nobody can give an order that nobody would carry out.
            let is_idle = orders.is_empty();
            if is_idle {
                lanes.remove(&id);
            }
            is_idle
        }));
    }

    fn address(&self, id: &Id) -> Option<SocketAddr> {
        self.site.address(id)
    }
}
