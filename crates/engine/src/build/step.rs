//! One step: its key, the look-up, and, if nobody did it before, the work.

use std::path::{Path, PathBuf};

use boatyard_plan::build::{Action, Step};
use boatyard_plan::digest::Digest;
use boatyard_plan::event::{Level, Outcome};
use boatyard_store::layer::{self, Entry, Layer};
use serde::{Deserialize, Serialize};

use super::builder::Builder;
use super::key::key;
use super::python::{Prepared, Python};
use super::{BuildError, copy, epoch, files, packages};
use crate::sink::{Work, notice};
use crate::snapshot::Tree;

/// What the store remembers of a step.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Record {
    layer: Layer,
    epoch: i64,
}

/// What a step would do, with its inputs read.
enum Ready<'a> {
    /// The entries are known once `make` is called with the epoch.
    Entries(Box<dyn Fn() -> Result<Vec<Entry>, BuildError> + 'a>),
    /// Debian packages.
    Packages { names: &'a [String] },
    /// A Python environment.
    Python(Box<Prepared<'a>>),
}

/// Does a step on top of `parent`, or finds that it was done. Tells the sink. True if it was found.
pub(super) fn run(
    builder: &Builder<'_>,
    step: &Step,
    parent: &Tree,
) -> Result<(Tree, bool), BuildError> {
    let stage = step.id.split('/').next();
    let work = Work::begin(&builder.sink, &step.id, stage, &step.title);
    let attempt = || {
        let (key, ready) = prepare(builder, &step.action, parent)?;
        if let Some(record) = found(builder, step, &key)? {
            return Ok((record, true));
        }
        let _lock = builder.store.lock_action_or(&key, || {
            notice(
                &builder.sink,
                Level::Info,
                format!(
                    "another boatyard is doing \"{}\": waiting for it",
                    step.title
                ),
                None,
            );
        })?;
        if let Some(record) = found(builder, step, &key)? {
            return Ok((record, true));
        }
        let record = perform(builder, step, parent, &ready)?;
        builder.store.put_action(&key, &record)?;
        Ok((record, false))
    };
    match attempt() {
        Ok((record, cached)) => {
            work.end(
                if cached {
                    Outcome::Cached
                } else {
                    Outcome::Done
                },
                Some(record.layer.blob.size),
            );
            Ok((
                Tree {
                    epoch: record.epoch.max(parent.epoch),
                    ..parent.with(record.layer)
                },
                cached,
            ))
        }
        Err(cause) => {
            work.end(Outcome::Failed, None);
            builder.offer_shell(parent, &cause);
            Err(BuildError::Step {
                id: step.id.clone(),
                title: step.title.clone(),
                line: step.line,
                cause: Box::new(cause),
            })
        }
    }
}

/// What the store remembers under `key`, if its layer is whole.
fn found(builder: &Builder<'_>, step: &Step, key: &str) -> Result<Option<Record>, BuildError> {
    if builder.options.no_cache && !builder.was_done_now(&step.id) {
        return Ok(None);
    }
    let record: Option<Record> = builder.store.action(key);
    Ok(record.filter(|record| builder.store.has_blob(&record.layer.blob.digest)))
}

/// Reads the inputs of an action and makes its key.
fn prepare<'a>(
    builder: &'a Builder<'_>,
    action: &'a Action,
    parent: &'a Tree,
) -> Result<(String, Ready<'a>), BuildError> {
    let set = epoch::from_environment();
    let below = set.unwrap_or(parent.epoch);
    Ok(match action {
        Action::Packages { names } => (
            key("packages", &(parent.chain_id(), names, set)),
            Ready::Packages { names },
        ),
        Action::Python {
            version,
            requirements,
            installer,
            compiler,
            compile,
        } => {
            let python = Python {
                version: version.as_deref(),
                requirements,
                installer: *installer,
                compiler,
                compile: *compile,
            };
            let prepared = Prepared::read(builder, python, parent)?;
            let compiler = prepared
                .compiles()
                .then(|| builder.stage(prepared.compiler()))
                .transpose()?;
            let key = key("python", &prepared.inputs(parent, compiler.as_ref()));
            (key, Ready::Python(Box::new(prepared)))
        }
        Action::Copy {
            sources,
            dest,
            exclude,
        } => {
            let items = copy::scan(builder.context, sources, exclude)?;
            let (dest, missing) = parent.destination(builder.store, Path::new(dest))?;
            let key = key("copy", &(&items, &dest, &missing, set));
            let newest = copy::newest(&items);
            let make = move || {
                let epoch = epoch::of_sources(builder.context, sources, newest);
                let again = copy::scan(builder.context, sources, exclude)?;
                if again != items {
                    return Err(BuildError::Changed {
                        path: builder.context.to_path_buf(),
                    });
                }
                Ok(copy::entries(&items, &dest, &missing, epoch))
            };
            (key, Ready::Entries(Box::new(make)))
        }
        Action::User { user } => {
            let read = |path| -> Result<String, BuildError> {
                let bytes = parent
                    .read(builder.store, Path::new(path))?
                    .unwrap_or_default();
                Ok(String::from_utf8_lossy(&bytes).into_owned())
            };
            let accounts = files::accounts(&read("/etc/passwd")?, &read("/etc/group")?, user);
            let mut missing = parent.destination(builder.store, Path::new("/etc"))?.1;
            let (home, above) = parent.destination(builder.store, Path::new(&files::home(user)))?;
            missing.extend(above.into_iter().filter(|at| *at != home));
            let key = key("user", &(&accounts, user, &missing, below));
            let make = move || {
                let mut entries: Vec<Entry> = missing
                    .iter()
                    .map(|at| copy::folder(at, 0o755, below))
                    .collect();
                for (path, mode, text) in &accounts {
                    entries.extend(files::file(
                        Path::new(path),
                        *mode,
                        text.clone().into_bytes(),
                        &[],
                        below,
                    ));
                }
                entries.push(Entry {
                    uid: user.uid,
                    gid: user.gid,
                    ..copy::folder(&home, 0o750, below)
                });
                Ok(entries)
            };
            (key, Ready::Entries(Box::new(make)))
        }
        Action::File { path, mode, text } => file(
            builder,
            parent,
            path,
            *mode,
            text.clone().into_bytes(),
            below,
        )?,
        Action::Init => {
            let bytes = crate::init_binary::BYTES.to_vec();
            file(
                builder,
                parent,
                boatyard_init::contract::BINARY,
                0o755,
                bytes,
                below,
            )?
        }
        Action::Folder {
            path,
            mode,
            uid,
            gid,
        } => {
            let (path, missing) = parent.destination(builder.store, Path::new(path))?;
            let key = key("folder", &(&path, &missing, mode, uid, gid, below));
            let make = move || {
                let mut entries: Vec<Entry> = missing
                    .iter()
                    .filter(|at| **at != path)
                    .map(|at| copy::folder(at, 0o755, below))
                    .collect();
                entries.push(Entry {
                    uid: *uid,
                    gid: *gid,
                    ..copy::folder(&path, *mode, below)
                });
                Ok(entries)
            };
            (key, Ready::Entries(Box::new(make)))
        }
    })
}

/// A layer with one file of root's.
fn file<'a>(
    builder: &Builder<'_>,
    parent: &Tree,
    path: &str,
    mode: u32,
    bytes: Vec<u8>,
    epoch: i64,
) -> Result<(String, Ready<'a>), BuildError> {
    let (path, missing): (PathBuf, Vec<PathBuf>) =
        parent.destination(builder.store, Path::new(path))?;
    let key = key("file", &(&path, &missing, mode, Digest::of(&bytes), epoch));
    let make = move || Ok(files::file(&path, mode, bytes.clone(), &missing, epoch));
    Ok((key, Ready::Entries(Box::new(make))))
}

/// Does the work.
fn perform(
    builder: &Builder<'_>,
    step: &Step,
    parent: &Tree,
    ready: &Ready<'_>,
) -> Result<Record, BuildError> {
    let mut epoch = epoch::from_environment().unwrap_or(parent.epoch);
    let layer = match ready {
        Ready::Entries(make) => {
            let entries = make()?;
            epoch = entries
                .iter()
                .map(|entry| entry.mtime)
                .max()
                .unwrap_or(epoch);
            layer::write(builder.store, entries, &builder.layer_options(epoch))?
        }
        Ready::Packages { names } => {
            let suite =
                packages::suite_of(builder, parent)?.ok_or_else(|| BuildError::NotDebian {
                    names: names.join(", "),
                })?;
            let indexes = packages::indexes(builder, &step.id, &suite)?;
            let wanted = packages::Wanted {
                id: &step.id,
                slim: false,
                names,
            };
            packages::install(builder, parent, &wanted, &indexes)?
        }
        Ready::Python(prepared) => prepared.install(builder, &step.id, parent)?,
    };
    Ok(Record { layer, epoch })
}
