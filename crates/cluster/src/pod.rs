//! Pods that we make ourselves: made, waited for until they run.

use std::time::{Duration, Instant};

use k8s_openapi::api::core::v1::{Event, Pod};
use kube::ResourceExt as _;
use kube::api::{ListParams, PostParams};
use serde_json::Value;

use crate::connect::Cluster;
use crate::refusal::{Refusal, Said};
use crate::trouble::{Heals, Trouble, of_pod};

/// How often one is looked at.
const LOOK: Duration = Duration::from_millis(250);
/// How long something that is likely to stay as it is may be in its way.
const TROUBLE: Duration = Duration::from_secs(30);

/// Why one does not run.
pub(crate) struct NotRunning {
    /// How far it is.
    pub how_far: String,
    /// What is in the way, if the cluster says.
    pub trouble: Option<Box<Trouble>>,
}

/// Makes a pod; what it is called.
pub(crate) async fn make(cluster: &Cluster, doing: String, pod: &Value) -> Result<String, Refusal> {
    let pod: Pod = serde_json::from_value(pod.clone()).map_err(|error| Refusal {
        doing: doing.clone(),
        source: Said::Damaged {
            message: error.to_string(),
        },
    })?;
    let (api, params) = (cluster.api::<Pod>(), PostParams::default());
    // What was made and is not known is found by its label.
    let made = cluster
        .calls()
        .once(doing, api.create(&params, &pod))
        .await?;
    Ok(made.name_any())
}

/// Waits until it runs, at most so long.
pub(crate) async fn runs(
    cluster: &Cluster,
    name: &str,
    patience: Duration,
) -> Result<Result<(), NotRunning>, Refusal> {
    let api = cluster.api::<Pod>();
    let since_made = Instant::now();
    let mut since: Option<(Trouble, Instant)> = None;
    loop {
        let asked = async || api.get_opt(name).await;
        let doing = format!("read Pod/{name}");
        let pod = cluster.calls().call(doing, asked).await?;
        let not = |how_far: String, trouble: Option<Trouble>| {
            Ok(Err(NotRunning {
                how_far,
                trouble: trouble.map(Box::new),
            }))
        };
        let Some(pod) = pod else {
            return not("somebody has removed its pod".to_owned(), None);
        };
        let trouble = of_pod(&pod, &events(cluster, name).await);
        if has_ended(&pod) {
            return not(format!("its pod has {}", phase(&pod)), trouble);
        }
        if phase(&pod) == "Running" && trouble.is_none() && is_begun(&pod) {
            return Ok(Ok(()));
        }
        let Some(now) = trouble else {
            since = None;
            if since_made.elapsed() > patience {
                return not("its pod is still not running".to_owned(), None);
            }
            tokio::time::sleep(LOOK).await;
            continue;
        };
        let began = match since.take() {
            Some((before, began)) if before.kind == now.kind => began,
            _ => Instant::now(),
        };
        let is_lasting = match now.heals() {
            Heals::Never => true,
            Heals::Soon => began.elapsed() > TROUBLE,
            Heals::Perhaps => since_made.elapsed() > patience,
        };
        if is_lasting {
            return not("its pod is not running".to_owned(), Some(now));
        }
        since = Some((now, began));
        tokio::time::sleep(LOOK).await;
    }
}

/// Whether nothing runs in it any more.
pub(crate) fn has_ended(pod: &Pod) -> bool {
    matches!(phase(pod), "Succeeded" | "Failed")
}

/// Whether it has ended well.
pub(crate) fn has_succeeded(pod: &Pod) -> bool {
    phase(pod) == "Succeeded"
}

/// What the cluster says of a pod; nothing if it does not let us look.
async fn events(cluster: &Cluster, pod: &str) -> Vec<Event> {
    let api = cluster.api::<Event>();
    let about = ListParams::default().fields(&format!("involvedObject.name={pod}"));
    api.list(&about)
        .await
        .map_or_else(|_| Vec::new(), |all| all.items)
}

fn phase(pod: &Pod) -> &str {
    let status = pod.status.as_ref();
    status
        .and_then(|status| status.phase.as_deref())
        .unwrap_or("Pending")
}

fn is_begun(pod: &Pod) -> bool {
    let status = pod.status.iter();
    let mut all = status.flat_map(|status| status.container_statuses.iter().flatten());
    all.any(|one| {
        one.state
            .as_ref()
            .is_some_and(|state| state.running.is_some())
    })
}
