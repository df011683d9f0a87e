//! What images start from.

use std::path::Path;

use boatyard_plan::event::{Event, Outcome, Unit};
use boatyard_plan::image::{Descriptor, History, ImageConfig, RunConfig};
use boatyard_plan::project::Base;
use boatyard_store::layer::Layer;
use boatyard_store::{import, registry};
use serde::{Deserialize, Serialize};

use super::builder::Builder;
use super::image::Stage;
use super::key::key;
use super::{BuildError, epoch, packages, recipe};
use crate::sink::Work;
use crate::snapshot::Tree;

/// What the store remembers of a base made from packages.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Record {
    layer: Layer,
    epoch: i64,
    /// The package indexes that it was made from.
    indexes: String,
}

/// Makes a base, or finds it. `stage` is the stage that starts from it, for progress.
pub(super) fn make(builder: &Builder<'_>, stage: &str, wanted: &Base) -> Result<Stage, BuildError> {
    let id = format!("{stage}/base");
    let title = title(wanted);
    let work = Work::begin(&builder.sink, &id, Some(stage), &title);
    let mut history = Vec::new();
    let result = match wanted {
        Base::Scratch => Ok((Tree::default(), RunConfig::default(), true)),
        Base::Debian { suite, slim, .. } => debian(builder, &id, suite, *slim),
        Base::Layout { path, name } => {
            let folder = builder.context.join(path);
            imported(builder, &folder, name.as_deref())
        }
        Base::Archive { path } => imported(builder, &builder.context.join(path), None),
        Base::Dockerfile(recipe) => {
            recipe::make(builder, &id, recipe).map(|(tree, config, cached)| {
                history = made_by(&config);
                (tree, config.config, cached)
            })
        }
        Base::Registry { reference } => pulled(builder, &id, reference),
    };
    let (tree, base, cached) = result.map_err(|cause| match cause {
        // It has a place of its own.
        cause @ BuildError::Dockerfile { .. } => cause,
        cause => BuildError::Step {
            id,
            title: title.clone(),
            line: None,
            cause: Box::new(cause),
        },
    })?;
    let size = tree.layers.iter().map(|layer| layer.blob.size).sum();
    work.end(
        if cached {
            Outcome::Cached
        } else {
            Outcome::Done
        },
        Some(size),
    );
    if history.len() != tree.layers.len() {
        history = vec![title; tree.layers.len()];
    }
    Ok(Stage {
        tree,
        base,
        history,
        cached,
    })
}

fn title(wanted: &Base) -> String {
    match wanted {
        Base::Scratch => "start from nothing".to_owned(),
        Base::Debian { suite, slim, .. } => {
            format!("debian:{suite}{}", if *slim { "-slim" } else { "" })
        }
        Base::Layout { path, .. } | Base::Archive { path } => path.clone(),
        Base::Dockerfile(recipe) => recipe.file.clone(),
        Base::Registry { reference } => reference.to_string(),
    }
}

/// What made each layer of an image, as it says itself.
fn made_by(config: &ImageConfig) -> Vec<String> {
    let layers = config.history.iter().filter(|entry| !entry.empty_layer);
    let line = |entry: &History| entry.created_by.clone().unwrap_or_default();
    layers.map(line).collect()
}

type Made = Result<(Tree, RunConfig, bool), BuildError>;

/// The essential packages of a suite. Made once, and again when newer packages are asked for and there are some.
fn debian(builder: &Builder<'_>, id: &str, suite: &str, slim: bool) -> Made {
    let key = key(
        "debian",
        &(suite, slim, &builder.mirror, epoch::from_environment()),
    );
    let found = || -> Result<Option<Record>, BuildError> {
        let record: Option<Record> = builder.store.action(&key);
        let record = record.filter(|record| builder.store.has_blob(&record.layer.blob.digest));
        if !builder.options.pull {
            return Ok(record);
        }
        let newest = packages::indexes(builder, id, suite)?;
        Ok(record.filter(|record| record.indexes == newest.digest))
    };
    let whole = |record: Record, cached| {
        (
            Tree {
                layers: vec![record.layer],
                epoch: record.epoch,
            },
            RunConfig::default(),
            cached,
        )
    };
    let first = if builder.options.no_cache {
        None
    } else {
        found()?
    };
    if let Some(record) = first {
        return Ok(whole(record, true));
    }
    let _lock = builder.store.lock_action(&key)?;
    let second = if builder.options.no_cache && !builder.was_done_now(id) {
        None
    } else {
        found()?
    };
    if let Some(record) = second {
        return Ok(whole(record, true));
    }
    let indexes = packages::indexes(builder, id, suite)?;
    let wanted = packages::Wanted {
        id,
        slim,
        names: &[],
    };
    let layer = packages::install(builder, &Tree::default(), &wanted, &indexes)?;
    let epoch = epoch::from_environment().unwrap_or_else(|| packages::date(&indexes));
    let record = Record {
        layer,
        epoch,
        indexes: indexes.digest.clone(),
    };
    builder.store.put_action(&key, &record)?;
    builder.done_now(id);
    Ok(whole(record, false))
}

/// An image from a folder or an archive.
fn imported(builder: &Builder<'_>, path: &Path, name: Option<&str>) -> Made {
    let imported = import::path(builder.store, path, name)?;
    image(builder, &imported.manifest, true)
}

/// An image of the store or of its registry.
fn pulled(
    builder: &Builder<'_>,
    id: &str,
    reference: &boatyard_plan::reference::Reference,
) -> Made {
    if !builder.options.pull
        && let Some(descriptor) = builder.store.resolve(reference)?
    {
        return image(builder, &descriptor, true);
    }
    let options = registry::Options::from_variables(|name| std::env::var(name).ok());
    let told = |progress: registry::Progress| {
        (builder.sink)(Event::Progress {
            id: id.to_owned(),
            done: progress.done,
            total: Some(progress.total),
            unit: Unit::Bytes,
            note: String::new(),
        });
    };
    let descriptor = registry::pull(builder.store, reference, &options, &told)?;
    builder.store.tag(reference, &descriptor)?;
    image(builder, &descriptor, false)
}

fn image(builder: &Builder<'_>, descriptor: &Descriptor, cached: bool) -> Made {
    let manifest = builder.store.manifest(descriptor)?;
    let config = builder.store.config(&manifest)?;
    let epoch = epoch::from_environment()
        .or_else(|| super::image::seconds(config.created.as_deref()?))
        .unwrap_or(0);
    Ok((
        Tree {
            layers: builder.store.layers(&manifest)?,
            epoch,
        },
        config.config,
        cached,
    ))
}
