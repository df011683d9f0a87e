//! What a deploy would do.

use super::here::all_here;
use super::run::ids;
use super::terms::Done;
use crate::apply::{Force, Manner, Placing, apply};
use crate::connect::Cluster;
use crate::manifest::Manifest;
use crate::order::turns;
use crate::owner::Owner;
use crate::prune::prune;
use crate::record;
use crate::refusal::Refusal;

/// What a deploy would do. Locks nothing and changes nothing; admission and validation of the cluster take part.
pub async fn preview(
    cluster: &Cluster,
    owner: &Owner,
    manifests: Vec<Manifest>,
    force: bool,
) -> Result<Done, Refusal> {
    all_here(cluster, &manifests)?;
    cluster.reach().await?;
    let last = match record::read(cluster, owner).await {
        Ok(last) => last.unwrap_or_default(),
        // Who may look at the project may not be allowed to see its secrets.
        Err(refusal) if refusal.code() == Some(403) => Vec::new(),
        Err(refusal) => return Err(refusal),
    };
    let wanted = ids(&manifests);
    let turns = turns(manifests);
    let manner = Manner {
        dry_run: true,
        force: Force::of_word(force),
    };
    let mut applied = Vec::new();
    let placed = turns.ground.iter().chain(&turns.first);
    for manifest in placed.chain(&turns.roles) {
        applied.push(apply(cluster, owner, manifest, manner).await?);
    }
    let jobs = || turns.jobs.iter().chain(&turns.after);
    for job in jobs() {
        let there = Placing::new(cluster, owner, job, manner).await?;
        there.removable()?;
        // A job that ran cannot be changed, so the cluster is asked about a new one.
        let another = job.clone().renamed("boatyard-dry-run");
        apply(cluster, owner, &another, manner).await?;
    }
    let pruned = prune(cluster, owner, &wanted, &last, true).await;
    match pruned.left.into_iter().next() {
        Some(refusal) => Err(refusal),
        None => Ok(Done {
            applied,
            jobs: jobs().map(Manifest::id).collect(),
            pruned: pruned.gone,
        }),
    }
}
