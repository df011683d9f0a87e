//! What an image in a registry is, without pulling it.

use std::io::{BufReader, Read as _};

use boatyard_plan::digest::Digest;
use boatyard_plan::image::{Descriptor, ImageConfig, Manifest};
use boatyard_plan::reference::Reference;

use super::client::Client;
use super::failure::RegistryError;
use super::options::Options;
use super::pull::{missing, named};
use super::transfer::Access;
use crate::failure::StoreError;
use crate::layer::{LayerError, first_file};
use crate::store::Store;

/// Layers up to so many bytes are looked into: that of a single small file is one.
const LAYER: u64 = 1 << 20;
/// So much of one is read once it is unpacked.
const UNPACKED: u64 = 64 << 20;

/// What an image is.
#[derive(Clone, Debug)]
pub struct Seen {
    /// What its name stands for: an image, or an index with it.
    pub digest: Digest,
    /// How it is run.
    pub config: ImageConfig,
    /// The file that was looked for; none: it is in none of the small layers.
    pub file: Option<Vec<u8>>,
}

/// Looks at the image that `reference` names, for the platform in `options`: its configuration, and `path` (relative) if one of its
/// small layers has it, the topmost that does. None: it is an index without an image for that platform.
pub fn look(
    store: &Store,
    reference: &Reference,
    path: &str,
    options: &Options,
) -> Result<Option<Seen>, RegistryError> {
    let client = Client::new(options.address(reference), Access::Pull, options)?;
    let (top, image) = match named(store, &client, reference, options) {
        Err(RegistryError::Store(StoreError::NoPlatform { .. })) => return Ok(None),
        found => found?,
    };
    let manifest: Manifest = store.read_json(&image.digest, "an image manifest")?;
    missing(
        store,
        &client,
        vec![manifest.config.clone()],
        options,
        &|_| {},
    )?;
    let config = store.config(&manifest)?;
    let small = manifest.layers.iter().rev();
    let mut file = None;
    for layer in small.filter(|layer| layer.size <= LAYER) {
        missing(store, &client, vec![layer.clone()], options, &|_| {})?;
        file = inside(store, layer, path)?;
        if file.is_some() {
            break;
        }
    }
    Ok(Some(Seen {
        digest: top.digest,
        config,
        file,
    }))
}

fn inside(store: &Store, layer: &Descriptor, path: &str) -> Result<Option<Vec<u8>>, RegistryError> {
    let blob = BufReader::new(store.open_blob(&layer.digest)?);
    let found = crate::layer::plain(blob)
        .map_err(|source| LayerError::Stream { at: 0, source })
        .and_then(|stream| first_file(BufReader::new(stream.take(UNPACKED)), path));
    // What cannot be read as a layer is told by whoever runs it.
    Ok(found.unwrap_or_default())
}
