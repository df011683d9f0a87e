//! The last good state of a project: what was applied when all of it was ready.
//!
//! A Secret `boatyard-PROJECT` of type `boatyard.dev/deployed`; `data.manifests` is a JSON list of the manifests. It is
//! a secret because manifests may hold some. It has no label of the owner: nothing prunes it.

use std::collections::BTreeMap;

use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::Secret;
use kube::api::{Patch, PatchParams};

use crate::connect::Cluster;
use crate::manifest::Manifest;
use crate::owner::{FIELD_MANAGER, Owner};
use crate::refusal::{Refusal, Said};

/// The secret's type.
const TYPE: &str = "boatyard.dev/deployed";
/// The key in its data.
const MANIFESTS: &str = "manifests";

fn name(owner: &Owner) -> String {
    format!("boatyard-{}", owner.project())
}

/// What was good last; none if nothing was yet.
pub async fn read(cluster: &Cluster, owner: &Owner) -> Result<Option<Vec<Manifest>>, Refusal> {
    let name = name(owner);
    let doing = format!("read what was deployed last (Secret/{name})");
    let secrets = cluster.api::<Secret>();
    let asked = cluster
        .calls()
        .call(doing.as_str(), async || secrets.get_opt(&name).await);
    let secret = asked.await?;
    let Some(mut data) = secret.and_then(|secret| secret.data) else {
        return Ok(None);
    };
    let Some(ByteString(bytes)) = data.remove(MANIFESTS) else {
        return Ok(None);
    };
    serde_json::from_slice(&bytes)
        .map(Some)
        .map_err(|error| Refusal {
            doing,
            // Its words could quote what is in it.
            source: Said::Damaged {
                message: format!("no list of manifests ({:?})", error.classify()),
            },
        })
}

/// Keeps what is good now.
///
/// # Panics
///
/// Not in practice: manifests came from JSON, and become it.
pub async fn write(cluster: &Cluster, owner: &Owner, good: &[Manifest]) -> Result<(), Refusal> {
    let name = name(owner);
    let bytes = serde_json::to_vec(good).expect("manifests came from JSON");
    let mut secret = Secret {
        type_: Some(TYPE.to_owned()),
        data: Some(BTreeMap::from([(MANIFESTS.to_owned(), ByteString(bytes))])),
        ..Secret::default()
    };
    secret.metadata.name = Some(name.clone());
    let ours = PatchParams::apply(FIELD_MANAGER).force();
    let secrets = cluster.api::<Secret>();
    let doing = format!("keep what is deployed (Secret/{name})");
    let asked = cluster.calls().call(doing, async || {
        secrets.patch(&name, &ours, &Patch::Apply(&secret)).await
    });
    asked.await.map(drop)
}
