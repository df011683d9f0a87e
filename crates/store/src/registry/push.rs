//! Images into a registry.

use std::sync::atomic::{AtomicU64, Ordering};

use boatyard_plan::digest::Digest;
use boatyard_plan::image::{Descriptor, Index, Manifest, media};
use boatyard_plan::reference::Reference;
use serde_json::Value;
use ureq::Body;
use ureq::http::{Method, Response};

use super::client::Client;
use super::failure::RegistryError;
use super::options::Options;
use super::pull::all;
use super::referrers;
use super::request::{Request, RequestBody};
use super::transfer::{Access, Progress};
use super::upload::{Start, expect, start, upload};
use crate::store::Store;

/// Pushes the image at `top` as `reference`; an index with every image in it. What the registry has is not sent again,
/// and what another repository of the same registry has is mounted from there; an upload that breaks off goes on where
/// the registry says that it stopped, or begins again in smaller pieces. The name appears last, when everything is there.
pub fn push(
    store: &Store,
    top: &Descriptor,
    reference: &Reference,
    options: &Options,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Descriptor, RegistryError> {
    let mut manifests = Vec::new();
    let mut blobs = Vec::new();
    gather(store, top, &mut manifests, &mut blobs)?;
    blobs.sort_by(|a, b| a.digest.cmp(&b.digest));
    blobs.dedup_by(|a, b| a.digest == b.digest);
    // The largest first: it decides when all is done.
    blobs.sort_by_key(|blob| std::cmp::Reverse(blob.size));
    let sources = Sources::known(store, reference, &blobs)?;
    let mut client = Client::new(options.address(reference), Access::Push, options)?;
    client.sources = sources.repositories();
    let total = blobs.iter().map(|blob| blob.size).sum();
    let done = AtomicU64::new(0);
    let count = |bytes: u64| {
        let done = done.fetch_add(bytes, Ordering::Relaxed) + bytes;
        progress(Progress { done, total });
    };
    let push = Push {
        store,
        client,
        sources,
        blobs,
        manifests,
        tag: reference.tag.as_deref().map(|tag| (tag, top)),
    };
    let mut sent = push.send(&count);
    let mut round = 1;
    while sent.as_ref().is_err_and(is_overtaken) && round < options.attempts {
        push.client.wait(round);
        sent = push.send(&|_| {});
        round += 1;
    }
    sent.map(|()| top.clone())
}

/// Whether the registry has mixed up somebody else's push of the same blobs at the same moment with ours, as Docker's does: it
/// has said that a blob is there, and does not find it for the manifest. What is missing then can be sent again.
fn is_overtaken(error: &RegistryError) -> bool {
    let RegistryError::Refused { message, .. } = error else {
        return false;
    };
    ["BLOB_UNKNOWN", "BLOB_UPLOAD_INVALID", "DIGEST_INVALID"]
        .iter()
        .any(|code| message.contains(code))
}

/// What goes to a registry, and how.
struct Push<'a> {
    store: &'a Store,
    client: Client<'a>,
    sources: Sources,
    blobs: Vec<Descriptor>,
    /// Each after what it needs.
    manifests: Vec<Descriptor>,
    /// The tag, and the manifest that gets it.
    tag: Option<(&'a str, &'a Descriptor)>,
}

impl Push<'_> {
    /// Sends what the registry has not yet.
    fn send(&self, count: &(dyn Fn(u64) + Sync)) -> Result<(), RegistryError> {
        let (store, client) = (self.store, &self.client);
        all(&self.blobs, client.options.jobs, &|blob| {
            match start(client, blob, self.sources.of(blob))? {
                Start::There => count(blob.size),
                Start::At(place) => {
                    let file = store.open_blob(&blob.digest)?;
                    upload(client, &file, blob, place, count)?;
                }
            }
            Ok(())
        })?;
        for manifest in &self.manifests {
            let digest = manifest.digest.to_string();
            let tag = self.tag.filter(|(_, top)| *top == manifest);
            let name = tag.map_or(digest.as_str(), |(tag, _)| tag);
            let bytes = store.read_blob(&manifest.digest)?;
            let answer = put_manifest(client, name, &manifest.media_type, &bytes)?;
            let value: Value = serde_json::from_slice(&bytes).unwrap_or_default();
            let subject = value["subject"]["digest"].as_str();
            let subject: Option<Digest> = subject.and_then(|digest| digest.parse().ok());
            if let Some(subject) = subject
                && !answer.headers().contains_key("oci-subject")
            {
                referrers::announce(client, manifest, &value, &subject)?;
            }
        }
        Ok(())
    }
}

/// Puts a manifest or an index under a tag or its digest.
pub(super) fn put_manifest(
    client: &Client<'_>,
    name: &str,
    media_type: &str,
    bytes: &[u8],
) -> Result<Response<Body>, RegistryError> {
    let url = client.address.url(&format!("manifests/{name}"));
    let request = Request {
        headers: vec![("content-type", media_type.to_owned())],
        body: RequestBody::Bytes(bytes),
        ..Request::new(Method::PUT, url)
    };
    expect(client, client.send(&request)?, "the manifest")
}

/// Lists the manifests below `top`, each after what it needs, and all their blobs.
fn gather(
    store: &Store,
    top: &Descriptor,
    manifests: &mut Vec<Descriptor>,
    blobs: &mut Vec<Descriptor>,
) -> Result<(), RegistryError> {
    if matches!(top.media_type.as_str(), media::INDEX | media::DOCKER_INDEX) {
        let index: Index = store.read_json(&top.digest, "an image index")?;
        for entry in &index.manifests {
            gather(store, entry, manifests, blobs)?;
        }
    } else {
        let image: Manifest = store.read_json(&top.digest, "an image manifest")?;
        blobs.push(image.config);
        blobs.extend(image.layers);
    }
    manifests.push(top.clone());
    Ok(())
}

/// Other repositories of the registry that have blobs of ours, by what the store's names say.
struct Sources {
    /// Repository and a digest that it has; only of blobs that are to be pushed, each once.
    known: Vec<(String, Digest)>,
}

impl Sources {
    fn known(
        store: &Store,
        target: &Reference,
        blobs: &[Descriptor],
    ) -> Result<Self, RegistryError> {
        let mut known: Vec<(String, Digest)> = Vec::new();
        for (name, descriptor) in store.images()? {
            if name.registry != target.registry || name.repository == target.repository {
                continue;
            }
            // An image that is not whole in the store is no reason not to push another one.
            let Ok(manifest) = store.manifest(&descriptor) else {
                continue;
            };
            for layer in manifest.layers {
                let is_new = !known.iter().any(|(_, digest)| *digest == layer.digest);
                if is_new && blobs.iter().any(|blob| blob.digest == layer.digest) {
                    known.push((name.repository.clone(), layer.digest));
                }
            }
        }
        Ok(Self { known })
    }

    fn of(&self, blob: &Descriptor) -> Option<&str> {
        let found = self.known.iter().find(|(_, digest)| *digest == blob.digest);
        found.map(|(repository, _)| repository.as_str())
    }

    fn repositories(&self) -> Vec<String> {
        let mut all: Vec<_> = self.known.iter().map(|(name, _)| name.clone()).collect();
        all.sort();
        all.dedup();
        all
    }
}
