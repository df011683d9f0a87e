//! The image that we run ourselves.

use k8s_openapi::api::core::v1::Pod;

use super::error::Error;
use crate::connect::Cluster;

/// The image of the pod that we are in: that called `pod`, in the namespace that `cluster` begins with.
pub async fn own(cluster: &Cluster, pod: &str) -> Result<String, Error> {
    let api = cluster.api::<Pod>();
    let asked = async || api.get_opt(pod).await;
    let doing = format!("read Pod/{pod}");
    let found = cluster.calls().call(doing, asked).await?;
    let containers = found.and_then(|pod| pod.spec).map(|spec| spec.containers);
    let mut images = containers.into_iter().flatten().filter_map(|one| one.image);
    images.next().ok_or(Error::NoImage)
}
