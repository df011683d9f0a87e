//! One look at a namespace.

use std::collections::BTreeSet;
use std::fmt::Debug;

use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::api::core::v1::Event;
use kube::api::ListParams;
use kube::{Resource, ResourceExt as _};
use serde::de::DeserializeOwned;

use super::namespace::tells_about;
use crate::connect::Cluster;
use crate::pages;
use crate::refusal::Refusal;
use crate::rollout::View;

/// What the cluster's namespace holds now of what tells how far workloads of `kinds` are.
pub async fn look(cluster: &Cluster, kinds: &BTreeSet<&str>) -> Result<View, Refusal> {
    let mut view = objects(cluster, kinds).await?;
    if view.is_puzzling() {
        view.events = warnings(cluster, &view).await?;
    }
    Ok(view)
}

/// The same without its events.
pub(super) async fn objects(cluster: &Cluster, kinds: &BTreeSet<&str>) -> Result<View, Refusal> {
    let look = Look { cluster, kinds };
    Ok(View {
        deployments: look.at().await?,
        stateful_sets: look.at().await?,
        daemon_sets: look.at().await?,
        replica_sets: look.at().await?,
        jobs: look.at().await?,
        pods: look.at().await?,
        events: Vec::new(),
    })
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
    kinds: &'a BTreeSet<&'a str>,
}

impl Look<'_> {
    async fn at<K>(&self) -> Result<Vec<K>, Refusal>
    where
        K: Resource<DynamicType = (), Scope = NamespaceResourceScope>,
        K: Clone + Debug + DeserializeOwned,
    {
        let kind = K::kind(&());
        if !tells_about(&kind, self.kinds) {
            return Ok(Vec::new());
        }
        let params = ListParams {
            label_selector: self.cluster.chosen(&kind),
            ..ListParams::default()
        };
        let api = self.cluster.api::<K>();
        let asked = async || api.list(&params).await;
        let doing = format!("list {}", K::plural(&()));
        let mut found = self.cluster.calls().call(doing, asked).await?.items;
        for one in &mut found {
            one.managed_fields_mut().clear();
        }
        Ok(found)
    }
}
