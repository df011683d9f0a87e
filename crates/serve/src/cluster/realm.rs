//! Where environments are on a cluster, and on what terms.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use boatyard_cluster::Cluster;
use boatyard_cluster::lease::Fence;
use boatyard_cluster::namespace;
use boatyard_preview::config;
use boatyard_preview::id::Id;
use boatyard_preview::revision::Place;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

use super::ears::{Ears, Spot};
use super::images::NamingOf;
use super::kubefiles::{KubefilesOf, Wanted};
use super::pushed::Pushed;
use crate::site::Site;

/// How often a namespace that goes is looked at though nothing was heard of it.
const AGAIN: Duration = Duration::from_secs(5);
/// How many are taken away at once: each may run a job first, and a cluster is not faster with thousands of them.
const REMOVALS: usize = 50;

/// On what terms environments are on a cluster.
pub struct Terms {
    /// The cluster.
    pub cluster: Cluster,
    /// What the configuration says of it.
    pub config: config::Cluster,
    /// The namespace that this server is in itself; none: it is not on the cluster.
    pub own: Option<String>,
    /// What lets through what is done.
    pub fence: Fence,
    /// The kubefiles of the environments of a place that is made by some.
    pub kubefiles: KubefilesOf,
    /// How the images of the environments of a place are called that somebody else makes.
    pub images: NamingOf,
    /// Where a pull request is to be merged, as far as anybody has said.
    pub target: Arc<dyn Fn(&Place) -> String + Send + Sync>,
    /// What a build of runboat is of.
    pub wanted: Wanted,
}

impl Terms {
    /// The same, as long as that lets it through.
    pub(crate) fn under(&self, fence: &Fence) -> Self {
        Self {
            cluster: self.cluster.fenced(fence.clone()),
            config: self.config.clone(),
            own: self.own.clone(),
            fence: fence.clone(),
            kubefiles: Arc::clone(&self.kubefiles),
            images: Arc::clone(&self.images),
            target: Arc::clone(&self.target),
            wanted: Arc::clone(&self.wanted),
        }
    }

    /// The cluster with the namespace of the lease.
    pub(crate) fn leasing(&self) -> Cluster {
        let own = self.cluster.namespace();
        let named = self.config.lease.namespace.as_deref();
        // Whoever leads says so in time, however much there is to do.
        self.cluster.within(named.unwrap_or(own)).apart()
    }
}

/// Where environments are: what they are built in here, and the cluster that they run on.
pub(crate) struct Realm {
    pub(super) site: Site,
    pub(super) terms: Terms,
    pub(super) ears: Arc<Ears>,
    /// Those of which somebody has removed a part: they are deployed again before they start.
    pub(super) torn: Mutex<BTreeSet<Id>>,
    pub(super) pushed: Pushed,
    pub(super) removals: Semaphore,
    listening: JoinHandle<()>,
}

impl Drop for Realm {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

impl Realm {
    pub(super) fn new(site: Site, terms: Terms) -> Self {
        let builds = terms.config.builds.as_ref();
        let shared = builds.and_then(|builds| builds.namespace.as_deref());
        let ears = Arc::new(Ears::new(&terms.config.prefix, shared));
        let everywhere = terms.cluster.within(terms.cluster.namespace());
        let listening = tokio::spawn(Arc::clone(&ears).follow(everywhere));
        Self {
            site,
            terms,
            ears,
            torn: Mutex::default(),
            pushed: Pushed::default(),
            removals: Semaphore::new(REMOVALS),
            listening,
        }
    }

    pub(super) fn torn(&self) -> MutexGuard<'_, BTreeSet<Id>> {
        self.torn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The namespace of an environment.
    pub(super) fn namespace(&self, id: &Id) -> String {
        self.terms.config.namespace(id)
    }

    /// The cluster with the namespace of an environment.
    pub(super) fn inside(&self, id: &Id) -> Cluster {
        let namespace = self.namespace(id);
        let herald = self.ears.herald(Spot::of(namespace.clone()));
        self.terms.cluster.within(&namespace).heralded(herald)
    }

    /// Removes a namespace of ours, and returns when it is gone.
    pub(super) async fn raze(&self, namespace: &str) -> Result<(), namespace::Error> {
        let spot = Spot::of(namespace.to_owned());
        let (cluster, ears) = (&self.terms.cluster, self.ears.listen(&spot));
        // Hundreds may be going at once, and go slower while all are asked about.
        let heard = || ears.changed_within(AGAIN);
        namespace::remove(cluster, namespace, self.server(), heard).await
    }

    /// Whether somebody else may be doing this by now.
    pub(super) fn is_lost(&self) -> bool {
        !self.terms.fence.holds()
    }

    /// What its namespaces carry.
    pub(super) fn server(&self) -> &str {
        &self.terms.config.prefix
    }
}
