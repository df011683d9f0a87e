//! What whoever asks is told of the jobs.

use super::machine::{Job, Scheduler};
use super::run::{Run, RunId, Stage};
use crate::control::{Service, State, Status};

/// The role that `cron` is.
const ROLE: &str = "cron";

impl Scheduler {
    /// The jobs in order, each by its name in the contract or its line for the shell; `init` is our process, and `pid` that of
    /// a run. A job that is not due yet waits.
    pub fn status(&self, init: i32, pid: &dyn Fn(RunId) -> Option<i32>) -> Status {
        let state = if self.drain.is_some() {
            State::Stopping
        } else {
            State::Running
        };
        let services = self.jobs.iter().map(|job| job.service(pid));
        Status {
            role: ROLE.to_owned(),
            state,
            pid: init,
            services: services.collect(),
        }
    }
}

impl Job {
    fn service(&self, pid: &dyn Fn(RunId) -> Option<i32>) -> Service {
        // With several at once, the first.
        let run = self.runs.iter().find(|run| pid(run.id).is_some());
        let delayed = self.runs.first();
        let running = self.runs.iter().filter(|run| pid(run.id).is_some());
        let running = u64::try_from(running.count()).unwrap_or(u64::MAX);
        let name = self.entry.name.as_deref();
        Service {
            name: name.unwrap_or(&self.entry.command).to_owned(),
            state: match run.or(delayed) {
                Some(run) => run.state(),
                None if self.next.is_none() => State::Ended,
                None => State::Waiting,
            },
            pid: run.and_then(|run| pid(run.id)),
            restarts: run
                .or(delayed)
                .map_or(0, |run| usize::try_from(run.attempt).unwrap_or(usize::MAX)),
            starts: self.counts.executions.saturating_add(running),
            code: self.code,
        }
    }
}

impl Run {
    fn state(&self) -> State {
        match self.stage {
            Stage::Delayed { .. } if self.attempt > 0 => State::Pausing,
            Stage::Delayed { .. } => State::Waiting,
            Stage::Running { .. } => State::Running,
            Stage::Ending { .. } | Stage::Killed => State::Stopping,
        }
    }
}
