//! Where environments are on a cluster, and on what terms.

use boatyard_cluster::Cluster;
use boatyard_preview::config;
use boatyard_preview::id::Id;

use crate::site::Site;

/// On what terms environments are on a cluster.
pub struct Terms {
    /// The cluster.
    pub cluster: Cluster,
    /// What the configuration says of it.
    pub config: config::Cluster,
    /// The namespace that this server is in itself; none: it is not on the cluster.
    pub own: Option<String>,
}

/// Where environments are: what they are built in here, and the cluster that they run on.
pub(crate) struct Realm {
    pub(super) site: Site,
    pub(super) terms: Terms,
}

impl Realm {
    /// The namespace of an environment.
    pub(super) fn namespace(&self, id: &Id) -> String {
        self.terms.config.namespace(id)
    }

    /// The cluster with the namespace of an environment.
    pub(super) fn inside(&self, id: &Id) -> Cluster {
        self.terms.cluster.within(&self.namespace(id))
    }

    /// What its namespaces carry.
    pub(super) fn server(&self) -> &str {
        &self.terms.config.prefix
    }
}
