//! To zero and back.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::time::{Duration, Instant};

use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::api::apps::v1::{Deployment, StatefulSet};
use k8s_openapi::api::core::v1::Pod;
use kube::api::{Api, ListParams, Patch, PatchParams};
use kube::{Resource, ResourceExt as _};
use serde::de::DeserializeOwned;
use serde_json::json;

use super::error::Error;
use super::settle::KEEPER;
use crate::connect::Cluster;
use crate::data;
use crate::manifest::Id;
use crate::owner::PROJECT;
use crate::pages;
use crate::pod::has_ended;
use crate::refusal::{Refusal, Said};
use crate::wait::{Patience, Tell, wait};
use crate::watch::Pace;

/// The annotation that says how many there are when it is awake.
const REPLICAS: &str = "boatyard.dev/replicas";
/// How long it may take to end: pods have their grace.
const GRACE: Duration = Duration::from_secs(300);

/// What can be scaled.
pub trait Scaled: Resource<DynamicType = (), Scope = NamespaceResourceScope>
where
    Self: Clone + Debug + DeserializeOwned,
{
    /// How many are to run.
    fn replicas(&self) -> i32;
}

impl Scaled for Deployment {
    fn replicas(&self) -> i32 {
        self.spec
            .as_ref()
            .and_then(|spec| spec.replicas)
            .unwrap_or(1)
    }
}

impl Scaled for StatefulSet {
    fn replicas(&self) -> i32 {
        self.spec
            .as_ref()
            .and_then(|spec| spec.replicas)
            .unwrap_or(1)
    }
}

/// Has nothing run in the cluster's namespace, and returns when nothing does. What has data ends last: others may still need it.
pub async fn sleep(cluster: &Cluster) -> Result<(), Error> {
    scale::<Deployment>(cluster, false).await?;
    ended(cluster, |pod| !is_of_set(pod)).await?;
    scale::<StatefulSet>(cluster, false).await?;
    ended(cluster, |_| true).await
}

/// Returns when no such pod runs.
async fn ended(cluster: &Cluster, meant: impl Fn(&Pod) -> bool) -> Result<(), Error> {
    let mut is_cleared = false;
    let (begin, mut pace) = (Instant::now(), Pace::of(cluster));
    loop {
        let left = running(cluster, &meant).await?;
        if left.is_empty() {
            return Ok(());
        }
        // Who copied data was killed: the pods that it did it with are of no use any more.
        if left.iter().any(data::is_carrier) && !std::mem::replace(&mut is_cleared, true) {
            data::clear(cluster).await?;
            continue;
        }
        let left: Vec<String> = left.iter().map(kube::ResourceExt::name_any).collect();
        if begin.elapsed() > GRACE {
            let waited = begin.elapsed();
            let doing = format!("end {}", left.join(", "));
            let source = Said::Stays { waited };
            return Err(Refusal { doing, source }.into());
        }
        pace.next().await;
    }
}

/// Has what was put to sleep run again, and returns when it is ready.
pub async fn wake(cluster: &Cluster, patience: Patience, tell: Tell<'_>) -> Result<(), Error> {
    let mut ids = scale::<StatefulSet>(cluster, true).await?;
    ids.extend(scale::<Deployment>(cluster, true).await?);
    Ok(wait(cluster, &ids, patience, tell).await?)
}

/// Has of what was put to sleep only that run again which keeps data, and returns when it is ready.
pub async fn wake_data(cluster: &Cluster, patience: Patience) -> Result<(), Error> {
    let ids = scale::<StatefulSet>(cluster, true).await?;
    Ok(wait(cluster, &ids, patience, &|_, _| {}).await?)
}

/// What can be put to sleep in the cluster's namespace, and how many run of it when it is awake; 0: it sleeps.
pub async fn workloads(cluster: &Cluster) -> Result<Vec<(Id, i32)>, Refusal> {
    let mut all = some::<Deployment>(cluster).await?;
    all.extend(some::<StatefulSet>(cluster).await?);
    Ok(all)
}

/// The namespaces in which something that a project has deployed is to run.
pub async fn awake(cluster: &Cluster) -> Result<BTreeSet<String>, Refusal> {
    let mut found = found_awake::<StatefulSet>(cluster).await?;
    found.extend(found_awake::<Deployment>(cluster).await?);
    Ok(found.into_iter().collect())
}

async fn found_awake<K: Scaled>(cluster: &Cluster) -> Result<Vec<String>, Refusal> {
    let (api, kind) = (Api::<K>::all(cluster.client()), K::kind(&()));
    let awake = |one: &K| {
        let namespace = one.meta().namespace.clone();
        namespace.filter(|_| one.replicas() > 0)
    };
    let doing = format!("list {kind}s everywhere");
    let deployed = ListParams::default().labels(PROJECT);
    pages::all(cluster.calls(), &api, deployed, awake, &doing).await
}

async fn listed<K: Scaled>(cluster: &Cluster) -> Result<Vec<K>, Refusal> {
    let (api, kind) = (cluster.api::<K>(), K::kind(&()));
    let every = ListParams::default();
    let asked = async || api.list(&every).await;
    Ok(cluster
        .calls()
        .call(format!("list {kind}s"), asked)
        .await?
        .items)
}

async fn some<K: Scaled>(cluster: &Cluster) -> Result<Vec<(Id, i32)>, Refusal> {
    let all = listed::<K>(cluster).await?;
    Ok(all.iter().map(|one| (id(one), one.replicas())).collect())
}

fn id<K: Scaled>(one: &K) -> Id {
    Id {
        kind: K::kind(&()).into_owned(),
        name: one.name_any(),
    }
}

async fn scale<K: Scaled>(cluster: &Cluster, wakes: bool) -> Result<Vec<Id>, Refusal> {
    let api = cluster.api::<K>();
    let mut ids = Vec::new();
    for one in listed::<K>(cluster).await? {
        let id = id(&one);
        let there = one.replicas();
        let noted = one.annotations().get(REPLICAS);
        let wanted = match (wakes, noted) {
            (true, Some(noted)) => noted.parse().unwrap_or(1),
            (true, None) => there.max(1),
            (false, _) => 0,
        };
        if wanted != there {
            // Noted with the change itself: whoever is killed here forgets nothing.
            let noted = if wakes { wanted } else { there };
            let patch = Patch::Merge(json!({
                "metadata": {"annotations": {REPLICAS: noted.to_string()}},
                "spec": {"replicas": wanted},
            }));
            let params = PatchParams {
                field_manager: Some(KEEPER.to_owned()),
                ..PatchParams::default()
            };
            let asked = cluster.calls().insist(format!("scale {id}"), async || {
                api.patch(&id.name, &params, &patch).await
            });
            asked.await?;
        }
        ids.push(id);
    }
    Ok(ids)
}

/// Such pods that have not ended.
async fn running(cluster: &Cluster, meant: impl Fn(&Pod) -> bool) -> Result<Vec<Pod>, Refusal> {
    let (api, every) = (cluster.api::<Pod>(), ListParams::default());
    let asked = async || api.list(&every).await;
    let pods = cluster.calls().call("list pods", asked).await?;
    let runs = |pod: &&Pod| !has_ended(pod) && meant(pod);
    Ok(pods.iter().filter(runs).cloned().collect())
}

/// Whether it is one of what has data.
fn is_of_set(pod: &Pod) -> bool {
    let owners = pod.owner_references().iter();
    owners.clone().any(|owner| owner.kind == "StatefulSet")
}
