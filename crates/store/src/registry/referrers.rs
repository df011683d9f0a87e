//! What refers to an image in a registry (OCI distribution specification 1.1, "Listing Referrers").
//!
//! ```text
//! GET /v2/team/app/referrers/sha256:12..        an index of manifests whose subject is sha256:12..
//! GET /v2/team/app/manifests/sha256-12..        the same under a tag, where a registry does not keep such lists
//! ```

use boatyard_plan::attest::{STATEMENTS, entry};
use boatyard_plan::digest::Digest;
use boatyard_plan::image::{Descriptor, Manifest, media};
use serde_json::{Value, json};
use ureq::http::{Method, StatusCode};

use super::client::{Client, text};
use super::failure::RegistryError;
use super::push::put_manifest;
use super::request::Request;
use crate::store::Store;

/// Statements taken, at most: a list that never ends is none.
const MOST: usize = 100;
/// Pages of a list that are read, at most.
const PAGES: usize = 50;
/// What all statements about an image may have, bytes; those that we make of a large image have some megabytes.
pub(super) const ROOM: u64 = 256 << 20;

/// A page of a list of referrers.
struct Page {
    entries: Vec<Value>,
    /// Where the list goes on.
    next: Option<String>,
}

/// The statements about `image` that the registry lists, as entries of an index. Nothing but the list is fetched.
pub(super) fn statements(
    client: &Client<'_>,
    image: &Descriptor,
) -> Result<Vec<Descriptor>, RegistryError> {
    let first = |path: String| match page(client, &path, StatusCode::is_client_error) {
        // Who does not know the path says this or that, and an image is there without what is said about it.
        Err(
            RegistryError::Unauthorized { .. }
            | RegistryError::Refused { .. }
            | RegistryError::NotARegistry { .. },
        ) => Ok(None),
        answer => answer,
    };
    let url = |path: String| client.address.url(&path);
    let mut page = match first(url(format!("referrers/{}", image.digest)))? {
        Some(page) => Some(page),
        None => first(url(format!("manifests/{}", tag(&image.digest))))?,
    };
    let mut found: Vec<Descriptor> = Vec::new();
    for left in (0..PAGES).rev() {
        let Some(Page { entries, next }) = page.take() else {
            break;
        };
        let said = entries.into_iter().filter(|one| {
            let kind = one["artifactType"].as_str().unwrap_or_default();
            STATEMENTS.contains(&kind) && one["mediaType"] == media::MANIFEST
        });
        for one in said.filter_map(|one| serde_json::from_value::<Descriptor>(one).ok()) {
            let is_new = found.iter().all(|known| known.digest != one.digest);
            if is_new && found.len() < MOST {
                found.push(entry(&image.digest, one));
            }
        }
        if let Some(next) = next.filter(|_| left > 0 && found.len() < MOST) {
            page = self::page(client, &next, |_| false)?;
        }
    }
    Ok(found)
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

/// Takes what a manifest of statements needs from the `room` that is left; whether it is enough.
pub(super) fn fits(manifest: &Manifest, room: &mut u64) -> bool {
    let blobs = manifest.layers.iter().chain([&manifest.config]);
    let size = blobs.fold(0_u64, |sum, blob| sum.saturating_add(blob.size));
    let left = room.checked_sub(size);
    *room = left.unwrap_or(*room);
    left.is_some()
}

/// A page of a list of referrers; none: the registry has no such thing, as an answer says for which `is_none` holds.
fn page(
    client: &Client<'_>,
    url: &str,
    is_none: fn(&StatusCode) -> bool,
) -> Result<Option<Page>, RegistryError> {
    let mut request = Request::new(Method::GET, url.to_owned());
    request.headers.push(("accept", media::INDEX.to_owned()));
    let mut response = client.send(&request)?;
    match response.status() {
        StatusCode::OK => {}
        status if is_none(&status) => return Ok(None),
        _ => return Err(client.refused(response, "the list of what refers to the image")),
    }
    let link = response.headers().get("link");
    let next = link.and_then(|link| next(link.to_str().ok()?));
    // The list is the registry's: it goes on there or nowhere.
    let here = format!("{}/", client.address.origin());
    let next = next
        .map(|next| client.address.located(next))
        .filter(|next| next.starts_with(&here));
    let bytes = text(&mut response).map_err(|error| client.unreachable(error))?;
    match serde_json::from_slice(&bytes).map(|mut value: Value| value["manifests"].take()) {
        Ok(Value::Array(entries)) => Ok(Some(Page { entries, next })),
        _ => Err(client.not_a_registry(&response)),
    }
}

/// Where a `Link` header says that a list goes on (RFC 8288; the specification wants `<URL>; rel="next"`).
fn next(link: &str) -> Option<&str> {
    link.split(',').find_map(|one| {
        let (url, parameters) = one.trim().strip_prefix('<')?.split_once('>')?;
        let mut parameters = parameters.split(';').map(str::trim);
        let is_next = parameters.any(|word| matches!(word, "rel=\"next\"" | "rel=next"));
        is_next.then_some(url)
    })
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
    let url = client.address.url(&format!("manifests/{name}"));
    let known = page(client, &url, is_missing)?;
    let mut entries = known.map_or(Vec::new(), |page| page.entries);
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

#[cfg(test)]
mod tests {
    use super::next;

    #[test]
    fn a_link_says_where_a_list_goes_on() {
        let cases = [
            (
                "</v2/a/referrers/d?last=1>; rel=\"next\"",
                Some("/v2/a/referrers/d?last=1"),
            ),
            ("<http://h/x>; title=\"a\"; rel=next", Some("http://h/x")),
            ("<a>; rel=\"prev\", <b>; rel=\"next\"", Some("b")),
            ("<a>; rel=\"prev\"", None),
            ("a; rel=\"next\"", None),
            ("<a", None),
            ("", None),
        ];
        for (link, expected) in cases {
            assert_eq!(next(link), expected, "{link}");
        }
    }
}
