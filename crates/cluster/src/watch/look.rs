//! One look at a namespace.

use std::collections::BTreeSet;
use std::fmt::Debug;

use k8s_openapi::NamespaceResourceScope;
use kube::Resource;
use kube::api::ListParams;
use serde::de::DeserializeOwned;

use super::namespace::tells_about;
use crate::connect::Cluster;
use crate::refusal::Refusal;
use crate::rollout::View;

/// What the cluster's namespace holds now of what tells how far workloads of `kinds` are.
pub async fn look(cluster: &Cluster, kinds: &BTreeSet<&str>) -> Result<View, Refusal> {
    let look = Look { cluster, kinds };
    let mut view = View {
        deployments: look.at("").await?,
        stateful_sets: look.at("").await?,
        daemon_sets: look.at("").await?,
        replica_sets: look.at("").await?,
        jobs: look.at("").await?,
        pods: look.at("").await?,
        // They say why; that it is not ready is seen without them.
        events: match look.at("type=Warning").await {
            Err(refusal) if refusal.code() == Some(403) => Vec::new(),
            other => other?,
        },
    };
    view.events
        .sort_by_key(|event| event.metadata.creation_timestamp.clone());
    Ok(view)
}

struct Look<'a> {
    cluster: &'a Cluster,
    kinds: &'a BTreeSet<&'a str>,
}

impl Look<'_> {
    async fn at<K>(&self, fields: &str) -> Result<Vec<K>, Refusal>
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
            field_selector: (!fields.is_empty()).then(|| fields.to_owned()),
            ..ListParams::default()
        };
        let api = self.cluster.api::<K>();
        let asked = async || api.list(&params).await;
        let doing = format!("list {}", K::plural(&()));
        Ok(self.cluster.calls().call(doing, asked).await?.items)
    }
}
