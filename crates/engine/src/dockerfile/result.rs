//! From a request to an image in the store.

use std::collections::BTreeSet;

use boatyard_plan::attest::Taken;
use boatyard_plan::event::Event;
use boatyard_plan::image::{Descriptor, History, ImageConfig, RootFs};
use boatyard_plan::lock;
use boatyard_store::layer::{self, Layer};

use super::DockerfileError;
use super::driver::Driver;
use super::request::Request;
use super::stage::End;
use crate::attest;
use crate::build::Bench;
use crate::build::image::{dated, rfc3339};
use crate::snapshot::Tree;

/// An image that was built or found.
#[derive(Clone, Debug)]
pub struct Built {
    /// Its manifest, or the index that holds it and what goes with it.
    pub manifest: Descriptor,
    /// What it started from and copied out of.
    pub bases: BTreeSet<lock::Base>,
    /// Its configuration.
    pub config: Descriptor,
    /// Its file system.
    pub tree: Tree,
    /// Sum of its compressed layers, bytes.
    pub size_bytes: u64,
    /// Whether every instruction had been carried out before.
    pub cached: bool,
}

/// Builds what is asked for, puts the image into the store and gives it its names.
pub fn build(bench: Bench<'_>, request: &Request) -> Result<Built, DockerfileError> {
    let driver = Driver::new(bench, request)?;
    let mut end = driver.build()?;
    if request.squash {
        squash(&driver, &mut end)?;
    }
    let built = keep(&bench, request, end, &driver.taken())?;
    let references: Vec<String> = request.tags.iter().map(ToString::to_string).collect();
    (bench.sink)(Event::Image {
        service: driver.name(driver.graph.target),
        references,
        digest: built.manifest.digest.clone(),
        size_bytes: built.size_bytes,
        cached: built.cached,
        variant: None,
    });
    Ok(built)
}

/// The end of the stage that is asked for, of which no image is made: its file system, its configuration, and what it
/// took from elsewhere. True if every instruction had been carried out before.
pub(crate) fn stage(
    bench: Bench<'_>,
    request: &Request,
) -> Result<(Tree, ImageConfig, Taken, bool), DockerfileError> {
    let driver = Driver::new(bench, request)?;
    let end = driver.build()?;
    Ok((end.image.tree, end.image.config, driver.taken(), end.cached))
}

/// Writes configuration and manifest, and tags them.
pub(super) fn keep(
    bench: &Bench<'_>,
    request: &Request,
    end: End,
    taken: &Taken,
) -> Result<Built, DockerfileError> {
    let End { image, cached, .. } = end;
    let (tree, mut config) = (image.tree, image.config);
    config.config.labels.extend(request.labels.clone());
    let layers: Vec<Descriptor> = tree.layers.iter().map(|layer| layer.blob.clone()).collect();
    let created = rfc3339(tree.epoch);
    config.config = dated(config.config, &created);
    let config = ImageConfig {
        created: Some(created),
        rootfs: RootFs {
            kind: "layers".to_owned(),
            diff_ids: tree
                .layers
                .iter()
                .map(|layer| layer.diff_id.clone())
                .collect(),
        },
        ..config
    };
    let size_bytes = layers.iter().map(|layer| layer.size).sum();
    let store = bench.store;
    let image = store.put_image(&config, &layers)?;
    let extras = &request.extras;
    let manifest = attest::finish(store, &image, &request.tags, taken, extras, bench.sink)?;
    for tag in &request.tags {
        store.tag(tag, &manifest)?;
    }
    Ok(Built {
        config: store.manifest(&image)?.config,
        manifest,
        bases: taken.bases.clone(),
        tree,
        size_bytes,
        cached,
    })
}

/// Makes one layer of all that were put on the base.
pub(super) fn squash(driver: &Driver<'_>, end: &mut End) -> Result<(), DockerfileError> {
    let layers = &end.image.tree.layers;
    if layers.len() <= end.base_layers + 1 {
        return Ok(());
    }
    let store = driver.bench.store;
    let base = Tree {
        layers: layers[..end.base_layers].to_vec(),
        epoch: end.image.tree.epoch,
    };
    let scratch = store.scratch()?;
    let (before, after) = (scratch.new_dir("before")?, scratch.new_dir("after")?);
    layer::flatten(&base.snapshots(store)?, &before)?;
    layer::flatten(&end.image.tree.snapshots(store)?, &after)?;
    let options = layer::Options {
        epoch: crate::build::epoch::from_environment(),
        compression: driver.request.compression,
    };
    let entries = layer::compare(&before, &after, None, options.epoch)?;
    let one: Layer = layer::write(store, entries, &options)?;
    end.image.tree = base.with(one);
    let history = &mut end.image.config.history;
    let mut below = end.base_layers;
    for entry in history.iter_mut().filter(|entry| !entry.empty_layer) {
        if below > 0 {
            below -= 1;
        } else {
            entry.empty_layer = true;
        }
    }
    history.push(History {
        created: Some(rfc3339(end.image.tree.epoch)),
        created_by: Some("boatyard build --squash".to_owned()),
        ..History::default()
    });
    Ok(())
}
