//! The backend of this machine.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use boatyard_preview::environment::{Environment, Wishes};
use boatyard_preview::id::Id;
use boatyard_preview::inventory::Records;
use boatyard_preview::phase::{Effect, Phase};

use super::running::Running;
use crate::backend::{Backend, Order, Told};
use crate::lane::{Lanes, Outcome, Stop, Trouble, Work};
use crate::site::{Settings, Site, There};

/// Environments on this machine. Clones are the same.
#[derive(Clone)]
pub struct Local(Lanes<Site>);

impl Local {
    /// The backend; it works on the runtime that this is called on, and tells `tell`.
    pub fn new(settings: Settings, tell: impl Fn(Told) + Send + Sync + 'static) -> Self {
        Self(Lanes::new(Site::new(settings), tell))
    }

    /// Removes what is there and in nobody's records: copies, folders, logs older than `keep_logs`; stops what runs and rests by
    /// its record. `known` is asked after all that is there has been listed, so that nothing that has just begun is taken for
    /// left over. What was done, and what could not be.
    pub async fn sweep(&self, keep_logs: Duration, known: impl Fn() -> Records) -> Vec<String> {
        self.0.work().sweep(keep_logs, known).await
    }

    /// Removes snapshots that are in nobody's records, whose `known` is asked for after all that is there has been listed. What was
    /// removed, and what could not be.
    pub async fn sweep_snapshots(&self, known: impl Fn() -> Records) -> Vec<String> {
        self.0.work().sweep_snapshots(known).await
    }
}

impl Backend for Local {
    fn begin(&self, order: Order) {
        self.0.begin(order);
    }

    fn address(&self, id: &Id) -> Option<SocketAddr> {
        self.0.work().address(id)
    }
}

impl Work for Site {
    type Up = Running;

    async fn carry_out(
        self: Arc<Self>,
        order: Order,
        stop: Stop,
    ) -> Result<Outcome<Running>, Trouble> {
        let one = &order.environment;
        let turn = self.turn(&one.id);
        let _turn = turn.lock().await;
        let done = |()| Outcome::Done;
        match order.effect {
            Effect::Prepare => self.prepare(one, &stop).await.map(done),
            // Who worked at it has been overtaken by this; what is not prepared as a whole is taken away.
            Effect::Cancel => {
                if one.phase == Phase::Preparing {
                    self.clear(&one.id, &stop).await?;
                }
                Err(Trouble::GivenUp)
            }
            Effect::Start => self.start(one, &stop).await.map(Outcome::Runs),
            Effect::Stop => self.stop(one, &stop).await.map(done),
            // A start that was given up may have been carried out all the same.
            Effect::Save => {
                self.stop(one, &stop).await?;
                let saved = self.save(one, &There::default(), &stop).await;
                saved.map(Outcome::Saved)
            }
            Effect::Restore => {
                self.stop(one, &stop).await?;
                let restored = self.restore(one, &There::default(), &stop).await;
                restored.map(done)
            }
            Effect::Remove => self.remove(one, &stop).await.map(done),
        }
    }

    async fn wishes(&self, one: &Environment) -> Option<Wishes> {
        self.wished(one).await
    }
}
