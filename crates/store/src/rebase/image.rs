//! From three images to the one on the new base.

use boatyard_plan::digest::Digest;
use boatyard_plan::image::{Descriptor, ImageConfig, Manifest, Platform, media};
use boatyard_plan::reference::Reference;

use super::failure::RebaseError;
use super::merge::merged;
use crate::images::host_platform;
use crate::store::Store;

/// The annotation that holds the digest of an image's base.
const BASE_DIGEST: &str = "org.opencontainers.image.base.digest";
/// The annotation that holds the name of an image's base.
const BASE_NAME: &str = "org.opencontainers.image.base.name";

/// Puts `image` from the base `old` on the base `new`, which is called `name`, and gives the new manifest. All three
/// are in the store. Of indexes the image for this machine counts, and of the bases what fits it. Nothing is tagged.
pub fn rebase(
    store: &Store,
    image: &Descriptor,
    old: &Descriptor,
    (name, new): (&Reference, &Descriptor),
) -> Result<Descriptor, RebaseError> {
    let manifest = store.manifest(image)?;
    let config = store.config(&manifest)?;
    let platform = platform(&config);
    let (_, _, old_config) = read(store, old, &platform)?;
    let (new_descriptor, new_manifest, new_config) = read(store, new, &platform)?;
    if (&config.os, &config.architecture) != (&new_config.os, &new_config.architecture) {
        return Err(RebaseError::OtherPlatform {
            image: format!("{}/{}", config.os, config.architecture),
            base: format!("{}/{}", new_config.os, new_config.architecture),
        });
    }
    let below = &old_config.rootfs.diff_ids;
    stands_on(&config.rootfs.diff_ids, below)?;
    // Pairs each layer with its digest when unpacked, and so refuses manifests that do not fit their configuration.
    let upper = store.layers(&manifest)?.split_off(below.len());
    let base = store.layers(&new_manifest)?;
    let layers = base.into_iter().chain(upper).map(|layer| oci(layer.blob));
    let config = merged(&config, &old_config, &new_config, below.len());
    let mut annotations = manifest.annotations;
    annotations.insert(BASE_DIGEST.to_owned(), new_descriptor.digest.to_string());
    annotations.insert(BASE_NAME.to_owned(), name.to_string());
    let made = store.put_image(&config, &layers.collect::<Vec<_>>())?;
    Ok(store.annotate(&made, annotations)?)
}

/// The base of `image` as far as the store can tell: the one that its annotation names, or the image of the same
/// repository as `onto` that has the most of its layers.
pub fn find_base(
    store: &Store,
    image: &Descriptor,
    onto: &Reference,
) -> Result<Descriptor, RebaseError> {
    let manifest = store.manifest(image)?;
    let noted = manifest.annotations.get(BASE_DIGEST);
    if let Some(digest) = noted.and_then(|digest| digest.parse().ok())
        && store.has_blob(&digest)
    {
        return Ok(store.describe(&digest)?);
    }
    let config = store.config(&manifest)?;
    let platform = platform(&config);
    let mut found: Option<(usize, Descriptor)> = None;
    for (name, descriptor) in store.images()? {
        if (&name.registry, &name.repository) != (&onto.registry, &onto.repository) {
            continue;
        }
        // One for other machines is not below it.
        let Ok((_, _, base)) = read(store, &descriptor, &platform) else {
            continue;
        };
        let layers = &base.rootfs.diff_ids;
        let most = found.as_ref().map_or(0, |(most, _)| *most);
        if layers.len() > most && stands_on(&config.rootfs.diff_ids, layers).is_ok() {
            found = Some((layers.len(), descriptor));
        }
    }
    found.map_or_else(|| Err(RebaseError::unknown(onto)), |(_, base)| Ok(base))
}

fn platform(config: &ImageConfig) -> Platform {
    let own = host_platform();
    let same = own.architecture == config.architecture;
    Platform {
        architecture: config.architecture.clone(),
        os: config.os.clone(),
        variant: own.variant.filter(|_| same),
    }
}

fn read(
    store: &Store,
    image: &Descriptor,
    platform: &Platform,
) -> Result<(Descriptor, Manifest, ImageConfig), RebaseError> {
    let descriptor = store.select(image, platform)?;
    let manifest = store.manifest(&descriptor)?;
    let config = store.config(&manifest)?;
    Ok((descriptor, manifest, config))
}

/// Whether the lowest layers of an image are those of a base. Compared as unpacked: compression may differ.
fn stands_on(image: &[Digest], base: &[Digest]) -> Result<(), RebaseError> {
    for (index, expected) in base.iter().enumerate() {
        let found = image.get(index);
        if found != Some(expected) {
            return Err(RebaseError::NotOnBase {
                layer: index + 1,
                layers: base.len(),
                found: found.map_or("nothing".to_owned(), Digest::to_string),
                expected: expected.clone(),
            });
        }
    }
    Ok(())
}

/// The layer under the name that OCI has for the same bytes: the manifest is OCI's.
fn oci(mut layer: Descriptor) -> Descriptor {
    if layer.media_type == media::DOCKER_LAYER_GZIP {
        media::LAYER_GZIP.clone_into(&mut layer.media_type);
    }
    layer
}
