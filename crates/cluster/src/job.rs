//! Jobs that run to their end.

use std::time::{Duration, Instant};

use kube::api::DeleteParams;

use crate::apply::{self, Manner, apply, existing};
use crate::connect::Cluster;
use crate::manifest::Manifest;
use crate::owner::Owner;
use crate::refusal::{Refusal, Said};
use crate::wait::{self, Patience, Tell, wait};

/// Runs `job` once, after removing what is left of its last time (a job cannot be changed), and waits for its end.
pub async fn run(
    cluster: &Cluster,
    owner: &Owner,
    job: &Manifest,
    patience: Patience,
    tell: Tell<'_>,
) -> Result<(), wait::Error> {
    remove(cluster, job, patience.timeout).await?;
    let manner = Manner {
        dry_run: false,
        force: true,
    };
    apply(cluster, owner, job, manner).await?;
    wait(cluster, &[job.id()], patience, tell).await
}

/// Removes the job and its pods, and waits until it is gone.
pub async fn remove(cluster: &Cluster, job: &Manifest, timeout: Duration) -> Result<(), Refusal> {
    let id = job.id();
    let api = cluster.api_of(job).await?;
    let begin = Instant::now();
    let mut asked = false;
    while existing(&api, &id).await?.is_some() {
        if !asked {
            apply::remove(&api, &id, &DeleteParams::foreground()).await?;
            asked = true;
        } else if begin.elapsed() > timeout {
            return Err(Refusal {
                doing: format!("remove {id} of the last time"),
                source: Said::Unreached {
                    message: format!("it is still there after {} s", timeout.as_secs()),
                },
            });
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Ok(())
}
