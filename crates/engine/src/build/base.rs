//! What images start from.

use std::collections::BTreeSet;
use std::path::Path;

use boatyard_plan::attest::Taken;
use boatyard_plan::dockerfile;
use boatyard_plan::event::{Event, Outcome, Unit};
use boatyard_plan::image::{Descriptor, RunConfig};
use boatyard_plan::lock::{self, LockError, Pin};
use boatyard_plan::project::Base;
use boatyard_plan::reference::Reference;
use boatyard_store::{host_platform, import, registry};

use super::builder::Builder;
use super::image::Stage;
use super::{BuildError, Confinement, epoch, recipe, suite};
use crate::debian::Form;
use crate::locked;
use crate::sink::Work;
use crate::snapshot::Tree;

/// Makes a base, or finds it. `stage` is the stage that starts from it, for progress; `ahead` are the Debian packages
/// that its steps will want.
pub(super) fn make(
    builder: &Builder<'_>,
    stage: &str,
    wanted: &Base,
    ahead: &[String],
) -> Result<Stage, BuildError> {
    let id = format!("{stage}/base");
    let title = title(wanted);
    let work = Work::begin(&builder.sink, &id, Some(stage), &title);
    let mut history = Vec::new();
    let result = allowed(builder, wanted).and_then(|()| match wanted {
        Base::Scratch => Ok(Start::default()),
        Base::Debian { suite, slim, .. } => {
            let form = if *slim { Form::Slim } else { Form::Whole };
            suite::make(builder, &id, (suite, form), ahead)
        }
        Base::Distroless { suite, .. } => {
            suite::make(builder, &id, (suite, Form::Distroless), ahead)
        }
        Base::Layout { path, name } => {
            let folder = builder.context.join(path);
            imported(builder, path, &folder, name.as_deref())
        }
        Base::Archive { path } => imported(builder, path, &builder.context.join(path), None),
        Base::Dockerfile(recipe) => {
            recipe::make(builder, &id, recipe).map(|(tree, config, taken, cached)| {
                history = recipe::made_by(&config);
                Start {
                    tree,
                    config: config.config,
                    taken,
                    made: !cached,
                }
            })
        }
        Base::Registry { reference } => pulled(builder, &id, reference),
    });
    let start = result.map_err(|cause| match cause {
        // It has a place of its own.
        cause @ BuildError::Dockerfile { .. } => cause,
        cause => BuildError::Step {
            id,
            title: title.clone(),
            line: None,
            cause: Box::new(cause),
        },
    })?;
    let (tree, cached) = (start.tree, !start.made);
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
        base: start.config,
        history,
        cached,
        taken: start.taken,
    })
}

/// Refuses what a build that is confined may not start from.
fn allowed(builder: &Builder<'_>, wanted: &Base) -> Result<(), BuildError> {
    let Some(confinement) = &builder.options.confined else {
        return Ok(());
    };
    match wanted {
        Base::Layout { path, .. } | Base::Archive { path } => {
            Confinement::path(builder.context, Path::new(path))?;
        }
        Base::Registry { reference } => confinement.image(reference)?,
        Base::Debian { .. } | Base::Distroless { .. } => {
            builder
                .mirror
                .iter()
                .try_for_each(|url| confinement.address(url))?;
        }
        Base::Scratch | Base::Dockerfile(_) => {}
    }
    Ok(())
}

/// What a stage starts from.
#[derive(Default)]
pub(super) struct Start {
    pub(super) tree: Tree,
    pub(super) config: RunConfig,
    pub(super) taken: Taken,
    /// Whether it had to be made or fetched.
    pub(super) made: bool,
}

/// What `name` stood for in this build.
pub(super) fn taken(name: &str, pin: Pin) -> Taken {
    let base = lock::Base {
        reference: name.to_owned(),
        platform: platform(),
        pin,
    };
    Taken {
        bases: BTreeSet::from([base]),
        ..Taken::default()
    }
}

pub(super) fn platform() -> String {
    dockerfile::platform::format(&host_platform())
}

fn title(wanted: &Base) -> String {
    match wanted {
        Base::Scratch => "start from nothing".to_owned(),
        Base::Debian { suite, slim, .. } => {
            format!("debian:{suite}{}", if *slim { "-slim" } else { "" })
        }
        Base::Distroless { suite, .. } => format!("debian:{suite}/distroless"),
        Base::Layout { path, .. } | Base::Archive { path } => path.clone(),
        Base::Dockerfile(recipe) => recipe.file.clone(),
        Base::Registry { reference } => reference.to_string(),
    }
}

pub(super) type Made = Result<Start, BuildError>;

pub(super) const IMAGE: &str = "an image";
pub(super) const PACKAGES: &str = "made from packages";

pub(super) fn other_kind(name: &str, locked: &'static str, found: &'static str) -> BuildError {
    let reference = name.to_owned();
    LockError::OtherKind {
        reference,
        locked,
        found,
    }
    .into()
}

/// An image from a folder or an archive.
fn imported(builder: &Builder<'_>, written: &str, path: &Path, name: Option<&str>) -> Made {
    let imported = import::path(builder.store, path, name)?;
    let start = image(builder, &imported.manifest, false)?;
    // The file is beside the project: its name needs no lock.
    let taken = taken(written, Pin::Image(imported.manifest.digest)).materials();
    Ok(Start {
        taken: Taken {
            materials: taken,
            ..Taken::default()
        },
        ..start
    })
}

/// An image of the store or of its registry.
fn pulled(builder: &Builder<'_>, id: &str, reference: &Reference) -> Made {
    let store = builder.store;
    let name = reference.to_string();
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
    // A digest is a lock of its own.
    let pin = match reference.digest {
        Some(_) => None,
        None => locked::find(&builder.options.lock, &name, &platform(), &builder.sink)?,
    };
    let (descriptor, cached) = match pin {
        Some(Pin::Packages { .. }) => return Err(other_kind(&name, PACKAGES, IMAGE)),
        Some(Pin::Image(digest)) => locked::image(store, reference, digest, &options, &told)?,
        None => match store.resolve(reference)? {
            Some(found) if !builder.options.pull => (found, true),
            _ => {
                let pulled = registry::pull(store, reference, &options, &told)?;
                store.tag(reference, &pulled)?;
                (pulled, false)
            }
        },
    };
    let selected = store.select(&descriptor, &host_platform())?;
    let start = image(builder, &selected, !cached)?;
    let taken = taken(&name, Pin::Image(selected.digest));
    Ok(Start { taken, ..start })
}

fn image(builder: &Builder<'_>, descriptor: &Descriptor, made: bool) -> Made {
    let manifest = builder.store.manifest(descriptor)?;
    let config = builder.store.config(&manifest)?;
    let epoch = epoch::from_environment()
        .or_else(|| super::image::seconds(config.created.as_deref()?))
        .unwrap_or(0);
    Ok(Start {
        tree: Tree {
            layers: builder.store.layers(&manifest)?,
            epoch,
        },
        config: config.config,
        taken: Taken::default(),
        made,
    })
}
