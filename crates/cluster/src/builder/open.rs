//! Having a builder, and running our command in it.

use std::time::{Duration, Instant};

use k8s_openapi::api::core::v1::{PersistentVolumeClaim, Pod};
use k8s_openapi::api::networking::v1::NetworkPolicy;
use kube::ResourceExt as _;
use kube::api::{DeleteParams, ListParams, Patch, PatchParams, PostParams};

use super::error::Error;
use super::pod::{BUILDER, CLAIM, CONTAINER, POLICY, claim, level, pod, policy};
use super::wish::{Company, Wish};
use crate::apply::absent;
use crate::connect::Cluster;
use crate::pod::{has_ended, make, runs};
use crate::process::{self, Command};
use crate::refusal::{Refusal, Said};

/// Who we are in `managedFields`.
const MANAGER: &str = "boatyard-builder";
/// How often one that goes is looked at.
const LOOK: Duration = Duration::from_millis(250);
/// How long one may take to run: its image may have to be pulled, a node to be started.
const PATIENCE: Duration = Duration::from_secs(600);
/// How long one that has ended may take to go.
const GRACE: Duration = Duration::from_secs(120);

/// A pod in which images are built.
#[derive(Debug)]
pub struct Builder {
    name: String,
    is_alone: bool,
}

/// Finds or makes one in the cluster's namespace, and returns when it runs.
pub async fn open(cluster: &Cluster, wish: &Wish) -> Result<Builder, Error> {
    sweep(cluster).await?;
    if let Some(size) = &wish.storage {
        keep(cluster, size).await?;
    }
    let is_alone = match &wish.company {
        Company::Shared => false,
        Company::Alone { ports } => {
            confine(cluster, ports).await?;
            true
        }
    };
    let name = place(cluster, wish).await?;
    let builder = Builder { name, is_alone };
    match runs(cluster, &builder.name, PATIENCE).await {
        Ok(Ok(())) => Ok(builder),
        Ok(Err(not)) => {
            builder.close(cluster).await?;
            Err(Error::NotRunning {
                namespace: cluster.namespace().to_owned(),
                how_far: not.how_far,
                trouble: not.trouble,
            })
        }
        Err(refusal) => Err(refusal.into()),
    }
}

impl Builder {
    /// Starts our command in it, connects it, and answers its exit code.
    pub async fn run(&self, cluster: &Cluster, command: Command<'_>) -> Result<u8, Error> {
        let container = Some(CONTAINER.to_owned());
        Ok(process::within(cluster, &self.name, container, command).await?)
    }

    /// Removes it, if nobody else uses it. It ends by itself, too.
    pub async fn close(self, cluster: &Cluster) -> Result<(), Refusal> {
        if self.is_alone {
            remove(cluster, &self.name).await?;
        }
        Ok(())
    }
}

/// Removes those that have ended.
async fn sweep(cluster: &Cluster) -> Result<(), Refusal> {
    let api = cluster.api::<Pod>();
    let ours = ListParams::default().labels(BUILDER);
    let listed = async || api.list(&ours).await;
    let all = cluster.calls().call("list builders", listed).await?;
    for pod in all.iter().filter(|pod| has_ended(pod)) {
        remove(cluster, &pod.name_any()).await?;
    }
    Ok(())
}

async fn remove(cluster: &Cluster, name: &str) -> Result<(), Refusal> {
    let (api, params) = (cluster.api::<Pod>(), DeleteParams::default());
    let deleted = async || absent(api.delete(name, &params).await);
    let doing = format!("remove Pod/{name}");
    cluster.calls().call(doing, deleted).await.map(drop)
}

/// Makes the pod, or finds that which is there; what it is called.
async fn place(cluster: &Cluster, wish: &Wish) -> Result<String, Error> {
    let wanted = pod(wish);
    let name = wanted["metadata"]["name"].as_str();
    let begin = Instant::now();
    loop {
        if let Some(name) = name
            && let Some(there) = read(cluster, name).await?
        {
            let goes = there.metadata.deletion_timestamp.is_some();
            if !goes && !has_ended(&there) {
                return Ok(name.to_owned());
            }
            if !goes {
                remove(cluster, name).await?;
            }
            if begin.elapsed() > GRACE {
                return Err(Error::Refused(Refusal {
                    doing: format!("remove Pod/{name}"),
                    source: Said::Stays { waited: GRACE },
                }));
            }
            tokio::time::sleep(LOOK).await;
            continue;
        }
        match make(cluster, "make a builder".to_owned(), &wanted).await {
            // Somebody else was faster.
            Err(refusal) if name.is_some() && refusal.code() == Some(409) => {}
            Err(refusal) => return Err(admission(cluster, wish, refusal)),
            Ok(name) => return Ok(name),
        }
    }
}

/// Pod Security says no by a code that other refusals have, too.
fn admission(cluster: &Cluster, wish: &Wish, refusal: Refusal) -> Error {
    let is_policy = matches!(&refusal.source, Said::Server { code: 403, message } if message.contains("PodSecurity"));
    if !is_policy {
        return refusal.into();
    }
    Error::NotAdmitted {
        namespace: cluster.namespace().to_owned(),
        level: level(wish),
        source: refusal,
    }
}

async fn read(cluster: &Cluster, name: &str) -> Result<Option<Pod>, Refusal> {
    let api = cluster.api::<Pod>();
    let asked = async || api.get_opt(name).await;
    cluster
        .calls()
        .call(format!("read Pod/{name}"), asked)
        .await
}

/// Makes the claim of the volume; one that is there stays as it is.
async fn keep(cluster: &Cluster, size: &str) -> Result<(), Refusal> {
    let api = cluster.api::<PersistentVolumeClaim>();
    let wanted = serde_json::from_value(claim(size)).expect("it is written as one");
    let params = PostParams::default();
    let made = async || match api.create(&params, &wanted).await {
        Err(kube::Error::Api(status)) if status.code == 409 => Ok(()),
        made => made.map(drop),
    };
    let doing = format!("make PersistentVolumeClaim/{CLAIM}");
    cluster.calls().call(doing, made).await
}

async fn confine(cluster: &Cluster, ports: &[u16]) -> Result<(), Refusal> {
    let api = cluster.api::<NetworkPolicy>();
    let params = PatchParams::apply(MANAGER).force();
    let wanted = Patch::Apply(policy(ports));
    let applied = async || api.patch(POLICY, &params, &wanted).await;
    let doing = format!("make NetworkPolicy/{POLICY}");
    cluster.calls().call(doing, applied).await.map(drop)
}
