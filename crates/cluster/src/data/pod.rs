//! The life of pods through which volumes are reached.

use std::pin::pin;
use std::time::{Duration, Instant};

use futures_util::future::{Either, select};
use k8s_openapi::api::core::v1::Pod;
use kube::ResourceExt as _;
use kube::api::{DeleteParams, ListParams};

use super::carrier::{CARRIER, Carrier};
use super::error::Error;
use crate::apply::absent;
use crate::connect::Cluster;
use crate::deploy::Stop;
use crate::pod;
use crate::refusal::{Refusal, Said};

/// How often one is looked at.
const LOOK: Duration = Duration::from_millis(250);
/// How long one may take to run: its image may have to be pulled, its volume to be made.
const PATIENCE: Duration = Duration::from_secs(600);
/// How long one may take to end.
const GRACE: Duration = Duration::from_secs(120);

/// A pod that runs.
pub(super) struct Running<'a> {
    pub(super) carrier: &'a Carrier,
    pub(super) name: String,
}

/// Whether it is one of ours.
pub(crate) fn is_carrier(pod: &Pod) -> bool {
    pod.labels().contains_key(CARRIER)
}

/// Makes pods that have the volumes, and returns when they run. Nothing else may have them. [`close`] comes after.
pub(super) async fn open<'a>(
    cluster: &Cluster,
    carriers: &'a [Carrier],
    stop: &Stop,
) -> Result<Vec<Running<'a>>, Error> {
    // What an earlier one has left, which may still write.
    clear(cluster).await?;
    idle(cluster, carriers).await?;
    let begun = begin(cluster, carriers, stop).await;
    if begun.is_err() {
        // What stays is removed by whoever comes next.
        let _ = clear(cluster).await;
    }
    begun
}

/// Has none of them be there any more, after what has come of them.
pub(super) async fn close<T>(cluster: &Cluster, outcome: Result<T, Error>) -> Result<T, Error> {
    let cleared = clear(cluster).await;
    let outcome = outcome?;
    cleared?;
    Ok(outcome)
}

/// Removes all of them in the cluster's namespace, and returns when they are gone.
pub(crate) async fn clear(cluster: &Cluster) -> Result<(), Refusal> {
    let api = cluster.api::<Pod>();
    let ours = ListParams::default().labels(CARRIER);
    let begin = Instant::now();
    loop {
        let listed = async || api.list(&ours).await;
        let left = cluster.calls().call("list pods", listed).await?;
        if left.items.is_empty() {
            return Ok(());
        }
        for pod in &left {
            if pod.metadata.deletion_timestamp.is_none() {
                let (name, params) = (pod.name_any(), DeleteParams::default());
                let deleted = async || absent(api.delete(&name, &params).await);
                let doing = format!("remove Pod/{name}");
                cluster.calls().call(doing, deleted).await?;
            }
        }
        if begin.elapsed() > GRACE {
            return Err(Refusal {
                doing: "end pods that copied data".to_owned(),
                source: Said::Stays { waited: GRACE },
            });
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Refuses if something else has the volumes.
async fn idle(cluster: &Cluster, carriers: &[Carrier]) -> Result<(), Error> {
    let (api, every) = (cluster.api::<Pod>(), ListParams::default());
    let listed = async || api.list(&every).await;
    let all = cluster.calls().call("list pods", listed).await?;
    let has = |pod: &&Pod| {
        let volumes = pod
            .spec
            .iter()
            .flat_map(|spec| spec.volumes.iter().flatten());
        let mut claims = volumes.filter_map(|one| one.persistent_volume_claim.as_ref());
        claims.any(|one| {
            carriers
                .iter()
                .any(|carrier| carrier.claim == one.claim_name)
        })
    };
    let pods: Vec<String> = all
        .iter()
        .filter(|pod| !pod::has_ended(pod))
        .filter(has)
        .map(kube::ResourceExt::name_any)
        .collect();
    if pods.is_empty() {
        return Ok(());
    }
    let namespace = cluster.namespace().to_owned();
    Err(Error::Runs { pods, namespace })
}

async fn begin<'a>(
    cluster: &Cluster,
    carriers: &'a [Carrier],
    stop: &Stop,
) -> Result<Vec<Running<'a>>, Error> {
    let begun = pin!(async {
        let mut all = Vec::new();
        for carrier in carriers {
            let doing = format!("make a pod that has the volume of {}", carrier.claim);
            let name = pod::make(cluster, doing, &carrier.pod).await?;
            all.push(Running { carrier, name });
        }
        for running in &all {
            let runs = pod::runs(cluster, &running.name, PATIENCE).await?;
            runs.map_err(|not| Error::Unreached {
                claim: running.carrier.claim.clone(),
                how_far: not.how_far,
                trouble: not.trouble,
            })?;
        }
        Ok(all)
    });
    match select(begun, pin!(stop.asked())).await {
        Either::Left((begun, _)) => begun,
        Either::Right(_) => Err(Error::Stopped),
    }
}
