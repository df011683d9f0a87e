//! The backend of a cluster.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use boatyard_cluster::Refusal;
use boatyard_cluster::retry::Counted;
use boatyard_preview::config::is_of_kubefiles;
use boatyard_preview::environment::{Environment, Leaving, Wishes};
use boatyard_preview::id::Id;
use boatyard_preview::inventory::Records;
use boatyard_preview::phase::{Effect, Phase};
use tokio::sync::{SemaphorePermit, watch};

use super::happening;
use super::kubefiles::Runs;
use super::realm::{Realm, Terms};
use super::record::FoundError;
use super::sweep::Swept;
use crate::backend::{Backend, Order, Told};
use crate::lane::{Lanes, Outcome, Stop, Trouble, Work, event};
use crate::logs::Part;
use crate::site::{Settings, Site};

/// Environments on a cluster. Clones are the same.
#[derive(Clone)]
pub struct Clustered(Lanes<Realm>);

impl Clustered {
    /// The backend; it works on the runtime that this is called on, and tells `tell`.
    pub fn new(
        settings: Settings,
        terms: Terms,
        tell: impl Fn(Told) + Send + Sync + 'static,
    ) -> Self {
        Self(Lanes::new(Realm::new(Site::new(settings), terms), tell))
    }

    /// What the records on the cluster say that there is, and builds of runboat that are taken over.
    ///
    /// # Errors
    /// If the cluster does not let us look, or a later version has written one.
    pub async fn found(&self) -> Result<Vec<Environment>, FoundError> {
        let mut found = self.0.work().found().await?;
        found.extend(self.0.work().adopt().await?);
        Ok(found)
    }

    /// Returns when somebody else has done something to what is ours, so that a sweep is due.
    pub async fn disturbed(&self) {
        self.0.work().ears.disturbed().await;
    }

    /// What is in the way of hearing what others do on the cluster: where that may not be watched, only sweeps see it.
    pub fn trouble(&self) -> watch::Receiver<Option<String>> {
        self.0.work().ears.trouble()
    }

    /// What keeps an environment from having the images that somebody else makes; none: nothing does, or its preparation is to
    /// tell what.
    pub async fn lacks(&self, one: &Environment) -> Option<String> {
        self.0.work().lacks(one).await
    }

    /// As [`crate::local::Local::sweep_snapshots`]; and images of environments that are gone.
    pub async fn sweep_snapshots(&self, known: impl Fn() -> Records) -> Vec<String> {
        let work = self.0.work();
        let images = work.sweep_images(&known()).await;
        [work.site.sweep_snapshots(known).await, images].concat()
    }

    /// As [`crate::local::Local::sweep`]; and what is recorded and has no namespace any more.
    pub async fn sweep(&self, keep_logs: Duration, known: impl Fn() -> Records) -> Swept {
        self.0.work().sweep(keep_logs, known).await
    }

    /// Takes no more orders; what is under way is given up, at once if it is somebody else's by now.
    pub async fn end(&self, patience: Duration) {
        let is_lost = self.0.work().is_lost();
        self.0.end(is_lost, patience).await;
    }
}

impl Clustered {
    /// Has a host of its own lead here for each of the labels, where the configuration says so.
    ///
    /// # Errors
    /// If the cluster does not let us.
    pub async fn lead_hosts(
        &self,
        labels: &BTreeSet<String>,
        domain: &str,
        port: u16,
    ) -> Option<Result<(), Refusal>> {
        self.0.work().lead_hosts(labels, domain, port).await
    }
}

impl Backend for Clustered {
    fn calls(&self) -> Option<Counted> {
        Some(self.0.work().terms.cluster.calls().counted())
    }

    fn begin(&self, order: Order) {
        self.0.begin(order);
    }

    fn address(&self, id: &Id) -> Option<SocketAddr> {
        self.0.work().site.address(id)
    }
}

impl Work for Realm {
    type Up = Runs;

    async fn carry_out(
        self: Arc<Self>,
        order: Order,
        stop: Stop,
    ) -> Result<Outcome<Runs>, Trouble> {
        let turn = self.site.turn(&order.environment.id);
        let _turn = turn.lock().await;
        let _busy = self.ears.busy(&self.namespace(&order.environment.id));
        let outcome = Box::pin(self.until_back(&order, &stop)).await;
        if self.is_lost() {
            // Not a failure, and nothing to be told: it is for somebody else to do.
            stop.wanted().await;
            return Err(Trouble::GivenUp);
        }
        outcome
    }

    async fn wishes(&self, one: &Environment) -> Option<Wishes> {
        self.site.wished(one).await
    }
}

impl Realm {
    /// Notes what is begun, and does it once.
    pub(super) async fn once(
        self: &Arc<Self>,
        order: &Order,
        stop: &Stop,
    ) -> Result<Outcome<Runs>, Trouble> {
        if order.effect != Effect::Prepare {
            // Of one that is prepared it is written as its namespace is made.
            self.note(&order.environment, stop).await?;
        }
        let outcome = {
            let _turn = self.removal(order, stop).await?;
            Box::pin(self.effect(order, stop)).await
        };
        // What the cluster did not answer is begun again.
        if matches!(outcome, Err(Trouble::Away(_))) {
            return outcome;
        }
        let event = event(&outcome);
        self.note_outcome(order, &event).await;
        // What was given up is nothing that happened.
        if !matches!(outcome, Err(Trouble::GivenUp))
            && let Some(happening) = happening::of(order.effect, &event)
        {
            self.tell(&order.environment.id, happening);
        }
        outcome
    }

    /// Waits until it is its turn to be taken away. What holds a slot that others wait for goes on, and so does what is wanted again.
    async fn removal(
        &self,
        order: &Order,
        stop: &Stop,
    ) -> Result<Option<SemaphorePermit<'_>>, Trouble> {
        let one = &order.environment;
        if order.effect != Effect::Remove {
            return Ok(None);
        }
        if let Ok(turn) = self.removals.try_acquire() {
            return Ok(Some(turn));
        }
        if one.held.is_some() || one.leaving == Some(Leaving::Again) {
            return Ok(None);
        }
        let text = "note: others are being taken away, and it waits for its turn";
        self.site.settings.logs.append(&one.id, Part::Run, text);
        // It is never closed.
        Ok(stop.unless(self.removals.acquire()).await?.ok())
    }

    async fn effect(
        self: &Arc<Self>,
        order: &Order,
        stop: &Stop,
    ) -> Result<Outcome<Runs>, Trouble> {
        let one = &order.environment;
        if is_of_kubefiles(&one.recipe) {
            return self.by_kubefiles(order, stop).await;
        }
        let done = |()| Outcome::Done;
        match order.effect {
            Effect::Prepare => Box::pin(self.prepare(one, stop)).await.map(done),
            // Who worked at it has been overtaken by this; what is not prepared as a whole is taken away.
            Effect::Cancel => {
                if one.phase == Phase::Preparing {
                    self.clear(one, stop).await?;
                }
                Err(Trouble::GivenUp)
            }
            Effect::Start => self
                .start(one, stop)
                .await
                .map(|own| Outcome::Runs(Runs::Own(Box::new(own)))),
            Effect::Stop => self.stop(one, stop).await.map(done),
            Effect::Save => {
                let there = self.at_rest(one, stop).await?;
                let saved = self.site.save(one, &there, stop).await;
                saved.map(Outcome::Saved)
            }
            Effect::Restore => {
                let there = self.at_rest(one, stop).await?;
                let restored = self.site.restore(one, &there, stop).await;
                restored.map(done)
            }
            Effect::Remove => self.remove(one, stop).await.map(done),
        }
    }
}
