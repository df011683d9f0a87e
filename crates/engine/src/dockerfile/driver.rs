//! The driver: stages once, side by side, no more than the target needs.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use boatyard_plan::attest::Taken;
use boatyard_plan::dockerfile::graph::{self, Graph, Node};
use boatyard_plan::dockerfile::{Limit, RunNetwork};
use boatyard_plan::event::Level;
use boatyard_store::host_platform;

use super::DockerfileError;
use super::images::Known;
use super::request::{NoCache, Request};
use super::stage::{self, End};
use super::turn::Turns;
use crate::build::{Bench, Confinement};
use crate::host::Isolation;
use crate::sandbox::{self, Handle};
use crate::sink::notice;

/// The stages that a target needs.
pub(super) fn planned(request: &Request, target: Option<&str>) -> Result<Graph, DockerfileError> {
    let contexts = request.named.keys().cloned().collect();
    let wanted = graph::Wanted {
        target,
        arguments: &request.arguments,
        contexts: &contexts,
        build: &host_platform(),
        platform: &request.platform,
    };
    graph::plan(&request.dockerfile, &wanted).map_err(DockerfileError::Mistakes)
}

/// The limits that are asked for, as far as this machine permits them; what it does not is told.
fn permitted(bench: &Bench<'_>, request: &Request) -> Vec<Limit> {
    if request.conditions.shm_bytes.is_some() && bench.host.isolation == Isolation::Chroot {
        let message =
            "--shm-size: without mounts /dev/shm is a folder, which holds what the disk does";
        notice(bench.sink, Level::Warning, message.to_owned(), None);
    }
    let limits = request.conditions.limits.iter().map(|asked| {
        let limit = sandbox::permitted(*asked);
        if limit != *asked {
            let most = limit.hard.map_or("-1".to_owned(), |hard| hard.to_string());
            let message = format!(
                "--ulimit {}: this machine permits {most} at most, and commands get that",
                limit.resource.name()
            );
            notice(bench.sink, Level::Warning, message, None);
        }
        limit
    });
    limits.collect()
}

/// Builds what a request asks for.
pub(super) struct Driver<'a> {
    /// What the work is done with.
    pub(super) bench: Bench<'a>,
    /// What is asked for.
    pub(super) request: &'a Request,
    /// How the stages hang together.
    pub(super) graph: Graph,
    /// Images that were looked up.
    pub(super) images: Known,
    /// What was taken from elsewhere so far.
    taken: Mutex<Taken>,
    /// How many commands run at once.
    pub(super) turns: Turns,
    /// Limits of commands, as far as this machine permits them.
    pub(super) limits: Vec<Limit>,
    ends: Vec<OnceLock<Option<End>>>,
    failures: Mutex<Vec<DockerfileError>>,
    done_now: Mutex<BTreeSet<String>>,
    running: Mutex<Vec<Handle>>,
    over: AtomicBool,
}

impl<'a> Driver<'a> {
    /// Nothing done so far.
    pub(super) fn new(bench: Bench<'a>, request: &'a Request) -> Result<Self, DockerfileError> {
        let graph = planned(request, request.target.as_deref())?;
        if bench.confined.is_some() {
            Confinement::check(bench.host)?;
        }
        Ok(Self {
            bench,
            request,
            graph,
            images: Known::default(),
            taken: Mutex::default(),
            turns: Turns::new(request.jobs),
            limits: permitted(&bench, request),
            ends: request
                .dockerfile
                .stages
                .iter()
                .map(|_| OnceLock::new())
                .collect(),
            failures: Mutex::default(),
            done_now: Mutex::default(),
            running: Mutex::default(),
            over: AtomicBool::new(false),
        })
    }

    /// The end of the target. The first failure ends the rest as soon as may be.
    pub(super) fn build(&self) -> Result<End, DockerfileError> {
        let target = self.graph.target;
        if self.request.jobs > 1 {
            std::thread::scope(|scope| {
                for node in &self.graph.nodes {
                    scope.spawn(|| self.end(node.stage));
                }
            });
        }
        let end = self.end(target);
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        match end {
            Some(end) if failures.is_empty() => Ok(end),
            _ if failures.is_empty() => Err(self.skipped(target)),
            _ => Err(failures.remove(0)),
        }
    }

    /// The end of a stage. Whoever asks first builds it, the others wait. `None`: it failed, which is told elsewhere.
    fn end(&self, stage: usize) -> Option<End> {
        self.ends[stage]
            .get_or_init(|| match stage::build(self, stage) {
                Ok(end) => Some(end),
                Err(failure) => {
                    self.give_up();
                    if !matches!(failure, DockerfileError::Skipped { .. }) {
                        let mut failures =
                            self.failures.lock().unwrap_or_else(PoisonError::into_inner);
                        failures.push(failure);
                    }
                    None
                }
            })
            .clone()
    }

    /// The end of another stage.
    pub(super) fn end_of(&self, stage: usize) -> Result<End, DockerfileError> {
        self.end(stage).ok_or_else(|| self.skipped(stage))
    }

    /// Takes note of a command that runs, so that it ends when something else fails.
    pub(super) fn runs(&self, handle: Handle) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if self.over.load(Ordering::Acquire) {
            handle.kill();
        }
        running.push(handle);
    }

    /// Begins nothing more, and ends what runs.
    fn give_up(&self) {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        self.over.store(true, Ordering::Release);
        // Those that have ended do not mind.
        running.iter().for_each(Handle::kill);
    }

    /// Fails once something else has failed.
    pub(super) fn go_on(&self, what: &str) -> Result<(), DockerfileError> {
        if self.over.load(Ordering::Acquire) {
            return Err(DockerfileError::Skipped {
                stage: what.to_owned(),
            });
        }
        Ok(())
    }

    fn skipped(&self, stage: usize) -> DockerfileError {
        DockerfileError::Skipped {
            stage: self.name(stage),
        }
    }

    /// What a stage is called: by its name, else by its number.
    pub(super) fn name(&self, stage: usize) -> String {
        match &self.request.dockerfile.stages[stage].name {
            Some(name) => name.text.to_lowercase(),
            None => format!("stage-{stage}"),
        }
    }

    /// The `FROM` of a stage as it is written.
    pub(super) fn title(&self, stage: usize) -> &str {
        &self.request.dockerfile.stages[stage].from.line
    }

    /// How a stage hangs together with others. One that only the triggers of a base image ask for is not in the graph.
    pub(super) fn node(&self, stage: usize) -> Result<Node, DockerfileError> {
        let nodes = &self.graph.nodes;
        if let Some(node) = nodes.iter().find(|node| node.stage == stage) {
            return Ok(node.clone());
        }
        let mut graph = planned(self.request, Some(&stage.to_string()))?;
        let node = graph.nodes.pop();
        Ok(node.expect("the target is the last of the nodes"))
    }

    /// Whether what a stage did before may be used: nobody said otherwise, or it was done just now.
    pub(super) fn may_use(&self, stage: usize, key: &str) -> bool {
        let again = match &self.request.no_cache {
            NoCache::Nothing => false,
            NoCache::All => true,
            NoCache::Stages(names) => {
                let name = self.name(stage);
                let number = stage.to_string();
                names
                    .iter()
                    .any(|wanted| wanted.eq_ignore_ascii_case(&name) || *wanted == number)
            }
        };
        !again || self.done_now.lock().is_ok_and(|done| done.contains(key))
    }

    /// Remembers that the work of a key was done just now.
    pub(super) fn done_now(&self, key: &str) {
        if let Ok(mut done) = self.done_now.lock() {
            done.insert(key.to_owned());
        }
    }

    /// Takes note of what is taken from elsewhere.
    pub(super) fn note(&self, note: impl FnOnce(&mut Taken)) {
        note(&mut self.taken.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// What was taken from elsewhere so far.
    pub(super) fn taken(&self) -> Taken {
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.clone()
    }

    /// The network that a command sees.
    pub(super) fn network(&self, asked: RunNetwork) -> RunNetwork {
        match asked {
            RunNetwork::Default => self.request.network,
            other => other,
        }
    }
}
