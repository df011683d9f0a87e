//! What a lock says about names, and images that it names: by their digest, from the store or from their registry.

use boatyard_plan::digest::Digest;
use boatyard_plan::dockerfile::platform::format;
use boatyard_plan::event::Level;
use boatyard_plan::image::Descriptor;
use boatyard_plan::lock::{Lock, LockError, Pin, Policy};
use boatyard_plan::reference::Reference;
use boatyard_store::registry::{self, Options, Progress, RegistryError};
use boatyard_store::{Store, StoreError};

use crate::dockerfile;
use crate::sink::{Sink, notice};

/// What a name is locked to. One that is not, although there is a lock, is told.
pub(crate) fn find<'p>(
    policy: &'p Policy,
    reference: &str,
    platform: &str,
    sink: &Sink,
) -> Result<Option<&'p Pin>, LockError> {
    let found = policy.find(reference, platform)?;
    if let Some((message, help)) = policy.warning(reference, platform) {
        notice(sink, Level::Warning, message, Some(help));
    }
    Ok(found)
}

/// The image `reference` as it was when it was locked. True if nothing had to be fetched.
pub(crate) fn image(
    store: &Store,
    reference: &Reference,
    digest: &Digest,
    options: &Options,
    told: &(dyn Fn(Progress) + Sync),
) -> Result<(Descriptor, bool), RegistryError> {
    let exact = Reference {
        tag: None,
        digest: Some(digest.clone()),
        ..reference.clone()
    };
    if let Some(found) = store.resolve(&exact)?
        && is_whole(store, &found)?
    {
        return Ok((found, true));
    }
    let pulled = registry::pull(store, &exact, options, told)?;
    store.tag(&exact, &pulled)?;
    Ok((pulled, false))
}

/// Has in the store what a build that names `name` would pull, by these options. What that makes of packages is left to it. True if
/// nothing had to be fetched.
///
/// # Errors
/// If the registry does not give it, or the disk takes no more.
pub fn fetch(
    store: &Store,
    (name, reference): (&str, &Reference),
    lock: &Lock,
    options: &Options,
    told: &(dyn Fn(Progress) + Sync),
) -> Result<bool, RegistryError> {
    let is_of_packages = dockerfile::suite(reference).is_some();
    match lock.find(name, &format(&options.platform)) {
        Some(Pin::Image(digest)) => {
            let (_, is_there) = image(store, reference, digest, options, told)?;
            Ok(is_there)
        }
        Some(Pin::Packages { .. }) => Ok(true),
        None if is_of_packages || store.resolve(reference)?.is_some() => Ok(true),
        None => {
            let pulled = registry::pull(store, reference, options, told)?;
            store.tag(reference, &pulled)?;
            Ok(false)
        }
    }
}

/// Whether all layers are there: garbage may have been collected since.
fn is_whole(store: &Store, found: &Descriptor) -> Result<bool, StoreError> {
    let layers = store.manifest(found)?.layers;
    Ok(layers.iter().all(|layer| store.has_blob(&layer.digest)))
}
