//! What processes printed.

use k8s_openapi::api::core::v1::Pod;
use kube::api::LogParams;

use super::error::Error;
use super::follow::Follow;
use super::line::{Line, Printer};
use super::lines::printed;
use super::pods;
use crate::connect::Cluster;
use crate::owner::Owner;
use crate::refusal::Refusal;

/// Which lines.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Of which roles and jobs; of all if empty.
    pub processes: Vec<String>,
    /// How many of those that are there.
    pub last: Option<usize>,
    /// Whether also those that come, until somebody ends us.
    pub follow: bool,
}

/// Tells the lines that the owner's processes printed, in the order of their times.
pub async fn logs(
    cluster: &Cluster,
    owner: &Owner,
    wanted: &Wanted,
    tell: &mut (dyn FnMut(&Line) + Send),
) -> Result<(), Error> {
    cluster.reach().await?;
    let selector = pods::selector(owner);
    let all = pods::list(cluster, &selector).await?;
    let chosen = pods::of(all, &wanted.processes, cluster.namespace())?;
    // Some may come; else nobody sees that it was the wrong place.
    if chosen.is_empty() && !wanted.follow {
        return Err(Error::NoPods {
            project: owner.project().to_owned(),
            namespace: cluster.namespace().to_owned(),
        });
    }
    if wanted.follow {
        let follow = Follow::new(cluster, &selector, &wanted.processes, wanted.last);
        return Ok(follow.forever(tell).await?);
    }
    let mut lines = Vec::new();
    for pod in &chosen {
        lines.extend(of_pod(cluster, pod, wanted.last).await?);
    }
    lines.sort_by_key(|line| line.time);
    let first = wanted
        .last
        .map_or(0, |last| lines.len().saturating_sub(last));
    lines[first..].iter().for_each(tell);
    Ok(())
}

/// Tells the lines that the pods print which `selector` chooses, those that come too, until `done`, and those that were printed before.
pub async fn follow<T>(
    cluster: &Cluster,
    selector: &str,
    done: impl Future<Output = T> + Unpin,
    tell: &mut (dyn FnMut(&Line) + Send),
) -> Result<T, Error> {
    let follow = Follow::new(cluster, selector, &[], None);
    Ok(follow.until(done, tell).await?)
}

async fn of_pod(cluster: &Cluster, pod: &Pod, last: Option<usize>) -> Result<Vec<Line>, Refusal> {
    let (api, printer) = (cluster.api::<Pod>(), Printer::of(pod));
    let mut lines = Vec::new();
    for container in pod.spec.iter().flat_map(|spec| &spec.containers) {
        let params = LogParams {
            container: Some(container.name.clone()),
            tail_lines: last.and_then(|last| i64::try_from(last).ok()),
            timestamps: true,
            ..LogParams::default()
        };
        let name = &printer.pod;
        let doing = format!("read what {name} printed");
        let asked = cluster
            .calls()
            .call(doing, async || printed(&api, name, &params).await);
        match asked.await {
            Ok(all) => lines.extend(all.iter().filter_map(|line| printer.read(line))),
            // It has not begun, or is gone meanwhile: it has printed nothing that can be had.
            Err(refusal) if matches!(refusal.code(), Some(400 | 404)) => {}
            Err(refusal) => return Err(refusal),
        }
    }
    Ok(lines)
}
