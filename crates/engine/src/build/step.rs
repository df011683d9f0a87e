//! One step: its key, the look-up, and, if nobody did it before, the work.

use boatyard_plan::build::{Action, Stage, Step};
use boatyard_plan::event::Outcome;
use boatyard_store::layer::{self, Layer};
use serde::{Deserialize, Serialize};

use super::builder::Builder;
use super::once::once;
use super::ready::{self, Ready};
use super::{BuildError, epoch, packages};
use crate::debian::Form;
use crate::sink::Work;
use crate::snapshot::Tree;

/// What the store remembers of a step.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Record {
    layer: Layer,
    epoch: i64,
}

/// A step that was done or found.
pub(super) struct Done {
    /// The file system after it.
    pub(super) tree: Tree,
    /// What its result depends on.
    pub(super) key: String,
    /// Whether it was found.
    pub(super) cached: bool,
}

/// Does a step on top of `parent`, or finds that it was done. Tells the sink.
pub(super) fn run(builder: &Builder<'_>, step: &Step, parent: &Tree) -> Result<Done, BuildError> {
    let stage = step.id.split('/').next();
    let work = Work::begin(&builder.sink, &step.id, stage, &step.title);
    let attempt = || {
        let (key, ready) = ready::prepare(builder, &step.action, parent)?;
        let (record, cached) = once(
            &builder.bench(),
            &key,
            &step.title,
            || found(builder, step, &key),
            || perform(builder, step, parent, &ready),
        )?;
        Ok((record, key, cached))
    };
    match attempt() {
        Ok((record, key, cached)) => {
            work.end(
                if cached {
                    Outcome::Cached
                } else {
                    Outcome::Done
                },
                Some(record.layer.blob.size),
            );
            let tree = Tree {
                epoch: record.epoch.max(parent.epoch),
                ..parent.with(record.layer)
            };
            Ok(Done { tree, key, cached })
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
fn found(builder: &Builder<'_>, step: &Step, key: &str) -> Option<Record> {
    if builder.options.no_cache && !builder.was_done_now(&step.id) {
        return None;
    }
    let record: Option<Record> = builder.store.action(key);
    record.filter(|record| builder.store.has_blob(&record.layer.blob.digest))
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
            layer::write(builder.store, entries, &Builder::layer_options(epoch))?
        }
        Ready::Copy(prepared, moment) => {
            epoch = moment();
            prepared.layer(builder.store, &Builder::layer_options(epoch))?
        }
        Ready::Packages { names, sources } => {
            let suite =
                packages::suite_of(builder, parent)?.ok_or_else(|| BuildError::NotDebian {
                    names: names.join(", "),
                })?;
            let indexes = packages::indexes(builder, &step.id, &suite, sources)?;
            let wanted = packages::Wanted {
                id: &step.id,
                form: Form::Whole,
                names,
            };
            packages::install(builder, parent, &wanted, &indexes)?
        }
        Ready::Python(prepared) => prepared.install(builder, &step.id, parent)?,
    };
    Ok(Record { layer, epoch })
}

/// The Debian packages that a stage's steps install.
pub(super) fn packages_of(stage: &Stage) -> Vec<String> {
    let names = stage.steps.iter().map(|step| match &step.action {
        Action::Packages { names, .. } => names.as_slice(),
        _ => &[],
    });
    names.flatten().cloned().collect()
}
