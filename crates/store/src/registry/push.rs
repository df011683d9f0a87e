//! Images into a registry.

use std::fs::File;

use boatyard_plan::image::{Descriptor, Manifest};
use boatyard_plan::reference::Reference;
use ureq::Body;
use ureq::http::{Method, Response, StatusCode};

use super::address::Address;
use super::client::Client;
use super::failure::RegistryError;
use super::options::Options;
use super::pull::all;
use super::request::{Request, RequestBody};
use super::transfer::{Access, Progress};
use crate::store::Store;

/// Pushes the image at `manifest` (for the platform in `options`, if it is an index) as `reference`. What the registry
/// has is not sent again; an upload that breaks off goes on where the registry says that it stopped, or begins again. The
/// name appears last, when everything is there.
pub fn push(
    store: &Store,
    manifest: &Descriptor,
    reference: &Reference,
    options: &Options,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Descriptor, RegistryError> {
    let address = Address::of(reference, options.plain_http);
    let client = Client::new(address, Access::Push, options)?;
    let top = store.select(manifest, &options.platform)?;
    let bytes = store.read_blob(&top.digest)?;
    let image: Manifest = store.read_json(&top.digest, "an image manifest")?;
    let mut blobs = image.layers;
    blobs.push(image.config);
    blobs.sort_by(|a, b| a.digest.cmp(&b.digest));
    blobs.dedup_by(|a, b| a.digest == b.digest);
    let total = blobs.iter().map(|blob| blob.size).sum();
    let done = std::sync::atomic::AtomicU64::new(0);
    all(&blobs, options.jobs, &|blob| {
        if !has(&client, blob)? {
            upload(store, &client, blob, options)?;
        }
        let before = done.fetch_add(blob.size, std::sync::atomic::Ordering::Relaxed);
        progress(Progress {
            done: before + blob.size,
            total,
        });
        Ok(())
    })?;
    let digest = top.digest.to_string();
    let name = reference.tag.as_ref().unwrap_or(&digest);
    let url = client.address.url(&format!("manifests/{name}"));
    let request = Request {
        headers: vec![("content-type", top.media_type.clone())],
        body: RequestBody::Bytes(&bytes),
        ..Request::new(Method::PUT, url)
    };
    expect(&client, client.send(&request)?, "the manifest")?;
    Ok(top)
}

fn has(client: &Client<'_>, blob: &Descriptor) -> Result<bool, RegistryError> {
    let url = client.address.url(&format!("blobs/{}", blob.digest));
    let response = client.send(&Request::new(Method::HEAD, url))?;
    match response.status() {
        StatusCode::NOT_FOUND => Ok(false),
        status if status.is_success() => Ok(true),
        _ => Err(client.refused(response, &format!("blob {}", blob.digest))),
    }
}

fn upload(
    store: &Store,
    client: &Client<'_>,
    blob: &Descriptor,
    options: &Options,
) -> Result<(), RegistryError> {
    let file = store.open_blob(&blob.digest)?;
    let mut place = begin(client)?;
    let mut sent = 0;
    for attempt in 1..=options.attempts {
        match part(client, &file, &place, sent, blob.size - sent) {
            Ok(response) => {
                let response = expect(client, response, "part of a blob")?;
                return finish(client, &location(client, &response)?, blob);
            }
            Err(error) if attempt == options.attempts => return Err(error),
            Err(_) => client.wait(attempt),
        }
        // How much has arrived, by the registry's word. Some give up an upload that broke off (distribution 2.8 does,
        // if it was within a request): then from the beginning.
        let status = client.send(&Request::new(Method::GET, place))?;
        if status.status().is_success() {
            sent = received(&status).min(blob.size);
            place = location(client, &status)?;
        } else {
            sent = 0;
            place = begin(client)?;
        }
    }
    Err(RegistryError::BrokenOff {
        registry: client.address.host.clone(),
        what: blob.digest.to_string(),
        attempts: options.attempts,
        have: sent,
    })
}

/// Opens an upload and gives its place.
fn begin(client: &Client<'_>) -> Result<String, RegistryError> {
    let start = Request {
        body: RequestBody::Bytes(b""),
        ..Request::new(Method::POST, client.address.url("blobs/uploads/"))
    };
    let started = expect(client, client.send(&start)?, "a new upload")?;
    location(client, &started)
}

/// Closes an upload that is whole.
fn finish(client: &Client<'_>, place: &str, blob: &Descriptor) -> Result<(), RegistryError> {
    let separator = if place.contains('?') { '&' } else { '?' };
    let url = format!("{place}{separator}digest={}", blob.digest);
    let request = Request {
        body: RequestBody::Bytes(b""),
        ..Request::new(Method::PUT, url)
    };
    expect(client, client.send(&request)?, "a whole blob")?;
    Ok(())
}

/// Sends the rest of a blob. Not with [`Client::send`]'s own tries: a second one must begin elsewhere.
fn part(
    client: &Client<'_>,
    file: &File,
    place: &str,
    sent: u64,
    length: u64,
) -> Result<Response<Body>, RegistryError> {
    let mut request = Request::new(Method::PATCH, place.to_owned());
    request
        .headers
        .push(("content-type", "application/octet-stream".to_owned()));
    if sent > 0 {
        let range = format!("{sent}-{}", sent + length.saturating_sub(1));
        request.headers.push(("content-range", range));
    }
    request.body = RequestBody::File(file, sent, length);
    client.send_once(&request)
}

/// Bytes that the registry has, from `Range: 0-<last>`.
fn received(response: &Response<Body>) -> u64 {
    response
        .headers()
        .get("range")
        .and_then(|range| range.to_str().ok()?.rsplit_once('-')?.1.parse::<u64>().ok())
        // Registries say `0-0` of an upload that is empty. If it was one byte, they refuse to take it again.
        .map_or(0, |last| if last == 0 { 0 } else { last + 1 })
}

fn location(client: &Client<'_>, response: &Response<Body>) -> Result<String, RegistryError> {
    response
        .headers()
        .get("location")
        .and_then(|location| location.to_str().ok())
        .map(|location| client.address.located(location))
        .ok_or_else(|| client.not_a_registry(response))
}

fn expect(
    client: &Client<'_>,
    response: Response<Body>,
    what: &str,
) -> Result<Response<Body>, RegistryError> {
    if response.status().is_success() {
        Ok(response)
    } else {
        Err(client.refused(response, what))
    }
}
