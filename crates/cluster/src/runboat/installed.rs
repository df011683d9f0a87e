//! A build on a cluster, and what is written on it.

use jiff::Timestamp;
use kube::api::{Patch, PatchParams};
use serde_json::{Value, json};

use super::there::{Init, There, some};
use crate::connect::Cluster;
use crate::kubefiles::{BUILD, INIT_STATUS, Mode};
use crate::manifest::Manifest;
use crate::namespace::{ENVIRONMENT, RECORD, SERVER};
use crate::owner::Owner;
use crate::refusal::Refusal;
use crate::watch::Outline;

/// Who we are in `managedFields`: what kubefiles bring is applied by somebody else.
const KEEPER: &str = "boatyard-serve";
/// The annotation that says when it was last scaled.
const LAST_SCALED: &str = "runboat/last-scaled";

/// A build, in the cluster's namespace; it may not be there yet.
#[derive(Clone)]
pub struct Installed {
    pub(super) cluster: Cluster,
    pub(super) build: String,
    /// The name of its Deployment; none: it has to be looked for.
    deployment: Option<String>,
}

/// Whose a build is.
#[derive(Clone, Debug)]
pub struct Mark {
    /// The server that keeps it: a value of a label.
    pub server: String,
    /// Which environment it is: a value of a label.
    pub environment: String,
    /// The server's record of it.
    pub record: String,
}

impl Mark {
    fn patch(&self) -> Value {
        json!({"metadata": {
            "labels": {SERVER: self.server, ENVIRONMENT: self.environment},
            "annotations": {RECORD: self.record},
        }})
    }
}

fn selector(build: &str) -> String {
    format!("{BUILD}={build}")
}

impl Installed {
    /// The build of that name.
    pub fn new(cluster: &Cluster, build: &str) -> Self {
        Self {
            cluster: cluster.among(&selector(build)),
            build: build.to_owned(),
            deployment: None,
        }
    }

    /// The build that is there.
    pub fn of(cluster: &Cluster, there: &There) -> Self {
        Self {
            deployment: Some(there.deployment.clone()),
            ..Self::new(cluster, &there.build)
        }
    }

    /// The build whose Deployment is among `manifests`.
    pub fn made_of(cluster: &Cluster, build: &str, manifests: &[Manifest]) -> Self {
        let mut ids = manifests.iter().map(Manifest::id);
        let deployment = ids.find(|id| id.kind == "Deployment");
        Self {
            deployment: deployment.map(|id| id.name),
            ..Self::new(cluster, build)
        }
    }

    /// The build that is an environment of a server, if there is one.
    pub async fn find(
        cluster: &Cluster,
        server: &str,
        environment: &str,
    ) -> Result<Option<There>, Refusal> {
        let selector = format!("{BUILD},{SERVER}={server},{ENVIRONMENT}={environment}");
        Ok(some(cluster, &selector).await?.pop())
    }

    /// The cluster, with the namespace that it is in.
    pub fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.build
    }

    /// What is written on it, if it is there.
    pub async fn there(&self) -> Result<Option<There>, Refusal> {
        let Some(name) = &self.deployment else {
            return Ok(some(&self.cluster, &self.selector()).await?.pop());
        };
        let api = self.cluster.api::<Outline>();
        let asked = async || api.get_opt(name).await;
        let doing = format!("read Deployment/{name}");
        let found = self.cluster.calls().call(doing, asked).await?;
        let there = found.as_ref().and_then(There::of);
        Ok(there.filter(|there| there.build == self.build))
    }

    /// What chooses all that it has.
    pub fn selector(&self) -> String {
        selector(&self.build)
    }

    /// What chooses its pods: those of a job, or those that are of none.
    pub fn pods(&self, job: Option<Mode>) -> String {
        let kind = job.map_or_else(
            || format!("!{}", crate::kubefiles::JOB_KIND),
            |job| format!("{}={}", crate::kubefiles::JOB_KIND, job.name()),
        );
        format!("{},{kind}", self.selector())
    }

    pub(super) fn owner(&self) -> Owner {
        Owner::new(&self.build)
    }

    /// Writes whose it is; false: it is not there.
    pub async fn mark(&self, mark: &Mark) -> Result<bool, Refusal> {
        self.patch(&mark.patch()).await
    }

    /// The same, and that its job is about to run, while nothing else of it does.
    pub async fn begin(&self, mark: &Mark) -> Result<bool, Refusal> {
        let mut patch = mark.patch();
        patch["metadata"]["annotations"][INIT_STATUS] = Init::Started.name().into();
        patch["spec"] = json!({"replicas": 0});
        self.patch(&patch).await
    }

    /// Writes how far it is; what is so already is left as it is. False: it is not there.
    pub async fn set(&self, init: Option<Init>, replicas: Option<i32>) -> Result<bool, Refusal> {
        let Some(there) = self.there().await? else {
            return Ok(false);
        };
        let mut annotations = json!({});
        if let Some(init) = init.filter(|init| there.init != Some(*init)) {
            annotations[INIT_STATUS] = init.name().into();
        }
        let mut patch = json!({});
        if let Some(replicas) = replicas.filter(|replicas| there.replicas != *replicas) {
            let now = Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ");
            annotations[LAST_SCALED] = now.to_string().into();
            patch["spec"] = json!({"replicas": replicas});
        }
        if annotations == json!({}) {
            return Ok(true);
        }
        patch["metadata"] = json!({"annotations": annotations});
        self.patch(&patch).await
    }

    pub(super) async fn patch(&self, patch: &Value) -> Result<bool, Refusal> {
        let name = match &self.deployment {
            Some(name) => Some(name.clone()),
            None => self.there().await?.map(|there| there.deployment),
        };
        let Some(name) = name else {
            return Ok(false);
        };
        let api = self.cluster.api::<Outline>();
        let params = PatchParams {
            field_manager: Some(KEEPER.to_owned()),
            ..PatchParams::default()
        };
        let doing = format!("write on Deployment/{name}");
        let asked = self.cluster.calls().call(doing, async || {
            match api.patch(&name, &params, &Patch::Merge(patch)).await {
                Err(kube::Error::Api(status)) if status.is_not_found() => Ok(false),
                other => other.map(|_| true),
            }
        });
        asked.await
    }
}
