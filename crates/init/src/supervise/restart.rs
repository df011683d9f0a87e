//! A restart that somebody asks for: its stop signal, its time, KILL, and a start at once.

use std::time::Duration;

use super::machine::{Phase, Supervisor};
use super::ready::Readiness;
use super::stage::{Note, Stage};
use crate::control::Pace;

/// How long a service has to run to be there whose readiness cannot be known, as supervisord has it.
const STAYS: Duration = Duration::from_secs(1);

impl Supervisor {
    /// How long a restart of a service takes.
    pub fn pace_of_restart(&self, index: usize) -> Option<Pace> {
        let spec = self.spec(index)?;
        let is_known = spec.oneshot || spec.ready != Readiness::Running;
        Some(Pace {
            within: spec.grace.saturating_add(spec.ready_timeout),
            stays: if is_known { Duration::ZERO } else { STAYS },
        })
    }

    /// Ends a service to start it again; one that does not run is started. What it did before no longer counts against it. While
    /// it is being ended already, nothing more is to be done: however many ask, it is started once. In a stop nothing is started.
    pub(super) fn restart(&mut self, index: usize, now: Duration) {
        let is_running = matches!(self.phase, Phase::Running);
        let Some(state) = self.states.get_mut(index).filter(|_| is_running) else {
            return;
        };
        state.restarts.clear();
        state.streak = 0;
        match state.stage {
            // It is started when those before it are ready.
            Stage::Waiting | Stage::Spawning => return,
            Stage::Pausing { .. } => state.stage = Stage::Pausing { until: now },
            Stage::Gone => {
                state.last = None;
                state.stage = Stage::Waiting;
            }
            Stage::Starting { .. }
            | Stage::Up { .. }
            | Stage::Ending { .. }
            | Stage::Killed { .. } => state.again = true,
        }
        self.tell(index, Note::AskedToRestart);
        self.end(index, now, Duration::MAX);
    }

    /// It has ended for that.
    pub(super) fn start_again(&mut self, index: usize) {
        if let Some(state) = self.states.get_mut(index) {
            // An end that was wanted is not the one that a later stop tells.
            state.last = None;
        }
        self.spawn(index);
    }
}
