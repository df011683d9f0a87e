//! Back to the last good state.

use std::collections::BTreeSet;

use kube::api::DeleteParams;

use crate::apply::{Applied, Change, Manner, apply, remove};
use crate::connect::Cluster;
use crate::manifest::{Id, Manifest};
use crate::order::turns;
use crate::owner::Owner;
use crate::prune::prune;
use crate::refusal::Refusal;
use crate::rollout::is_workload;
use crate::wait::{self, Patience, Tell, wait};

/// Applies what was good again, removes what was not in it, and waits until it serves. Its jobs are not run again.
pub async fn to_record(
    cluster: &Cluster,
    owner: &Owner,
    good: Vec<Manifest>,
    patience: Patience,
    tell: Tell<'_>,
) -> Result<(), wait::Error> {
    let wanted: BTreeSet<Id> = good.iter().map(Manifest::id).collect();
    let turns = turns(good);
    let manner = Manner {
        dry_run: false,
        force: true,
    };
    let mut workloads = Vec::new();
    for manifest in turns.ground.iter().chain(&turns.roles) {
        let applied = apply(cluster, owner, manifest, manner).await?;
        if is_workload(&applied.id.kind) {
            workloads.push(applied.id);
        }
    }
    prune(cluster, owner, &wanted, false).await?;
    wait(cluster, &workloads, patience, tell).await
}

/// Where nothing was good before: removes what this deploy made. What was there, and claims of volumes, stay.
pub async fn to_nothing(
    cluster: &Cluster,
    made: &[(Manifest, Applied)],
    jobs: &[Manifest],
) -> Result<(), Refusal> {
    let stays = [
        "Namespace",
        "PersistentVolumeClaim",
        "CustomResourceDefinition",
    ];
    let created = made
        .iter()
        .rev()
        .filter(|(_, applied)| applied.change() == Change::Created)
        .map(|(manifest, _)| manifest)
        .filter(|manifest| !stays.contains(&manifest.kind().kind.as_str()));
    for manifest in jobs.iter().rev().chain(created) {
        let id = manifest.id();
        let api = cluster.api_of(manifest).await?;
        remove(&api, &id, &DeleteParams::background()).await?;
    }
    Ok(())
}
