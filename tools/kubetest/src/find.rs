//! The clusters that a test binary's tests share, started by who asks first.

use std::sync::OnceLock;
use std::{env, fs, io};

use crate::cluster::Cluster;
use crate::control::{Ours, folder};
use crate::expected::Lack;
use crate::{node, program};

impl Cluster {
    /// The cluster of this test binary. Where none can be had this prints `not run: REASON`, and the test is to return.
    ///
    /// # Panics
    ///
    /// If there should be one and it does not start.
    pub fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Result<Cluster, Lack>> = OnceLock::new();
        told(SHARED.get_or_init(shared))
    }

    /// As [`Self::shared`], where the node is ours: for tests that tell pods what to do, and for those that break things.
    pub fn scripted() -> Option<&'static Self> {
        let cluster = Self::shared()?;
        if !cluster.is_ours() {
            println!("not run: the pods of an existing cluster follow no script");
            return None;
        }
        Some(cluster)
    }

    /// A cluster of this test binary whose node runs pods, in namespaces of its own: see [`Self::enter`]. It pulls from
    /// [`Self::registry`] and from nowhere else. Before the first pod somebody has to push `REGISTRY/pause:1` there, an
    /// image whose entry point waits for ever.
    ///
    /// There are no name servers: a service is reached by its `clusterIP`, within and without pods.
    ///
    /// # Panics
    ///
    /// If there should be one and it does not start.
    pub fn node() -> Option<&'static Self> {
        static NODE: OnceLock<Result<Cluster, Lack>> = OnceLock::new();
        told(NODE.get_or_init(with_node))
    }
}

fn told(found: &'static Result<Cluster, Lack>) -> Option<&'static Cluster> {
    match found {
        Ok(cluster) => Some(cluster),
        Err(lack) => {
            lack.tell();
            None
        }
    }
}

fn is_existing_wanted() -> bool {
    env::var_os("BOATYARD_KUBETEST_CLUSTER").is_some_and(|value| value == "existing")
}

fn shared() -> Result<Cluster, Lack> {
    let broken = |error: io::Error| Lack::Broken(error.to_string());
    if is_existing_wanted() {
        let path = env::var_os("KUBECONFIG");
        let path = path.ok_or_else(|| Lack::Broken("KUBECONFIG is not set".to_owned()))?;
        return Cluster::existing(path.into()).map_err(broken);
    }
    let program = program::find().map_err(Lack::Absent)?;
    let begun = Ours::scripted(program).map_err(broken)?;
    Ok(Cluster::begun(begun))
}

fn with_node() -> Result<Cluster, Lack> {
    let broken = |error: io::Error| Lack::Broken(error.to_string());
    if is_existing_wanted() {
        let reason = "the node of an existing cluster is not ours";
        return Err(Lack::Refused(reason.to_owned()));
    }
    let program = program::find().map_err(Lack::Absent)?;
    node::check()?;
    let folder = folder().map_err(broken)?;
    let groups = node::groups(&folder).map_err(|refusal| {
        // Nothing else is there yet.
        drop(fs::remove_dir(&folder));
        Lack::Refused(format!("a node's control groups cannot be made: {refusal}"))
    })?;
    let begun = Ours::real(program, folder, &groups).map_err(broken)?;
    Ok(Cluster::begun(begun))
}
