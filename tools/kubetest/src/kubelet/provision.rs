//! What claims are bound to, as a provisioner gives it.

use std::pin::pin;

use futures_util::StreamExt as _;
use k8s_openapi::api::core::v1::{PersistentVolume, PersistentVolumeClaim};
use kube::api::{Api, DeleteParams, PostParams};
use kube::runtime::WatchStreamExt as _;
use kube::runtime::watcher::{self, Event as Change};
use kube::{Client, ResourceExt as _};
use serde_json::json;

use super::volume::Volumes;

/// The claims that are ours: those that name no class. The cluster has none.
fn is_ours(claim: &PersistentVolumeClaim) -> bool {
    let spec = claim.spec.as_ref();
    spec.is_some_and(|spec| spec.storage_class_name.is_none() && spec.volume_name.is_none())
}

/// Gives each claim a volume, and takes it away when the claim is gone, as long as the runtime lives.
pub async fn follow(client: Client, volumes: Volumes) {
    let claims = Api::<PersistentVolumeClaim>::all(client.clone());
    let every = watcher::Config::default();
    let mut changes = pin!(watcher::watcher(claims, every).default_backoff());
    while let Some(change) = changes.next().await {
        let outcome = match change {
            Ok(Change::Apply(claim) | Change::InitApply(claim)) if is_ours(&claim) => {
                give(&client, &volumes, &claim).await
            }
            Ok(Change::Delete(claim)) => take(&client, &volumes, &claim).await,
            _ => Ok(()),
        };
        if let Err(refusal) = outcome {
            eprintln!("kubetest: a volume: {refusal}");
        }
    }
}

fn name(claim: &PersistentVolumeClaim) -> String {
    format!("pvc-{}", claim.uid().unwrap_or_default())
}

async fn give(
    client: &Client,
    volumes: &Volumes,
    claim: &PersistentVolumeClaim,
) -> kube::Result<()> {
    let folder = volumes.make(claim).map_err(io)?;
    let spec = claim.spec.as_ref();
    let size = spec.and_then(|spec| spec.resources.as_ref()?.requests.clone());
    let volume = json!({
        "apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": name(claim)},
        "spec": {
            "capacity": size, "accessModes": spec.and_then(|spec| spec.access_modes.clone()),
            "persistentVolumeReclaimPolicy": "Retain", "hostPath": {"path": folder},
            "claimRef": {
                "apiVersion": "v1", "kind": "PersistentVolumeClaim", "uid": claim.uid(),
                "namespace": claim.namespace(), "name": claim.name_any(),
            },
        },
    });
    let volume: PersistentVolume =
        serde_json::from_value(volume).map_err(kube::Error::SerdeError)?;
    let all = Api::<PersistentVolume>::all(client.clone());
    match all.create(&PostParams::default(), &volume).await {
        // It is seen again when it changes.
        Err(kube::Error::Api(status)) if status.code == 409 => Ok(()),
        other => other.map(drop),
    }
}

async fn take(
    client: &Client,
    volumes: &Volumes,
    claim: &PersistentVolumeClaim,
) -> kube::Result<()> {
    // Of a claim of somebody else's there is none.
    let _ = volumes.remove(claim);
    let all = Api::<PersistentVolume>::all(client.clone());
    match all.delete(&name(claim), &DeleteParams::default()).await {
        Err(kube::Error::Api(status)) if status.is_not_found() => Ok(()),
        other => other.map(drop),
    }
}

fn io(error: std::io::Error) -> kube::Error {
    kube::Error::Service(error.into())
}
