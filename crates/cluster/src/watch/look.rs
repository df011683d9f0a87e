//! One look at a namespace.

use std::fmt::Debug;

use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::api::apps::v1::ReplicaSet;
use k8s_openapi::api::core::v1::{Event, Pod};
use kube::api::ListParams;
use kube::{Resource, ResourceExt as _};
use serde::de::DeserializeOwned;

use super::namespace::tells_about;
use super::roll::Roll;
use crate::connect::Cluster;
use crate::manifest::Id;
use crate::pages;
use crate::refusal::Refusal;
use crate::rollout::View;

/// What the cluster's namespace holds now of what tells how far `ids` are.
pub async fn look(cluster: &Cluster, ids: &[Id]) -> Result<View, Refusal> {
    let mut view = workloads(cluster, ids).await?;
    let sets = &mut Roll::new(cluster.chosen("ReplicaSet"));
    let pods = &mut Roll::new(cluster.chosen("Pod"));
    makes(cluster, ids, (sets, pods), &mut view).await?;
    if view.is_puzzling() {
        view.events = warnings(cluster, &view).await?;
    }
    Ok(view)
}

/// Those that are there, by their names.
pub(super) async fn workloads(cluster: &Cluster, ids: &[Id]) -> Result<View, Refusal> {
    let look = Look { cluster, ids };
    Ok(View {
        deployments: look.named().await?,
        stateful_sets: look.named().await?,
        daemon_sets: look.named().await?,
        jobs: look.named().await?,
        ..View::default()
    })
}

/// What they make.
pub(super) async fn makes(
    cluster: &Cluster,
    ids: &[Id],
    (sets, pods): (&mut Roll<ReplicaSet>, &mut Roll<Pod>),
    view: &mut View,
) -> Result<(), Refusal> {
    let kinds = ids.iter().map(|id| id.kind.as_str()).collect();
    if tells_about("ReplicaSet", &kinds) {
        view.replica_sets = lean(sets.now(cluster).await?);
    }
    view.pods = lean(pods.now(cluster).await?);
    Ok(())
}

/// What is in the way of what was seen, oldest first. A namespace may have thousands about all else.
pub(super) async fn warnings(cluster: &Cluster, seen: &View) -> Result<Vec<Event>, Refusal> {
    let (calls, api, uids) = (cluster.calls(), cluster.api::<Event>(), seen.uids());
    let wanted = ListParams::default().fields("type=Warning");
    let about = |event: &Event| {
        let uid = event.involved_object.uid.as_deref();
        uid.is_some_and(|uid| uids.contains(uid))
            .then(|| event.clone())
    };
    let mut events = match pages::all(calls, &api, wanted, about, "list events").await {
        // They say why; that it is not ready is seen without them.
        Err(refusal) if refusal.code() == Some(403) => Vec::new(),
        other => other?,
    };
    events.sort_by_key(|event| event.metadata.creation_timestamp.clone());
    Ok(events)
}

struct Look<'a> {
    cluster: &'a Cluster,
    ids: &'a [Id],
}

impl Look<'_> {
    async fn named<K>(&self) -> Result<Vec<K>, Refusal>
    where
        K: Resource<DynamicType = (), Scope = NamespaceResourceScope>,
        K: Clone + Debug + DeserializeOwned,
    {
        let api = self.cluster.api::<K>();
        let mut found = Vec::new();
        for id in self.ids.iter().filter(|id| id.kind == K::kind(&())) {
            let asked = async || api.get_opt(&id.name).await;
            let there = self
                .cluster
                .calls()
                .call(format!("read {id}"), asked)
                .await?;
            found.extend(there);
        }
        Ok(lean(found))
    }
}

/// Without what says who manages which field, which is most of it.
fn lean<K: Resource>(mut objects: Vec<K>) -> Vec<K> {
    for one in &mut objects {
        one.managed_fields_mut().clear();
    }
    objects
}
