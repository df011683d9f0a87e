//! A stage: what it starts from, then its instructions one by one.

use std::path::{Path, PathBuf};

use boatyard_plan::dockerfile::evaluate::{Beginning, Scope, State};
use boatyard_plan::dockerfile::graph::{Base, Node};
use boatyard_plan::dockerfile::{CopyOp, Kind, MountKind, Op, RunOp, Source};
use boatyard_plan::event::Outcome;
use boatyard_plan::image::History;
use boatyard_store::layer::{self, Entry};

use super::driver::Driver;
use super::images::{self, Image};
use super::record::Record;
use super::run::Run;
use super::{DockerfileError, copy};
use crate::account;
use crate::build::epoch;
use crate::build::image::rfc3339;
use crate::build::key::key;
use crate::build::once::once;
use crate::sink::Work;
use crate::snapshot::Tree;
use crate::transfer::TransferError;

/// The end of a stage.
#[derive(Clone)]
pub(super) struct End {
    /// Its file system and configuration, the history included.
    pub(super) image: Image,
    /// How many of its layers are those of the image that it, or what it starts from, began with.
    pub(super) base_layers: usize,
    /// Whether every instruction had been carried out before.
    pub(super) cached: bool,
    /// Variables that it leaves to those that start from it.
    scope: Option<Scope>,
}

/// Builds a stage to its end.
pub(super) fn build(driver: &Driver<'_>, index: usize) -> Result<End, DockerfileError> {
    let name = driver.name(index);
    driver.go_on(&name)?;
    let node = &driver.node(index)?;
    // What it starts from is told before it.
    let parent = match &node.base {
        Base::Stage(parent) => Some(driver.end_of(*parent)?),
        _ => None,
    };
    let work = Work::begin(driver.bench.sink, &name, None, driver.title(index));
    let built = from(driver, node, parent).and_then(|start| carry_out(driver, node, start));
    let outcome = match &built {
        Ok(end) if end.cached => Outcome::Cached,
        Ok(_) => Outcome::Done,
        Err(DockerfileError::Skipped { .. }) => Outcome::Skipped,
        Err(_) => Outcome::Failed,
    };
    work.end(outcome, None);
    built
}

/// What a stage starts from, as the end of nothing.
fn from(driver: &Driver<'_>, node: &Node, parent: Option<End>) -> Result<End, DockerfileError> {
    let start = |image: Image| End {
        base_layers: image.tree.layers.len(),
        image,
        cached: true,
        scope: None,
    };
    let stage = &driver.request.dockerfile.stages[node.stage];
    let found = match (&node.base, parent) {
        (_, Some(parent)) => Ok(parent),
        (Base::Image(name) | Base::Named(name) | Base::Instead(name), None) => {
            images::find(driver, Some(&driver.name(node.stage)), name, &node.platform).map(start)
        }
        (Base::Scratch | Base::Stage(_), None) => Ok(start(Image {
            tree: Tree::default(),
            config: images::nothing(&node.platform),
        })),
    };
    found.map_err(|error| error.at(&stage.image.span, &stage.from.line))
}

/// Carries out the instructions of a stage.
fn carry_out(driver: &Driver<'_>, node: &Node, mut end: End) -> Result<End, DockerfileError> {
    if matches!(node.base, Base::Instead(_)) {
        return Ok(end);
    }
    let written = &driver.request.dockerfile.stages[node.stage];
    let mut state = State::begin(&Beginning {
        dockerfile: &driver.request.dockerfile,
        graph: &driver.graph,
        node,
        arguments: &driver.request.arguments,
        config: &end.image.config.config,
        scope: end.scope.as_ref(),
    });
    let triggers = state.triggers().map_err(DockerfileError::Mistakes)?;
    let mut steps = Vec::new();
    for (number, instruction) in triggers.iter().chain(&written.instructions).enumerate() {
        let title = state.title(instruction);
        let op = state.step(instruction).map_err(DockerfileError::Mistakes)?;
        let step = Step {
            driver,
            stage: node.stage,
            id: format!("{}/{}", driver.name(node.stage), number + 1),
            title: &title,
            parent: &end.image.tree,
        };
        // Triggers stand in the base image, not here.
        let span = if number < triggers.len() {
            &written.image.span
        } else {
            &instruction.span
        };
        let done = step
            .carry_out(&op)
            .map_err(|error| error.at(span, &title))?;
        let mut has_layer = false;
        if let Some((record, cached)) = done {
            has_layer = record.layer.is_some();
            end.image.tree = record.on(&end.image.tree);
            end.cached &= cached;
        }
        if !matches!(instruction.kind, Kind::OnBuild(_)) {
            steps.push((has_layer, end.image.tree.epoch));
        }
    }
    let finished = state.finish();
    let image = &mut end.image.config;
    image.config = finished.config;
    image.author = finished.author.or(image.author.take());
    let history = finished.history.into_iter().zip(steps);
    image
        .history
        .extend(history.map(|(entry, (has_layer, epoch))| History {
            created: Some(rfc3339(epoch)),
            empty_layer: !has_layer,
            ..entry
        }));
    end.scope = Some(finished.scope);
    Ok(end)
}

/// One instruction that changes files.
struct Step<'a> {
    driver: &'a Driver<'a>,
    stage: usize,
    id: String,
    title: &'a str,
    parent: &'a Tree,
}

impl Step<'_> {
    /// Carries it out, or finds that it was. `None`: there is nothing to do. True if it was found.
    fn carry_out(&self, op: &Op) -> Result<Option<(Record, bool)>, DockerfileError> {
        if *op == Op::Nothing {
            return Ok(None);
        }
        self.driver.go_on(&self.id)?;
        for source in sources(op) {
            if let Source::Stage(stage) = source {
                self.driver.end_of(*stage)?;
            }
        }
        let name = self.driver.name(self.stage);
        let work = Work::begin(self.driver.bench.sink, &self.id, Some(&name), self.title);
        let done = match op {
            Op::Run(op) => self.run(op),
            Op::Copy(op) => self.copy(op),
            Op::Folder { path, user } => self.folder(path, user),
            Op::Nothing => return Ok(None),
        };
        let (outcome, size) = match &done {
            Ok((record, cached)) => (
                if *cached {
                    Outcome::Cached
                } else {
                    Outcome::Done
                },
                record.layer.as_ref().map(|layer| layer.blob.size),
            ),
            Err(DockerfileError::Skipped { .. }) => (Outcome::Skipped, None),
            Err(_) => (Outcome::Failed, None),
        };
        work.end(outcome, size);
        done.map(Some)
    }

    /// Finds the record of a key, or makes it.
    fn once(
        &self,
        key: &str,
        make: impl FnOnce() -> Result<Record, DockerfileError>,
    ) -> Result<(Record, bool), DockerfileError> {
        let bench = &self.driver.bench;
        let find = || {
            let record: Option<Record> = bench.store.action(key);
            record.filter(|record| self.driver.may_use(self.stage, key) && record.is_whole(bench))
        };
        let done = once(bench, key, self.title, find, make)?;
        self.driver.done_now(key);
        Ok(done)
    }

    fn run(&self, op: &RunOp) -> Result<(Record, bool), DockerfileError> {
        let run = Run::prepare(self.driver, op, self.parent)?;
        let done = self.once(&run.key(self.driver), || run.perform(self.driver, &self.id));
        if let Err(cause @ DockerfileError::Command { .. }) = &done
            && self.driver.request.debug_shell
        {
            run.shell(self.driver, cause);
        }
        done
    }

    fn copy(&self, op: &CopyOp) -> Result<(Record, bool), DockerfileError> {
        let prepared = copy::prepare(self.driver, op, self.parent, &self.id)?;
        let key = copy::key_of(self.driver, &prepared);
        self.once(&key, || copy::perform(self.driver, &prepared, self.parent))
    }

    /// A folder, and those above it, unless it is there.
    fn folder(&self, path: &str, user: &str) -> Result<(Record, bool), DockerfileError> {
        let store = self.driver.bench.store;
        let path = Path::new(path);
        let same = Record {
            layer: None,
            epoch: self.parent.epoch,
        };
        let (resolved, above) = self.parent.destination(store, path)?;
        let is_folder = |at: &Path| at.parent().is_none() || above.iter().any(|it| it.path == at);
        if let Some(in_the_way) = resolved.ancestors().find(|at| !is_folder(at)) {
            let path = in_the_way.to_path_buf();
            return Err(TransferError::NoFolder { path }.into());
        }
        if self.parent.exists(store, path)? {
            return Ok((same, true));
        }
        let read = |path: &str| -> Result<String, DockerfileError> {
            let bytes = self
                .parent
                .read(store, Path::new(path))?
                .unwrap_or_default();
            Ok(String::from_utf8_lossy(&bytes).into_owned())
        };
        let account =
            account::find(user, &read("/etc/passwd")?, &read("/etc/group")?).ok_or_else(|| {
                DockerfileError::NoUser {
                    user: user.to_owned(),
                }
            })?;
        let missing: Vec<PathBuf> = resolved
            .ancestors()
            .take_while(|at| !self.parent.exists(store, at).unwrap_or(true))
            .map(Path::to_path_buf)
            .collect();
        let owner = (account.user.uid, account.user.gid);
        let epoch = epoch::from_environment().unwrap_or(self.parent.epoch);
        let options = layer::Options {
            epoch: Some(epoch),
            compression: self.driver.request.compression,
        };
        let media_type = options.compression.media_type();
        let key = key("workdir", &(&above, &missing, owner, epoch, media_type));
        self.once(&key, || {
            let entries = above.iter().map(|at| {
                let is_new = missing.contains(&at.path);
                let (uid, gid) = if is_new { owner } else { (at.uid, at.gid) };
                let relative = at.path.strip_prefix("/").unwrap_or(&at.path);
                Entry {
                    uid,
                    gid,
                    mtime: epoch,
                    ..Entry::directory(relative, at.mode)
                }
            });
            Ok(Record {
                layer: Some(layer::write(store, entries.collect(), &options)?),
                epoch,
            })
        })
    }
}

/// Where an instruction takes files from.
fn sources(op: &Op) -> Vec<&Source> {
    match op {
        Op::Copy(op) => vec![&op.from],
        Op::Run(op) => op
            .mounts
            .iter()
            .filter_map(|mount| match &mount.kind {
                MountKind::Bind { from, .. } => Some(from),
                MountKind::Cache { from, .. } => from.as_ref(),
                _ => None,
            })
            .collect(),
        Op::Folder { .. } | Op::Nothing => Vec::new(),
    }
}
