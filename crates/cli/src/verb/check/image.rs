//! Reads what is in the layers of an image, for rules to judge.

use std::fs;
use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use boatyard_engine::snapshot::Tree;
use boatyard_harden::image::{self, File, Image, Layer, look, wants};
use boatyard_harden::settings::Settings;
use boatyard_harden::workspace::Workspace;
use boatyard_plan::image::ImageConfig;
use boatyard_plan::reference::Reference;
use boatyard_plan::variant::{LABEL, Variant};
use boatyard_store::{DiskError, Store, StoreError};

use crate::stopped::Stopped;
use crate::verb::image::resolve;
use crate::yard::Yard;

/// An image of the store as a workspace; what it is for says its label, unless the words do.
pub fn workspace(
    reference: &Reference,
    is_said: bool,
    mut settings: Settings,
) -> Result<Workspace, Stopped> {
    // Layers hold files of many users.
    let store = Yard::open()?.store;
    let manifest = store.manifest(&resolve(&store, reference)?)?;
    let config = store.config(&manifest)?;
    let tree = Tree {
        layers: store.layers(&manifest)?,
        epoch: 0,
    };
    let label = config.config.labels.get(LABEL).filter(|_| !is_said);
    if let Some(variant) = label.and_then(|name| Variant::named(name)) {
        settings.variant = variant.into();
    }
    let image = read(&store, reference, config, &tree)?;
    Ok(image::workspace(&image, settings))
}

/// The image, with all that should not be in its layers; unpacks those that are missing.
pub fn read(
    store: &Store,
    reference: &Reference,
    config: ImageConfig,
    tree: &Tree,
) -> Result<Image, StoreError> {
    let mut layers = Vec::new();
    for root in tree.snapshots(store)? {
        let mut layer = Layer::default();
        folder(&root, &root, &mut layer)?;
        layers.push(layer);
    }
    Ok(Image {
        reference: reference.to_string(),
        config,
        layers,
    })
}

fn folder(root: &Path, at: &Path, layer: &mut Layer) -> Result<(), DiskError> {
    let failed = |error| DiskError::new("list", at, error);
    for entry in fs::read_dir(at).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let here = entry.path();
        let facts = entry
            .metadata()
            .map_err(|error| DiskError::new("look at", &here, error))?;
        if facts.is_dir() {
            folder(root, &here, layer)?;
        } else if facts.is_file() {
            let inside = here.strip_prefix(root).unwrap_or(&here);
            let path = format!("/{}", inside.display());
            let bytes = if wants(&path, facts.len()) {
                bytes(&here)?
            } else {
                Vec::new()
            };
            let found = look(&File {
                path: &path,
                mode: facts.mode(),
                size: facts.len(),
                bytes: &bytes,
            });
            if let Some(found) = found {
                layer.add(found);
            }
        }
    }
    Ok(())
}

fn bytes(path: &Path) -> Result<Vec<u8>, DiskError> {
    let mut bytes = Vec::new();
    fs::File::open(path)
        .and_then(|mut file| file.read_to_end(&mut bytes))
        .map_err(|error| DiskError::new("read", path, error))?;
    Ok(bytes)
}
