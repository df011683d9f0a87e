//! Back to the last good state; where nothing was good yet, to what was there before.

use std::collections::BTreeSet;

use crate::apply::{Force, Manner, Placing, apply};
use crate::connect::Cluster;
use crate::job;
use crate::manifest::{Id, Manifest};
use crate::order::turns;
use crate::owner::Owner;
use crate::prune::prune;
use crate::rollout::is_workload;
use crate::wait::{self, Patience, Tell, wait};

/// What a deploy did when it went wrong, or had begun to do.
#[derive(Default)]
pub struct Made {
    /// What it applied, in order.
    pub placed: Vec<Placing>,
    /// The jobs that it ran, in order.
    pub jobs: Vec<Manifest>,
}

/// What holds data, or much else: it stays.
pub const STAYS: &[&str] = &[
    "Namespace",
    "PersistentVolumeClaim",
    "CustomResourceDefinition",
];

/// Applies what was `good` again, puts back what was there of the rest, removes what was not, and waits until what was good
/// serves. Its jobs are not run again. One refusal ends nothing: all that could not be undone is answered.
pub async fn undo(
    cluster: &Cluster,
    owner: &Owner,
    made: Made,
    good: Option<Vec<Manifest>>,
    patience: Patience,
    tell: Tell<'_>,
) -> Vec<wait::Error> {
    let mut left: Vec<wait::Error> = Vec::new();
    let to_record = good.is_some();
    let good = good.unwrap_or_default();
    let mut wanted: BTreeSet<Id> = good.iter().map(Manifest::id).collect();

    let (again, manner) = (turns(good.clone()), Manner::of(Force::Fields));
    let mut workloads = Vec::new();
    for manifest in again.ground.iter().chain(&again.first).chain(&again.roles) {
        match apply(cluster, owner, manifest, manner).await {
            Ok(applied) if is_workload(&applied.id.kind) => workloads.push(applied.id),
            Ok(_) => {}
            Err(refusal) => left.push(refusal.into()),
        }
    }
    for placed in made.placed.iter().rev() {
        let id = placed.id();
        if wanted.contains(id) {
            continue;
        }
        let back = if placed.before().is_some() {
            placed.restore().await
        } else if STAYS.contains(&id.kind.as_str()) {
            Ok(())
        } else {
            placed.withdraw().await.map(drop)
        };
        if let Err(refusal) = back {
            left.push(refusal.into());
        }
        if placed.before().is_some() {
            wanted.insert(id.clone());
        }
    }
    if to_record {
        let pruned = prune(cluster, owner, &wanted, &[], false).await;
        left.extend(pruned.left.into_iter().map(wait::Error::from));
    } else {
        for job in made.jobs.iter().rev() {
            if let Err(refusal) = job::withdraw(cluster, owner, job).await {
                left.push(refusal.into());
            }
        }
    }
    if let Err(error) = wait(cluster, &workloads, patience, tell).await {
        left.push(error);
    }
    left
}
