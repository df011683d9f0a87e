//! What images start from.

use std::collections::BTreeSet;
use std::path::Path;

use boatyard_plan::attest::Taken;
use boatyard_plan::dockerfile;
use boatyard_plan::event::{Event, Level, Outcome, Unit};
use boatyard_plan::failure::Failure as _;
use boatyard_plan::image::{Descriptor, RunConfig};
use boatyard_plan::lock::{self, LockError, Pin};
use boatyard_plan::project::Base;
use boatyard_plan::reference::Reference;
use boatyard_store::layer::Layer;
use boatyard_store::{host_platform, import, registry};
use serde::{Deserialize, Serialize};

use super::builder::Builder;
use super::image::Stage;
use super::key::key;
use super::{BuildError, epoch, packages, recipe};
use crate::debian::Form;
use crate::locked;
use crate::sink::{Work, notice};
use crate::snapshot::Tree;

/// What the store remembers of a base made from packages.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Record {
    layer: Layer,
    epoch: i64,
    /// The package indexes that it was made from.
    indexes: String,
    /// When the newest of them was made, seconds since 1970; not known of what older versions made.
    #[serde(default)]
    date: Option<i64>,
}

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
    let result = match wanted {
        Base::Scratch => Ok(Start::default()),
        Base::Debian { suite, slim, .. } => {
            let form = if *slim { Form::Slim } else { Form::Whole };
            debian(builder, &id, (suite, form), ahead)
        }
        Base::Distroless { suite, .. } => debian(builder, &id, (suite, Form::Distroless), ahead),
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
    };
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

/// What a stage starts from.
#[derive(Default)]
struct Start {
    tree: Tree,
    config: RunConfig,
    taken: Taken,
    /// Whether it had to be made or fetched.
    made: bool,
}

/// What `name` stood for in this build.
fn taken(name: &str, pin: Pin) -> Taken {
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

fn platform() -> String {
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

type Made = Result<Start, BuildError>;

/// The first packages of a suite. Made once, and again when newer packages are asked for and there are some, or others
/// are locked.
fn debian(builder: &Builder<'_>, id: &str, (suite, form): (&str, Form), ahead: &[String]) -> Made {
    let (kind, name) = match form {
        Form::Whole => ("debian", format!("debian:{suite}")),
        Form::Slim => ("debian", format!("debian:{suite}-slim")),
        Form::Distroless => ("distroless", format!("debian:{suite}/distroless")),
    };
    let slim = form == Form::Slim;
    let key = key(
        kind,
        &(suite, slim, &builder.mirror, epoch::from_environment()),
    );
    let known = || -> Option<Record> {
        let record: Option<Record> = builder.store.action(&key);
        record.filter(|record| builder.store.has_blob(&record.layer.blob.digest))
    };
    let locked = locked_indexes(builder, id, suite, &name, known().as_ref())?;
    let found = || -> Result<Option<Record>, BuildError> {
        let record = known();
        if let Some(indexes) = &locked {
            return Ok(record.filter(|record| record.indexes == *indexes));
        }
        if !builder.options.pull {
            return Ok(record);
        }
        let newest = packages::indexes(builder, id, suite, &[])?;
        Ok(record.filter(|record| record.indexes == newest.digest))
    };
    let whole = |record: Record, made| Start {
        taken: taken(&name, record.pin()),
        tree: Tree {
            layers: vec![record.layer],
            epoch: record.epoch,
        },
        config: RunConfig::default(),
        made,
    };
    let first = if builder.options.no_cache {
        None
    } else {
        found()?
    };
    if let Some(record) = first {
        return Ok(whole(record, false));
    }
    let _lock = builder.store.lock_action(&key)?;
    let second = if builder.options.no_cache && !builder.was_done_now(id) {
        None
    } else {
        found()?
    };
    if let Some(record) = second {
        return Ok(whole(record, false));
    }
    let indexes = packages::indexes(builder, id, suite, &[])?;
    let wanted = packages::Wanted {
        id,
        form,
        names: &[],
    };
    let layer = packages::bootstrap(builder, &wanted, ahead, &indexes)?;
    let date = packages::date(&indexes);
    let record = Record {
        layer,
        epoch: epoch::from_environment().unwrap_or(date),
        indexes: indexes.digest.clone(),
        date: Some(date),
    };
    builder.store.put_action(&key, &record)?;
    builder.done_now(id);
    Ok(whole(record, true))
}

/// The package indexes that the lock wants, if they can be had: those of what was made before, or those of the mirror.
/// If it has others, that is an error or, where nobody insists, a warning.
fn locked_indexes(
    builder: &Builder<'_>,
    id: &str,
    suite: &str,
    name: &str,
    known: Option<&Record>,
) -> Result<Option<String>, BuildError> {
    let policy = &builder.options.lock;
    let (indexes, date) = match policy.find(name, &platform())? {
        None => return Ok(None),
        Some(Pin::Packages { indexes, date }) => (indexes.hex(), date),
        Some(Pin::Image(_)) => return Err(other_kind(name, IMAGE, PACKAGES)),
    };
    if known.is_some_and(|record| record.indexes == indexes) {
        return Ok(Some(indexes.to_owned()));
    }
    let found = packages::indexes(builder, id, suite, &[])?;
    if found.digest == indexes {
        return Ok(Some(indexes.to_owned()));
    }
    let moved = LockError::Moved {
        reference: name.to_owned(),
        locked: date.clone(),
        found: super::image::rfc3339(packages::date(&found)),
    };
    if policy.strict {
        return Err(moved.into());
    }
    let (text, help) = (moved.to_string(), moved.help());
    notice(&builder.sink, Level::Warning, text, help.as_deref());
    Ok(None)
}

const IMAGE: &str = "an image";
const PACKAGES: &str = "made from packages";

fn other_kind(name: &str, locked: &'static str, found: &'static str) -> BuildError {
    let reference = name.to_owned();
    LockError::OtherKind {
        reference,
        locked,
        found,
    }
    .into()
}

impl Record {
    fn pin(&self) -> Pin {
        Pin::Packages {
            indexes: format!("sha256:{}", self.indexes)
                .parse()
                .expect("indexes have SHA-256 digests"),
            date: super::image::rfc3339(self.date.unwrap_or(self.epoch)),
        }
    }
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
        None => builder.options.lock.find(&name, &platform())?,
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
