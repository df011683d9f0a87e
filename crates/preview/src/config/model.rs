//! The whole configuration.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use super::{Access, Cluster, Data, Forge, Kubefiles, Making, Reach, Visitors};
use crate::policy::{Limits, Times};
use crate::watch::Watch;

/// What the file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Where the server is.
    pub server: Server,
    /// The cluster that environments are on; none: they are on this machine.
    pub cluster: Option<Cluster>,
    /// How many at once.
    pub limits: Limits,
    /// How long it may take.
    pub times: Times,
    /// The forges, by the name that the file gives them.
    pub forges: BTreeMap<String, Forge>,
    /// The repositories, in the order of the file.
    pub repositories: Vec<Watched>,
    /// Who may do what.
    pub access: Access,
    /// What concerns visitors.
    pub visitors: Visitors,
    /// How long logs are kept after what they are of is gone.
    pub keep_logs: Duration,
}

/// Where the server is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// Where it listens.
    pub listen: SocketAddr,
    /// The domain below which environments are: `shop-main-k3v7abcd.preview.localhost`.
    pub domain: String,
    /// Where people find it, without a slash at its end; none: `http://` and the domain with the port it listens on.
    pub url: Option<String>,
}

/// A repository that is watched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watched {
    /// The forge, by the name that the file gives it: a key of [`Config::forges`].
    pub forge: String,
    /// Its name there: `acme/shop`.
    pub name: String,
    /// The folder of boatyard.toml in it; `.`: the topmost.
    pub root: String,
    /// The manifests that it brings itself; none: those of the server, if it has some.
    pub kubefiles: Option<Kubefiles>,
    /// Who makes its images; none: as for the others.
    pub images: Option<Making>,
    /// What databases and files begin with.
    pub data: Data,
    /// The branch whose data others begin with; none: the first that is named.
    pub base: Option<String>,
    /// What builds of strangers may fetch from.
    pub reach: Reach,
    /// What of it.
    pub watch: Watch,
}

impl Config {
    /// Where people find the server: what links in reports begin with.
    pub fn url(&self) -> String {
        match &self.server.url {
            Some(url) => url.clone(),
            None => format!(
                "http://{}:{}",
                self.server.domain,
                self.server.listen.port()
            ),
        }
    }
}
