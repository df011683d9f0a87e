//! Where environments are: on this machine, or on a cluster.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use boatyard_cluster::lease::Fence;
use boatyard_cluster::retry::Counted;
use boatyard_cluster::{Cluster, Refusal};
use boatyard_preview::config::Way;
use boatyard_preview::environment::Environment;
use boatyard_preview::id::Id;
use boatyard_preview::inventory::Records;
use boatyard_preview::revision::Place;
use tokio::sync::watch::Receiver;

use super::error::ServeError;
use super::held::Held;
use crate::backend::{Backend, Order, Told};
use crate::cluster::{Clustered, Swept, Terms};
use crate::keeper::Keeper;
use crate::local::Local;
use crate::site::Settings;

/// The variable that every pod has.
pub(super) const IN_POD: &str = "KUBERNETES_SERVICE_HOST";

/// Where environments are. Clones are the same.
#[derive(Clone)]
pub(super) enum Environments {
    Here(Local),
    There(Clustered),
}

/// The way to the cluster that the configuration names; none: it names none.
pub(super) async fn connect(held: &Held) -> Result<Option<Terms>, ServeError> {
    let now = held.now();
    let Some(config) = &now.config.cluster else {
        return Ok(None);
    };
    let cluster = Cluster::connect(config.context.as_deref(), None).await?;
    let is_inside = config.reach == Way::Service && std::env::var_os(IN_POD).is_some();
    let own = is_inside.then(|| cluster.namespace().to_owned());
    Ok(Some(Terms {
        cluster,
        config: config.clone(),
        own,
        fence: Fence::open(),
        kubefiles: held.kubefiles(),
        images: held.images(),
        target: Arc::new(|_: &Place| String::new()),
        wanted: held.builds(),
    }))
}

/// The same, which ask `keeper` where pull requests are to be merged.
pub(super) fn asking(terms: Terms, keeper: &Keeper) -> Terms {
    let keeper = keeper.clone();
    let target = move |place: &Place| {
        let target = keeper.look(|known| known.abouts.get(place).map(|about| about.target.clone()));
        target.unwrap_or_default()
    };
    Terms {
        target: Arc::new(target),
        ..terms
    }
}

impl Environments {
    pub(super) fn new(
        settings: Settings,
        terms: Option<Terms>,
        tell: impl Fn(Told) + Send + Sync + 'static,
    ) -> Self {
        match terms {
            Some(terms) => Self::There(Clustered::new(settings, terms, tell)),
            None => Self::Here(Local::new(settings, tell)),
        }
    }

    /// Those that are there by what is written on them.
    pub(super) async fn found(&self) -> Result<Vec<Environment>, ServeError> {
        match self {
            // What is on this machine is in the journal, which is on it, too.
            Self::Here(_) => Ok(Vec::new()),
            Self::There(there) => Ok(there.found().await?),
        }
    }

    /// Returns when somebody else has done something to what is ours.
    pub(super) async fn disturbed(&self) {
        match self {
            Self::Here(_) => std::future::pending().await,
            Self::There(there) => there.disturbed().await,
        }
    }

    /// What is in the way of hearing what others do to what is ours; none: it is on this machine, where only we do.
    pub(super) fn trouble(&self) -> Option<Receiver<Option<String>>> {
        match self {
            Self::Here(_) => None,
            Self::There(there) => Some(there.trouble()),
        }
    }

    pub(super) async fn sweep(&self, keep_logs: Duration, known: impl Fn() -> Records) -> Swept {
        match self {
            Self::Here(here) => Swept {
                said: here.sweep(keep_logs, known).await,
                lost: Vec::new(),
            },
            Self::There(there) => there.sweep(keep_logs, known).await,
        }
    }

    /// Has no more done on a cluster; here what runs goes on, and children end with us.
    pub(super) async fn end(&self, patience: Duration) {
        if let Self::There(there) = self {
            there.end(patience).await;
        }
    }

    /// What keeps an environment from having the images that somebody else makes; none: nothing does.
    pub(super) async fn lacks(&self, one: &Environment) -> Option<String> {
        match self {
            Self::Here(_) => None,
            Self::There(there) => there.lacks(one).await,
        }
    }

    /// Removes snapshots that are in nobody's records.
    pub(super) async fn sweep_snapshots(&self, known: impl Fn() -> Records) -> Vec<String> {
        match self {
            Self::Here(here) => here.sweep_snapshots(known).await,
            Self::There(there) => there.sweep_snapshots(known).await,
        }
    }
}

impl Environments {
    /// As [`Clustered::lead_hosts`]; none on this machine.
    pub(super) async fn lead_hosts(
        &self,
        labels: &BTreeSet<String>,
        domain: &str,
        port: u16,
    ) -> Option<Result<(), Refusal>> {
        match self {
            Self::Here(_) => None,
            Self::There(there) => there.lead_hosts(labels, domain, port).await,
        }
    }
}

impl Backend for Environments {
    fn calls(&self) -> Option<Counted> {
        match self {
            Self::Here(here) => here.calls(),
            Self::There(there) => there.calls(),
        }
    }

    fn begin(&self, order: Order) {
        match self {
            Self::Here(here) => here.begin(order),
            Self::There(there) => there.begin(order),
        }
    }

    fn address(&self, id: &Id) -> Option<SocketAddr> {
        match self {
            Self::Here(here) => here.address(id),
            Self::There(there) => there.address(id),
        }
    }
}
