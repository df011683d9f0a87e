//! Making a namespace, or making it as it should be.

use std::future::ready;

use k8s_openapi::api::core::v1::Namespace;
use kube::ResourceExt as _;
use kube::api::{Api, Patch, PatchParams};

use super::end::remove;
use super::error::Error;
use super::objects::{SERVER, Wish, objects};
use crate::connect::Cluster;
use crate::manifest::Manifest;
use crate::refusal::Refusal;

/// Who we are in `managedFields`: deploys are somebody else.
pub(super) const KEEPER: &str = "boatyard-serve";

/// Makes the namespace and what belongs into it, with its record. One that is being removed is waited for; one that another
/// server has made, or nobody of us, is refused.
pub async fn settle(cluster: &Cluster, wish: &Wish) -> Result<(), Error> {
    if let Some(there) = read(cluster, &wish.namespace).await? {
        if there.labels().get(SERVER) != Some(&wish.server) {
            let namespace = wish.namespace.clone();
            return Err(Error::Taken { namespace });
        }
        if there.metadata.deletion_timestamp.is_some() {
            remove(cluster, &wish.namespace, &wish.server, || ready(())).await?;
        }
    }
    let inside = cluster.within(&wish.namespace);
    for manifest in objects(wish) {
        place(&inside, &manifest).await?;
    }
    Ok(())
}

/// A namespace, if there is one.
pub(super) async fn read(cluster: &Cluster, name: &str) -> Result<Option<Namespace>, Refusal> {
    let api = Api::<Namespace>::all(cluster.client());
    let doing = format!("read Namespace/{name}");
    let asked = async || api.get_opt(name).await;
    cluster.calls().call(doing, asked).await
}

async fn place(cluster: &Cluster, manifest: &Manifest) -> Result<(), Refusal> {
    let api = cluster.api_of(manifest).await?;
    let params = PatchParams::apply(KEEPER).force().validation_strict();
    let doing = format!("make {}", manifest.id());
    let asked = cluster.calls().insist(doing, async || {
        let patch = Patch::Apply(manifest.value());
        api.patch(manifest.name(), &params, &patch).await
    });
    asked.await.map(drop)
}
