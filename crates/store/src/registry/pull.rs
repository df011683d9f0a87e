//! Images out of a registry.

use std::io::{Read as _, Write as _};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use boatyard_plan::digest::Digest;
use boatyard_plan::image::{Descriptor, Manifest};
use boatyard_plan::reference::Reference;
use ureq::http::{Method, StatusCode};

use super::address::Address;
use super::client::{Client, text};
use super::failure::RegistryError;
use super::options::Options;
use super::referrers;
use super::request::Request;
use super::transfer::{Access, Progress};
use crate::blob::BlobWriter;
use crate::disk::During as _;
use crate::failure::StoreError;
use crate::store::Store;

/// Pulls the image that `reference` names, for the platform in `options`, and gives its manifest. What is in the store
/// already is not asked for again. Nothing is tagged.
///
/// Everything is verified against its digest while it comes in. Layers come `options.jobs` at once; one that breaks
/// off goes on where it stopped.
pub fn pull(
    store: &Store,
    reference: &Reference,
    options: &Options,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Descriptor, RegistryError> {
    from_anywhere(reference, options, &|address| {
        let client = Client::new(address, Access::Pull, options)?;
        Ok(image(store, &client, reference, options, progress)?.1)
    })
}

/// Pulls as [`pull`], and with the image what is said about it: what the index that was named has beside it, else what the
/// registry lists as referring to it. Gives what a name should name, an index of both if anything is said.
pub fn pull_with_statements(
    store: &Store,
    reference: &Reference,
    options: &Options,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Descriptor, RegistryError> {
    from_anywhere(reference, options, &|address| {
        let client = Client::new(address, Access::Pull, options)?;
        let (top, image) = image(store, &client, reference, options, progress)?;
        let mut statements = store.statements(&top, &image)?;
        let are_listed = statements.is_empty();
        if are_listed {
            statements = referrers::statements(&client, &image)?;
        }
        let mut own = Vec::new();
        let mut room = referrers::ROOM;
        let mut needed = Vec::new();
        for mut entry in statements {
            let name = entry.digest.to_string();
            let found = match manifest(store, &client, &name, Some(&entry.digest)) {
                // Lists under a tag outlive what they name.
                Err(RegistryError::NotFound { .. }) if are_listed => continue,
                found => found?,
            };
            if are_listed && !referrers::refers(store, &entry.digest, &image.digest)? {
                continue;
            }
            // What a list says of others is not believed.
            entry.size = found.size;
            let said: Manifest = store.read_json(&entry.digest, "a manifest of statements")?;
            if !referrers::fits(&said, &mut room) {
                // Anybody who may push can have something listed: that must not keep others from the image.
                if are_listed {
                    continue;
                }
                return Err(RegistryError::TooMuchSaid {
                    image: image.digest.to_string(),
                    limit: referrers::ROOM,
                });
            }
            needed.push(said.config);
            needed.extend(said.layers);
            own.push(entry);
        }
        let statements = own;
        missing(store, &client, needed, options, &|_| {})?;
        if statements.is_empty() {
            return Ok(image);
        }
        Ok(store.beside(&top, &image, &statements)?)
    })
}

/// Tries the mirrors, then the registry itself.
fn from_anywhere(
    reference: &Reference,
    options: &Options,
    attempt: &dyn Fn(Address) -> Result<Descriptor, RegistryError>,
) -> Result<Descriptor, RegistryError> {
    for mirror in options.mirrored(reference) {
        match attempt(mirror) {
            // What goes wrong with a mirror may go well without; what goes wrong here would again.
            Err(error) if !matches!(error, RegistryError::Store(_)) => {}
            done => return done,
        }
    }
    attempt(options.address(reference))
}

/// Gets an image; gives what the name stands for there, and the manifest.
fn image(
    store: &Store,
    client: &Client<'_>,
    reference: &Reference,
    options: &Options,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<(Descriptor, Descriptor), RegistryError> {
    let (top, current) = named(store, client, reference, options)?;
    let found: Manifest = store.read_json(&current.digest, "an image manifest")?;
    let mut needed = vec![found.config];
    needed.extend(found.layers);
    missing(store, client, needed, options, progress)?;
    Ok((top, current))
}

/// What the name stands for there, and the manifest for the platform in `options`; nothing that it leads to.
pub(super) fn named(
    store: &Store,
    client: &Client<'_>,
    reference: &Reference,
    options: &Options,
) -> Result<(Descriptor, Descriptor), RegistryError> {
    let top = top(store, client, reference)?;
    let mut current = top.clone();
    while let Some(next) = store.select_step(&current, &options.platform)? {
        manifest(store, client, &next.digest.to_string(), Some(&next.digest))?;
        current = next;
    }
    Ok((top, current))
}

/// Gets those of `blobs` that are not in the store.
pub(super) fn missing(
    store: &Store,
    client: &Client<'_>,
    mut blobs: Vec<Descriptor>,
    options: &Options,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<(), RegistryError> {
    blobs.retain(|blob| store.blob_size(&blob.digest) != Some(blob.size));
    blobs.sort_by(|a, b| a.digest.cmp(&b.digest));
    blobs.dedup_by(|a, b| a.digest == b.digest);
    // The largest first: it decides when all is done.
    blobs.sort_by_key(|blob| std::cmp::Reverse(blob.size));
    let total = blobs.iter().map(|blob| blob.size).sum();
    let done = AtomicU64::new(0);
    let count = |bytes: u64| {
        let done = done.fetch_add(bytes, Ordering::Relaxed) + bytes;
        progress(Progress { done, total });
    };
    all(&blobs, options.jobs, &|wanted| {
        blob(store, client, wanted, options, &count)
    })
}

/// Pulls the manifest or index that `reference` names, and nothing that it leads to.
pub(crate) fn pull_manifest(
    store: &Store,
    reference: &Reference,
    options: &Options,
) -> Result<Descriptor, RegistryError> {
    let client = Client::new(options.address(reference), Access::Pull, options)?;
    top(store, &client, reference)
}

/// Pulls one blob from the repository of `reference`, verified.
pub(crate) fn pull_blob(
    store: &Store,
    reference: &Reference,
    wanted: &Descriptor,
    options: &Options,
) -> Result<(), RegistryError> {
    let client = Client::new(options.address(reference), Access::Pull, options)?;
    blob(store, &client, wanted, options, &|_| {})
}

/// What the registry says `reference` is.
fn top(
    store: &Store,
    client: &Client<'_>,
    reference: &Reference,
) -> Result<Descriptor, RegistryError> {
    let digest = reference.digest.as_ref();
    let name = digest.map_or_else(
        || reference.tag.clone().unwrap_or_default(),
        Digest::to_string,
    );
    manifest(store, client, &name, digest)
}

/// Gets a manifest or index by tag or digest.
fn manifest(
    store: &Store,
    client: &Client<'_>,
    name: &str,
    expected: Option<&Digest>,
) -> Result<Descriptor, RegistryError> {
    if let Some(digest) = expected
        && store.has_blob(digest)
    {
        return Ok(store.describe(digest)?);
    }
    let request = Request::of_manifest(Method::GET, &client.address, name);
    let mut response = client.send(&request)?;
    if !response.status().is_success() {
        return Err(client.refused(response, &format!("{}:{name}", client.address.repository)));
    }
    let bytes = text(&mut response).map_err(|error| client.unreachable(error))?;
    if bytes.first() != Some(&b'{') {
        return Err(client.not_a_registry(&response));
    }
    let digest = Digest::of(&bytes);
    if let Some(expected) = expected
        && *expected != digest
    {
        let size = bytes.len() as u64;
        return Err(RegistryError::Store(StoreError::NotAsPromised {
            expected: expected.clone(),
            expected_size: size,
            found: digest,
            found_size: size,
        }));
    }
    store.put_blob(&bytes)?;
    Ok(store.describe(&digest)?)
}

/// Runs `work` for every blob on up to `jobs` threads; gives the first error.
pub(super) fn all(
    blobs: &[Descriptor],
    jobs: usize,
    work: &(dyn Fn(&Descriptor) -> Result<(), RegistryError> + Sync),
) -> Result<(), RegistryError> {
    let next = AtomicUsize::new(0);
    let failed = Mutex::new(None);
    let stop = || failed.lock().is_ok_and(|error| error.is_some());
    std::thread::scope(|scope| {
        for _ in 0..jobs.clamp(1, blobs.len().max(1)) {
            scope.spawn(|| {
                while let Some(blob) = blobs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if stop() {
                        return;
                    }
                    if let Err(error) = work(blob)
                        && let Ok(mut first) = failed.lock()
                    {
                        first.get_or_insert(error);
                    }
                }
            });
        }
    });
    match failed.into_inner() {
        Ok(Some(error)) => Err(error),
        _ => Ok(()),
    }
}

fn blob(
    store: &Store,
    client: &Client<'_>,
    wanted: &Descriptor,
    options: &Options,
    count: &dyn Fn(u64),
) -> Result<(), RegistryError> {
    let mut writer = BlobWriter::new(store)?;
    // Tries count from the last one that brought something: a large blob may break off often.
    let mut failures = 0;
    while failures < options.attempts {
        let before = writer.size();
        if more(client, wanted, &mut writer, count)? {
            writer.finish(store, Some((&wanted.digest, wanted.size)))?;
            return Ok(());
        }
        if writer.size() > before {
            failures = 0;
        }
        failures += 1;
        if failures < options.attempts {
            client.wait(failures);
        }
    }
    Err(RegistryError::BrokenOff {
        registry: client.address.host.clone(),
        what: wanted.digest.to_string(),
        attempts: options.attempts,
        have: writer.size(),
    })
}

/// Gets what is missing of a blob; says whether it is whole. One byte too many is taken, so that a blob that does not
/// end is found out.
fn more(
    client: &Client<'_>,
    wanted: &Descriptor,
    writer: &mut BlobWriter,
    count: &dyn Fn(u64),
) -> Result<bool, RegistryError> {
    let mut request = Request::new(
        Method::GET,
        client.address.url(&format!("blobs/{}", wanted.digest)),
    );
    let have = writer.size();
    if have > 0 {
        request.headers.push(("range", format!("bytes={have}-")));
    }
    let response = client.send(&request)?;
    let mut skip = match response.status() {
        StatusCode::PARTIAL_CONTENT => 0,
        StatusCode::OK => have,
        _ => return Err(client.refused(response, &format!("blob {}", wanted.digest))),
    };
    let mut reader = response
        .into_body()
        .into_reader()
        .take(wanted.size + 1 + skip - have);
    let mut chunk = vec![0; 1 << 18];
    loop {
        let length = match reader.read(&mut chunk) {
            Ok(0) => return Ok(writer.size() >= wanted.size),
            Ok(length) => length,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(_) => return Ok(false),
        };
        let skipped = usize::try_from(skip).map_or(length, |skip| skip.min(length));
        skip -= skipped as u64;
        let fresh = &chunk[skipped..length];
        let path = writer.path().to_path_buf();
        writer.write_all(fresh).during("write", &path)?;
        count(fresh.len() as u64);
    }
}
