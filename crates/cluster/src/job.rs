//! Jobs that run to their end.

use std::time::{Duration, Instant};

use kube::api::DeleteParams;

use crate::apply::{Force, Manner, Placing, apply};
use crate::connect::Cluster;
use crate::manifest::Manifest;
use crate::owner::Owner;
use crate::refusal::{Refusal, Said};
use crate::wait::{self, Patience, Tell, wait};

/// Runs `job` once, after removing what is left of its last time (a job cannot be changed), and waits for its end. A job of
/// that name that is not the owner's is removed only by [`Force::Objects`].
pub async fn run(
    cluster: &Cluster,
    owner: &Owner,
    job: &Manifest,
    force: Force,
    patience: Patience,
    tell: Tell<'_>,
) -> Result<(), wait::Error> {
    remove(cluster, owner, job, force, patience.timeout).await?;
    // Nothing is there any more that could be taken over.
    apply(cluster, owner, job, Manner::of(Force::Fields)).await?;
    wait(cluster, &[job.id()], patience, tell).await
}

/// Removes the job and its pods, and waits until it is gone.
pub async fn remove(
    cluster: &Cluster,
    owner: &Owner,
    job: &Manifest,
    force: Force,
    timeout: Duration,
) -> Result<(), Refusal> {
    let begin = Instant::now();
    let mut asked = false;
    loop {
        let there = Placing::new(cluster, owner, job, Manner::of(force)).await?;
        if there.before().is_none() {
            return Ok(());
        }
        if !asked {
            there.removable()?;
            there.remove(&DeleteParams::foreground()).await?;
            asked = true;
        } else if begin.elapsed() > timeout {
            return Err(Refusal {
                doing: format!("remove {} of the last time", job.id()),
                source: Said::Stays { waited: timeout },
            });
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Removes the job, if it is the owner's, and waits for nothing.
pub async fn withdraw(cluster: &Cluster, owner: &Owner, job: &Manifest) -> Result<(), Refusal> {
    let there = Placing::new(cluster, owner, job, Manner::of(Force::Objects)).await?;
    there.withdraw().await.map(drop)
}
