//! What a project no longer has goes.

use std::collections::BTreeSet;
use std::fmt::Debug;

use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::api::{apps, autoscaling, batch, core, networking, policy, rbac};
use kube::api::{Api, DeleteParams, ListParams};
use kube::{Resource, ResourceExt as _};
use serde::de::DeserializeOwned;

use crate::apply::{Force, Manner, Placing, absent};
use crate::connect::Cluster;
use crate::manifest::{Id, Manifest};
use crate::owner::Owner;
use crate::refusal::{Refusal, Said};
use crate::undo::STAYS;

/// What pruning did.
#[derive(Debug, Default)]
pub struct Pruned {
    /// What was removed, or would be.
    pub gone: Vec<Id>,
    /// What could not be, and why not.
    pub left: Vec<Refusal>,
}

/// Removes, or only finds, what carries the owner's label and is not among `wanted`: of the usual kinds all, of other kinds
/// what is among `last`. One refusal ends nothing. Claims of volumes stay: they hold data.
pub async fn prune(
    cluster: &Cluster,
    owner: &Owner,
    wanted: &BTreeSet<Id>,
    last: &[Manifest],
    dry_run: bool,
) -> Pruned {
    let mut sweep = Sweep {
        cluster,
        owner,
        wanted,
        dry_run,
        pruned: Pruned::default(),
    };
    // Traffic first, then what takes it, then what that was made from.
    sweep.others(last).await;
    sweep.kind::<networking::v1::Ingress>().await;
    sweep
        .kind::<autoscaling::v2::HorizontalPodAutoscaler>()
        .await;
    sweep.kind::<policy::v1::PodDisruptionBudget>().await;
    sweep.kind::<batch::v1::CronJob>().await;
    sweep.kind::<batch::v1::Job>().await;
    sweep.kind::<apps::v1::Deployment>().await;
    sweep.kind::<apps::v1::StatefulSet>().await;
    sweep.kind::<apps::v1::DaemonSet>().await;
    sweep.kind::<core::v1::Service>().await;
    sweep.kind::<core::v1::ConfigMap>().await;
    sweep.kind::<core::v1::Secret>().await;
    sweep.kind::<rbac::v1::RoleBinding>().await;
    sweep.kind::<rbac::v1::Role>().await;
    sweep.kind::<core::v1::ServiceAccount>().await;
    sweep.kind::<networking::v1::NetworkPolicy>().await;
    sweep.pruned
}

struct Sweep<'a> {
    cluster: &'a Cluster,
    owner: &'a Owner,
    wanted: &'a BTreeSet<Id>,
    dry_run: bool,
    pruned: Pruned,
}

/// Kinds that are swept as a whole.
const SWEPT: &[&str] = &[
    "Ingress",
    "HorizontalPodAutoscaler",
    "PodDisruptionBudget",
    "CronJob",
    "Job",
    "Deployment",
    "StatefulSet",
    "DaemonSet",
    "Service",
    "ConfigMap",
    "Secret",
    "RoleBinding",
    "Role",
    "ServiceAccount",
    "NetworkPolicy",
];

impl Sweep<'_> {
    /// What the last good state had of kinds that are not swept: custom resources, routes. What is of no namespace may be
    /// another namespace's, too, and stays.
    async fn others(&mut self, last: &[Manifest]) {
        for manifest in last {
            let id = manifest.id();
            let kept = STAYS.contains(&id.kind.as_str()) || SWEPT.contains(&id.kind.as_str());
            if kept || self.wanted.contains(&id) {
                continue;
            }
            match self.other(manifest).await {
                Ok(true) => self.pruned.gone.push(id),
                Ok(false) => {}
                Err(refusal) => self.pruned.left.push(refusal),
            }
        }
    }

    /// False: it is not there, or not ours.
    async fn other(&self, manifest: &Manifest) -> Result<bool, Refusal> {
        let manner = Manner {
            dry_run: self.dry_run,
            force: Force::Objects,
        };
        match self.cluster.is_namespaced(manifest).await {
            Ok(true) => {}
            Ok(false) => return Ok(false),
            // Its kind went, and it with it.
            Err(refusal) if matches!(refusal.source, Said::Unknown { .. }) => return Ok(false),
            Err(refusal) => return Err(refusal),
        }
        let placing = Placing::new(self.cluster, self.owner, manifest, manner).await?;
        placing.withdraw().await
    }

    async fn kind<K>(&mut self)
    where
        K: Resource<DynamicType = (), Scope = NamespaceResourceScope>,
        K: Clone + Debug + DeserializeOwned,
    {
        if let Err(refusal) = self.all_of::<K>().await {
            self.pruned.left.push(refusal);
        }
    }

    async fn all_of<K>(&mut self) -> Result<(), Refusal>
    where
        K: Resource<DynamicType = (), Scope = NamespaceResourceScope>,
        K: Clone + Debug + DeserializeOwned,
    {
        let kind = K::kind(&());
        let api: Api<K> = Api::namespaced(self.cluster.client(), self.cluster.namespace());
        let ours = ListParams::default().labels(&self.owner.selector());
        let list = self.cluster.calls().call(format!("list {kind}"), async || {
            api.list_metadata(&ours).await
        });
        let found = match list.await {
            Ok(found) => found,
            // Who may not even see this kind has none of it to remove.
            Err(refusal) if refusal.code() == Some(403) => return Ok(()),
            Err(refusal) => return Err(refusal),
        };
        for object in found {
            let id = Id {
                kind: kind.to_string(),
                name: object.name_any(),
            };
            // What a controller made goes with what it was made from.
            if self.wanted.contains(&id) || !object.owner_references().is_empty() {
                continue;
            }
            let params = DeleteParams {
                dry_run: self.dry_run,
                ..DeleteParams::background()
            };
            let removed = self.cluster.calls().call(format!("remove {id}"), async || {
                absent(api.delete(&id.name, &params).await)
            });
            match removed.await {
                Ok(()) => self.pruned.gone.push(id),
                Err(refusal) => self.pruned.left.push(refusal),
            }
        }
        Ok(())
    }
}
