//! The builder: stages once, images at the end.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock};

use boatyard_plan::attest::Taken;
use boatyard_plan::build::{Action, BuildPlan, ImagePlan, Parent, SCHEMA, Stage as StagePlan};
use boatyard_plan::event::{Event, Level, Outcome};
use boatyard_plan::project::Base;
use boatyard_store::Store;
use boatyard_store::layer;

use super::aside::Aside;
use super::bench::Bench;
use super::confined::Confinement;
use super::hanging::{hanging, sentence};
use super::image::{self, Stage};
use super::options::Options;
use super::{BuildError, base, entry_point, packages, step, within};
use crate::host::Host;
use crate::sandbox::Sandbox;
use crate::sink::{Sink, Work, notice};
use crate::snapshot::Tree;

pub use super::image::Built;

/// Executes a build plan.
pub struct Builder<'a> {
    /// What this machine permits.
    pub host: &'a Host,
    /// Starts commands.
    pub sandbox: &'a Sandbox,
    /// Where results are kept.
    pub store: &'a Store,
    /// The project's folder.
    pub context: &'a Path,
    /// Takes progress.
    pub sink: Sink,
    /// How to build.
    pub options: Options,
    stages: BTreeMap<String, (StagePlan, OnceLock<Result<Stage, ()>>)>,
    failures: Mutex<Vec<BuildError>>,
    failed: Mutex<BTreeSet<String>>,
    done_now: Mutex<BTreeSet<String>>,
    /// The mirror that the project names.
    pub(super) mirror: Option<String>,
    pub(super) indexes: packages::Known,
    /// Takes what steps leave.
    pub(super) aside: Aside,
}

impl<'a> Builder<'a> {
    /// A builder for one plan.
    pub fn new(
        host: &'a Host,
        sandbox: &'a Sandbox,
        store: &'a Store,
        context: &'a Path,
        sink: Sink,
        options: Options,
        plan: &BuildPlan,
    ) -> Self {
        let stages = plan
            .stages
            .iter()
            .map(|stage| (stage.name.clone(), (stage.clone(), OnceLock::new())))
            .collect();
        Self {
            host,
            sandbox,
            store,
            context,
            sink,
            options,
            stages,
            failures: Mutex::default(),
            failed: Mutex::default(),
            done_now: Mutex::default(),
            mirror: plan.stages.iter().find_map(mirror_of),
            indexes: packages::Known::default(),
            aside: Aside::default(),
        }
    }

    /// What the steps work with.
    pub(super) fn bench(&self) -> Bench<'_> {
        Bench {
            host: self.host,
            sandbox: self.sandbox,
            store: self.store,
            sink: &self.sink,
            confined: self.options.confined.as_ref(),
        }
    }

    /// Builds every image of the plan. The first failure is returned once everything that does not hang on it is done.
    pub fn build(&self, plan: &BuildPlan) -> Result<Vec<Built>, BuildError> {
        if self.options.confined.is_some() {
            Confinement::check(self.host)?;
        }
        let results = in_parallel(self.options.jobs, &plan.images, |image| self.image(image));
        let built: Vec<bool> = results.iter().map(Option::is_some).collect();
        let failed = self.failed.lock().map(|failed| failed.clone());
        for (stage, images) in hanging(plan, &built, &failed.unwrap_or_default()) {
            notice(&self.sink, Level::Warning, sentence(&stage, &images), None);
        }
        match self.take_failure() {
            Some(failure) => Err(failure),
            None => Ok(results.into_iter().flatten().collect()),
        }
    }

    /// Builds one image. A failure is kept for later and told by `None`.
    fn image(&self, plan: &ImagePlan) -> Option<Built> {
        let stage = self.finished(&plan.stage)?;
        let stages: Vec<&StagePlan> = self.stages.values().map(|(stage, _)| stage).collect();
        let kept = entry_point::resolved(self.store, plan, &stages, &stage.tree)
            .and_then(|plan| Ok(image::keep(self, &plan, &stage)?));
        match kept {
            Ok(built) => {
                (self.sink)(Event::Image {
                    service: built.service.clone(),
                    references: built.references.clone(),
                    digest: built.manifest.digest.clone(),
                    size_bytes: built.size_bytes,
                    cached: built.cached,
                    variant: plan.variant,
                });
                Some(built)
            }
            Err(error) => {
                self.keep_failure(error);
                None
            }
        }
    }

    /// The file system at the end of a stage of a plan without images, what it was made from, and whether nothing had to
    /// be done for it.
    pub(crate) fn only_stage(&self, name: &str) -> Result<(Tree, Taken, bool), BuildError> {
        let stage = self.finished(name);
        match (stage, self.take_failure()) {
            (Some(stage), None) => Ok((stage.tree, stage.taken, stage.cached)),
            (_, Some(failure)) => Err(failure),
            (None, None) => Err(BuildError::NoStage {
                stage: name.to_owned(),
            }),
        }
    }

    /// The file system at the end of a stage, for a step that needs it.
    pub(super) fn stage(&self, name: &str) -> Result<Tree, BuildError> {
        match self.finished(name) {
            Some(stage) => Ok(stage.tree),
            None if self.stages.contains_key(name) => Err(BuildError::Skipped {
                stage: name.to_owned(),
            }),
            None => Err(BuildError::NoStage {
                stage: name.to_owned(),
            }),
        }
    }

    /// The end of a stage. Whoever asks first builds it, the others wait.
    fn finished(&self, name: &str) -> Option<Stage> {
        let Some((plan, cell)) = self.stages.get(name) else {
            self.keep_failure(BuildError::NoStage {
                stage: name.to_owned(),
            });
            return None;
        };
        cell.get_or_init(|| {
            self.run_stage(plan).map_err(|failure| {
                if !failure.is_skip() {
                    if let Ok(mut failed) = self.failed.lock() {
                        failed.insert(name.to_owned());
                    }
                    self.keep_failure(failure);
                }
            })
        })
        .clone()
        .ok()
    }

    fn run_stage(&self, plan: &StagePlan) -> Result<Stage, BuildError> {
        let skipped = || {
            let work = Work::begin(&self.sink, &plan.name, None, &plan.name);
            work.end(Outcome::Skipped, None);
            BuildError::Skipped {
                stage: plan.name.clone(),
            }
        };
        let mut stage = match &plan.from {
            Parent::Stage(parent) => self.finished(parent).ok_or_else(skipped)?,
            Parent::Base(wanted) => base::make(self, &plan.name, wanted, &step::packages_of(plan))?,
        };
        let work = Work::begin(&self.sink, &plan.name, None, &plan.name);
        for step in &plan.steps {
            let done = step::run(self, step, &stage.tree)?;
            self.done_now(&step.id);
            stage.tree = done.tree;
            stage.cached &= done.cached;
            if matches!(step.action, Action::Copy { .. } | Action::Python { .. }) {
                stage.taken.copies.insert(done.key);
            }
            stage.history.push(step.title.clone());
        }
        work.end(
            if stage.cached {
                Outcome::Cached
            } else {
                Outcome::Done
            },
            None,
        );
        Ok(stage)
    }

    /// Remembers that a step was done by this builder.
    pub(super) fn done_now(&self, id: &str) {
        if let Ok(mut done) = self.done_now.lock() {
            done.insert(id.to_owned());
        }
    }

    /// Whether a step was done by this builder, so that `no_cache` need not do it once more.
    pub(super) fn was_done_now(&self, id: &str) -> bool {
        self.done_now.lock().is_ok_and(|done| done.contains(id))
    }

    /// Whether a tree has pip for its Python.
    pub(super) fn has_pip(&self, tree: &Tree) -> Result<bool, BuildError> {
        Ok(tree.exists(self.store, Path::new("/usr/bin/pip3"))?
            || tree.exists(self.store, Path::new("/usr/local/bin/pip3"))?)
    }

    /// How layers are written.
    pub(super) fn layer_options(epoch: i64) -> layer::Options {
        layer::Options {
            epoch: Some(epoch),
            ..layer::Options::default()
        }
    }

    /// If asked to, opens a shell in the state before a failed step.
    pub(super) fn offer_shell(&self, before: &Tree, cause: &BuildError) {
        if self.options.debug_shell && !cause.is_skip() {
            within::shell(&self.bench(), before, cause);
        }
    }

    fn keep_failure(&self, failure: BuildError) {
        if let Ok(mut failures) = self.failures.lock() {
            failures.push(failure);
        }
    }

    fn take_failure(&self) -> Option<BuildError> {
        let mut failures = self.failures.lock().ok()?;
        (!failures.is_empty()).then(|| failures.remove(0))
    }
}

/// Carries out the steps of a stage on top of a file system that is there. True if all had been done before.
pub(crate) fn on_top(
    bench: Bench<'_>,
    stage: &StagePlan,
    below: &Tree,
) -> Result<(Tree, bool), BuildError> {
    let plan = BuildPlan {
        schema: SCHEMA,
        project: String::new(),
        stages: Vec::new(),
        images: Vec::new(),
    };
    let (host, sandbox, store) = (bench.host, bench.sandbox, bench.store);
    let sink = Sink::clone(bench.sink);
    let options = Options::default();
    let builder = Builder::new(host, sandbox, store, Path::new("/"), sink, options, &plan);
    let work = Work::begin(bench.sink, &stage.name, None, &stage.name);
    let (mut tree, mut all_cached) = (below.clone(), true);
    for step in &stage.steps {
        let done = step::run(&builder, step, &tree)?;
        tree = done.tree;
        all_cached &= done.cached;
    }
    let outcome = if all_cached {
        Outcome::Cached
    } else {
        Outcome::Done
    };
    work.end(outcome, None);
    Ok((tree, all_cached))
}

/// The outcome of `work` for each item, in order; at most `jobs` at once, 0: all of them.
fn in_parallel<T: Sync, R: Send>(
    jobs: usize,
    items: &[T],
    work: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    if jobs == 1 {
        return items.iter().map(work).collect();
    }
    let next = AtomicUsize::new(0);
    let take = || {
        let mut done = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(at) else {
                return done;
            };
            done.push((at, work(item)));
        }
    };
    let count = if jobs == 0 { items.len() } else { jobs };
    let mut results = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..count.min(items.len()))
            .map(|_| scope.spawn(take))
            .collect();
        let results = threads.into_iter().flat_map(|thread| {
            let joined = thread.join();
            joined.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        });
        results.collect::<Vec<(usize, R)>>()
    });
    results.sort_by_key(|(at, _)| *at);
    results.into_iter().map(|(_, result)| result).collect()
}

/// The mirror that a stage's base names.
fn mirror_of(stage: &StagePlan) -> Option<String> {
    match &stage.from {
        Parent::Base(Base::Debian { mirror, .. } | Base::Distroless { mirror, .. }) => {
            mirror.clone()
        }
        _ => None,
    }
}
