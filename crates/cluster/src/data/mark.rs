//! Marks on claims whose volumes are being given other data.

use k8s_openapi::api::core::v1::PersistentVolumeClaim;
use kube::ResourceExt as _;
use kube::api::{ListParams, Patch, PatchParams};
use serde_json::json;

use crate::connect::Cluster;
use crate::refusal::Refusal;

/// The annotation of a claim.
const MARK: &str = "boatyard.dev/data";
/// What it says.
const NEW: &str = "new";

/// Whether data of the cluster's namespace was being put in its place, and that was not finished.
pub async fn is_unsettled(cluster: &Cluster) -> Result<bool, Refusal> {
    let (api, every) = (
        cluster.api::<PersistentVolumeClaim>(),
        ListParams::default(),
    );
    let asked = cluster
        .calls()
        .call("list volume claims", async || api.list(&every).await);
    let all = asked.await?;
    Ok(all
        .iter()
        .any(|claim| claim.annotations().contains_key(MARK)))
}

/// Marks a claim, or no longer.
pub(super) async fn mark(cluster: &Cluster, claim: &str, is_new: bool) -> Result<(), Refusal> {
    let api = cluster.api::<PersistentVolumeClaim>();
    let value = is_new.then_some(NEW);
    let patch = Patch::Merge(json!({"metadata": {"annotations": {MARK: value}}}));
    let params = PatchParams::default();
    let doing = format!("note what becomes of PersistentVolumeClaim/{claim}");
    let asked = cluster.calls().call(doing, async || {
        api.patch_metadata(claim, &params, &patch).await
    });
    asked.await.map(drop)
}
