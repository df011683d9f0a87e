//! What a project no longer has goes.

use std::collections::BTreeSet;
use std::fmt::Debug;

use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::api::{apps, autoscaling, batch, core, networking, policy, rbac};
use kube::api::{Api, DeleteParams, ListParams};
use kube::{Resource, ResourceExt as _};
use serde::de::DeserializeOwned;

use crate::apply::absent;
use crate::connect::Cluster;
use crate::manifest::Id;
use crate::owner::Owner;
use crate::refusal::Refusal;
use crate::retry;

/// Removes, or only finds, what carries the owner's label and is not among `wanted`; what was removed. Claims of volumes
/// stay: they hold data.
pub async fn prune(
    cluster: &Cluster,
    owner: &Owner,
    wanted: &BTreeSet<Id>,
    dry_run: bool,
) -> Result<Vec<Id>, Refusal> {
    let sweep = Sweep {
        cluster,
        owner,
        wanted,
        dry_run,
    };
    let mut gone = Vec::new();
    // Traffic first, then what takes it, then what that was made from.
    sweep.kind::<networking::v1::Ingress>(&mut gone).await?;
    sweep
        .kind::<autoscaling::v2::HorizontalPodAutoscaler>(&mut gone)
        .await?;
    sweep
        .kind::<policy::v1::PodDisruptionBudget>(&mut gone)
        .await?;
    sweep.kind::<batch::v1::CronJob>(&mut gone).await?;
    sweep.kind::<batch::v1::Job>(&mut gone).await?;
    sweep.kind::<apps::v1::Deployment>(&mut gone).await?;
    sweep.kind::<apps::v1::StatefulSet>(&mut gone).await?;
    sweep.kind::<apps::v1::DaemonSet>(&mut gone).await?;
    sweep.kind::<core::v1::Service>(&mut gone).await?;
    sweep.kind::<core::v1::ConfigMap>(&mut gone).await?;
    sweep.kind::<core::v1::Secret>(&mut gone).await?;
    sweep.kind::<rbac::v1::RoleBinding>(&mut gone).await?;
    sweep.kind::<rbac::v1::Role>(&mut gone).await?;
    sweep.kind::<core::v1::ServiceAccount>(&mut gone).await?;
    sweep
        .kind::<networking::v1::NetworkPolicy>(&mut gone)
        .await?;
    Ok(gone)
}

struct Sweep<'a> {
    cluster: &'a Cluster,
    owner: &'a Owner,
    wanted: &'a BTreeSet<Id>,
    dry_run: bool,
}

impl Sweep<'_> {
    async fn kind<K>(&self, gone: &mut Vec<Id>) -> Result<(), Refusal>
    where
        K: Resource<DynamicType = (), Scope = NamespaceResourceScope>,
        K: Clone + Debug + DeserializeOwned,
    {
        let kind = K::kind(&());
        let api: Api<K> = Api::namespaced(self.cluster.client(), self.cluster.namespace());
        let ours = ListParams::default().labels(&self.owner.selector());
        let list = retry::call(format!("list {kind}"), async || {
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
            retry::call(format!("remove {id}"), async || {
                absent(api.delete(&id.name, &params).await)
            })
            .await?;
            gone.push(id);
        }
        Ok(())
    }
}
