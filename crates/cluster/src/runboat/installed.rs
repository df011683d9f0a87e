//! A build on a cluster, and what is written on it.

use jiff::Timestamp;
use kube::api::{Patch, PatchParams};
use serde_json::{Value, json};

use super::there::{Init, There, some};
use crate::connect::Cluster;
use crate::kubefiles::{BUILD, INIT_STATUS, Mode};
use crate::manifest::{Id, Manifest};
use crate::namespace::{ENVIRONMENT, RECORD, SERVER};
use crate::owner::Owner;
use crate::refusal::Refusal;
use crate::watch::Outline;

/// Who we are in `managedFields`: what kubefiles bring is applied by somebody else.
const KEEPER: &str = "boatyard-serve";
/// The kind by which a build is found.
const KIND: &str = "Deployment";
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

    /// The Deployment, which says from the beginning whose it is, and how far it was before that.
    pub(super) fn on(&self, deployment: &Manifest, init: Init) -> Manifest {
        let mut said = self.patch();
        said["metadata"]["annotations"][INIT_STATUS] = init.name().into();
        let mut value = deployment.value().clone();
        for part in ["labels", "annotations"] {
            let had = &mut value["metadata"][part];
            for (name, text) in said["metadata"][part].as_object().into_iter().flatten() {
                // What is no map at all is for the cluster to refuse.
                if had.is_null() || had.is_object() {
                    had[name] = text.clone();
                }
            }
        }
        Manifest::of(value).expect("it has the kind and the name that it had")
    }
}

/// For merge patches.
pub(super) fn as_keeper() -> PatchParams {
    PatchParams {
        field_manager: Some(KEEPER.to_owned()),
        ..PatchParams::default()
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
        let deployment = ids.find(|id| id.kind == KIND);
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

    /// Whether that is the Deployment that tells of it.
    pub(super) fn is_deployment(&self, id: &Id) -> bool {
        id.kind == KIND && self.deployment.as_ref() == Some(&id.name)
    }

    /// Writes whose it is; false: it is not there.
    pub async fn mark(&self, mark: &Mark) -> Result<bool, Refusal> {
        self.patch(&mark.patch()).await
    }

    /// The same, and that its job is about to run, while nothing else of it does; it has to be there. By being applied it stays written,
    /// though what is placed later does not say it.
    pub async fn begin(&self, mark: &Mark) -> Result<bool, Refusal> {
        let mut wanted = mark.patch();
        wanted["apiVersion"] = "apps/v1".into();
        wanted["kind"] = KIND.into();
        wanted["metadata"]["annotations"][INIT_STATUS] = Init::Started.name().into();
        wanted["spec"] = json!({"replicas": 0});
        let params = PatchParams::apply(KEEPER).force();
        self.write(&params, &Patch::Apply(&wanted)).await
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

    async fn patch(&self, patch: &Value) -> Result<bool, Refusal> {
        self.write(&as_keeper(), &Patch::Merge(patch)).await
    }

    async fn write(&self, params: &PatchParams, patch: &Patch<&Value>) -> Result<bool, Refusal> {
        let name = match &self.deployment {
            Some(name) => Some(name.clone()),
            None => self.there().await?.map(|there| there.deployment),
        };
        let Some(name) = name else {
            return Ok(false);
        };
        let api = self.cluster.api::<Outline>();
        let doing = format!("write on {KIND}/{name}");
        let asked = self.cluster.calls().call(doing, async || {
            match api.patch(&name, params, patch).await {
                Err(kube::Error::Api(status)) if status.is_not_found() => Ok(false),
                other => other.map(|_| true),
            }
        });
        asked.await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deployment_says_from_the_beginning_whose_it_is() {
        let mark = Mark {
            server: "boats".to_owned(),
            environment: "e1".to_owned(),
            record: "{}".to_owned(),
        };
        let marked = |metadata: Value| {
            let value = json!({"apiVersion": "apps/v1", "kind": KIND, "metadata": metadata, "spec": {"replicas": 0}});
            let deployment = Manifest::of(value).unwrap();
            mark.on(&deployment, Init::Failed).value().clone()
        };
        let labels = json!({SERVER: "boats", ENVIRONMENT: "e1"});
        let annotations = json!({RECORD: "{}", INIT_STATUS: "failed"});
        let bare = marked(json!({"name": "b1-web"}));
        assert_eq!(
            bare["metadata"],
            json!({"name": "b1-web", "labels": labels, "annotations": annotations})
        );
        assert_eq!(bare["spec"]["replicas"], 0);
        let had = json!({
            "name": "b1-web", "labels": {BUILD: "b1"},
            "annotations": {INIT_STATUS: "todo", "runboat/repo": "acme/shop"},
        });
        let metadata = marked(had)["metadata"].clone();
        assert_eq!(metadata["labels"][BUILD], "b1");
        assert_eq!(metadata["labels"][SERVER], "boats");
        assert_eq!(metadata["annotations"]["runboat/repo"], "acme/shop");
        assert_eq!(metadata["annotations"][INIT_STATUS], "failed");
        // That is for the cluster to refuse.
        let odd = marked(json!({"name": "b1-web", "labels": "none", "annotations": []}));
        assert_eq!(odd["metadata"]["labels"], "none");
    }
}
