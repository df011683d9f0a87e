//! What containers printed.

use k8s_openapi::api::core::v1::Pod;
use kube::api::LogParams;

use crate::connect::Cluster;
use crate::process::printed;
use crate::retry::within;
use crate::trouble::Trouble;

/// Lines that are enough to see why something failed, and few enough to be read.
const LAST: i64 = 30;

/// The last lines of the container that is in trouble; none if it has printed nothing, or nobody can tell.
pub async fn last_lines(cluster: &Cluster, trouble: &Trouble) -> Vec<String> {
    let Some(pod) = trouble.pod.as_deref().filter(|_| trouble.has_log()) else {
        return Vec::new();
    };
    let params = LogParams {
        container: trouble.container.clone(),
        tail_lines: Some(LAST),
        ..LogParams::default()
    };
    // It is only a part of another error: that its node does not answer must not hide that one.
    let pods = cluster.api::<Pod>();
    let limit = cluster.calls().limits().answer;
    let lines = within(limit, printed(&pods, pod, &params)).await;
    lines.unwrap_or_default()
}
