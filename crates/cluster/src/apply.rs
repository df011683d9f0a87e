//! Server-side apply: what a manifest says is so, what others set stays theirs.

use kube::api::{Api, DeleteParams, DynamicObject, Patch, PatchParams};
use serde_json::Value;

use crate::connect::Cluster;
use crate::manifest::{Id, Manifest};
use crate::owner::{FIELD_MANAGER, Owner};
use crate::refusal::Refusal;
use crate::retry;

/// How to apply.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Manner {
    /// Only ask what would be: admission and validation take part, nothing is kept.
    pub dry_run: bool,
    /// Take over fields that somebody else has set.
    pub force: bool,
}

/// What applying did to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// It was not there.
    Created,
    /// It was another.
    Changed,
    /// It was as it is.
    Unchanged,
}

/// An object that was applied.
#[derive(Clone, Debug)]
pub struct Applied {
    /// Which.
    pub id: Id,
    /// What it was like, without what servers keep for themselves; none if it was not there.
    pub before: Option<Value>,
    /// What it is like now, or would be.
    pub after: Value,
}

impl Applied {
    /// What applying did.
    pub fn change(&self) -> Change {
        match &self.before {
            None => Change::Created,
            Some(before) if *before == self.after => Change::Unchanged,
            Some(_) => Change::Changed,
        }
    }
}

/// Applies `manifest` as `owner`'s. Unknown and repeated fields are errors: a cluster that drops them silently runs
/// something else than was asked for.
pub async fn apply(
    cluster: &Cluster,
    owner: &Owner,
    manifest: &Manifest,
    manner: Manner,
) -> Result<Applied, Refusal> {
    let id = manifest.id();
    let manifest = manifest.clone().labelled(&owner.labels());
    let api = cluster.api_of(&manifest).await?;
    let before = existing(&api, &id).await?;
    let mut params = PatchParams::apply(FIELD_MANAGER).validation_strict();
    params.dry_run = manner.dry_run;
    params.force = manner.force;
    let after = retry::call(format!("apply {id}"), async || {
        api.patch(&id.name, &params, &Patch::Apply(manifest.value()))
            .await
    })
    .await?;
    Ok(Applied {
        id,
        before: before.map(essence),
        after: essence(after),
    })
}

/// The object on the cluster, if it is there.
pub async fn existing(api: &Api<DynamicObject>, id: &Id) -> Result<Option<DynamicObject>, Refusal> {
    retry::call(format!("read {id}"), async || api.get_opt(&id.name).await).await
}

/// What is left of an object without what the server keeps for itself, so that two of them can be compared.
fn essence(object: DynamicObject) -> Value {
    let mut value = serde_json::to_value(object).expect("an object came from JSON");
    if let Some(fields) = value.as_object_mut() {
        fields.remove("status");
    }
    if let Some(metadata) = value.get_mut("metadata").and_then(Value::as_object_mut) {
        for field in [
            "managedFields",
            "resourceVersion",
            "generation",
            "uid",
            "creationTimestamp",
            "selfLink",
        ] {
            metadata.remove(field);
        }
        // Written by controllers at their own time.
        if let Some(annotations) = metadata
            .get_mut("annotations")
            .and_then(Value::as_object_mut)
        {
            annotations.remove("deployment.kubernetes.io/revision");
            if annotations.is_empty() {
                metadata.remove("annotations");
            }
        }
    }
    value
}

/// Removes the object; one that is not there is as it should be.
pub async fn remove(
    api: &Api<DynamicObject>,
    id: &Id,
    params: &DeleteParams,
) -> Result<(), Refusal> {
    retry::call(format!("remove {id}"), async || {
        absent(api.delete(&id.name, params).await)
    })
    .await
}

/// What is gone already is as it should be.
pub fn absent<T>(deleted: kube::Result<T>) -> kube::Result<()> {
    match deleted {
        Err(kube::Error::Api(status)) if status.is_not_found() => Ok(()),
        other => other.map(drop),
    }
}
