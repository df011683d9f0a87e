//! What refers to an image in a registry (OCI distribution specification 1.1, "Listing Referrers").
//!
//! ```text
//! GET /v2/team/app/referrers/sha256:12..        an index of manifests whose subject is sha256:12..
//! GET /v2/team/app/manifests/sha256-12..        the same under a tag, where a registry does not keep such lists
//! ```

use boatyard_plan::attest::{STATEMENTS, entry};
use boatyard_plan::digest::Digest;
use boatyard_plan::image::{Descriptor, media};
use serde_json::{Value, json};
use ureq::http::{Method, StatusCode};

use super::client::{Client, text};
use super::failure::RegistryError;
use super::push::put_manifest;
use super::request::Request;
use crate::store::Store;

/// Statements taken, at most: a list that never ends is none.
const MOST: usize = 100;

/// The statements about `image` that the registry lists, as entries of an index. Nothing but the list is fetched.
pub(super) fn statements(
    client: &Client<'_>,
    image: &Descriptor,
) -> Result<Vec<Descriptor>, RegistryError> {
    let read = |path: String| match list(client, &path, StatusCode::is_client_error) {
        // Who does not know the path says this or that, and an image is there without what is said about it.
        Err(
            RegistryError::Unauthorized { .. }
            | RegistryError::Refused { .. }
            | RegistryError::NotARegistry { .. },
        ) => Ok(None),
        answer => answer,
    };
    let list = match read(format!("referrers/{}", image.digest))? {
        Some(list) => Some(list),
        None => read(format!("manifests/{}", tag(&image.digest)))?,
    };
    let said = list.unwrap_or_default().into_iter().filter(|one| {
        let kind = one["artifactType"].as_str().unwrap_or_default();
        STATEMENTS.contains(&kind) && one["mediaType"] == media::MANIFEST
    });
    let described = said.filter_map(|one| serde_json::from_value(one).ok());
    Ok(described
        .take(MOST)
        .map(|manifest| entry(&image.digest, manifest))
        .collect())
}

/// Whether the manifest at `digest`, which is in the store, says itself that it is about `image`.
pub(super) fn refers(
    store: &Store,
    digest: &Digest,
    image: &Digest,
) -> Result<bool, RegistryError> {
    let manifest: Value = store.read_json(digest, "an image manifest")?;
    Ok(manifest["subject"]["digest"] == json!(image))
}

/// A list of referrers; none: the registry has no such thing, as an answer says for which `is_none` holds.
fn list(
    client: &Client<'_>,
    path: &str,
    is_none: fn(&StatusCode) -> bool,
) -> Result<Option<Vec<Value>>, RegistryError> {
    let mut request = Request::new(Method::GET, client.address.url(path));
    request.headers.push(("accept", media::INDEX.to_owned()));
    let mut response = client.send(&request)?;
    match response.status() {
        StatusCode::OK => {}
        status if is_none(&status) => return Ok(None),
        _ => return Err(client.refused(response, "the list of what refers to the image")),
    }
    let bytes = text(&mut response).map_err(|error| client.unreachable(error))?;
    match serde_json::from_slice(&bytes).map(|mut value: Value| value["manifests"].take()) {
        Ok(Value::Array(entries)) => Ok(Some(entries)),
        _ => Err(client.not_a_registry(&response)),
    }
}

/// After a manifest with a subject was pushed to a registry that did not say that it lists it: adds it to the list that
/// the tag of the subject names, as the specification asks of whoever pushes. Of two who do so at once the last wins.
pub(super) fn announce(
    client: &Client<'_>,
    descriptor: &Descriptor,
    manifest: &Value,
    subject: &Digest,
) -> Result<(), RegistryError> {
    let name = tag(subject);
    // Only what is certainly not there is begun anew: what others said would be lost with the list.
    let is_missing = |status: &StatusCode| *status == StatusCode::NOT_FOUND;
    let known = list(client, &format!("manifests/{name}"), is_missing)?;
    let mut entries = known.unwrap_or_default();
    let digest = json!(descriptor.digest);
    if entries.iter().any(|one| one["digest"] == digest) {
        return Ok(());
    }
    let kind = [&manifest["artifactType"], &manifest["config"]["mediaType"]];
    let kind = kind.into_iter().find(|kind| kind.is_string());
    let mut added = json!({
        "mediaType": descriptor.media_type,
        "digest": digest,
        "size": descriptor.size,
        "artifactType": kind,
    });
    if manifest["annotations"].is_object() {
        added["annotations"] = manifest["annotations"].clone();
    }
    entries.push(added);
    let index = json!({ "schemaVersion": 2, "mediaType": media::INDEX, "manifests": entries });
    let bytes = index.to_string().into_bytes();
    put_manifest(client, &name, media::INDEX, &bytes).map(drop)
}

/// The tag under which the list is kept where the registry keeps none.
fn tag(digest: &Digest) -> String {
    format!("sha256-{}", digest.hex())
}
