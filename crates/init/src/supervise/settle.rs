//! While all is well: starts in order, readiness, restarts.

use std::time::Duration;

use super::machine::{Action, PROBE_PAUSE, Phase, Probe, Supervisor};
use super::plan::Spec;
use super::ready::Readiness;
use super::stage::{Note, Stage};
use crate::contract::Restart;
use crate::exit::{self, Ending};

/// The first pause before a restart, doubled for each further one in a row.
const PAUSE: Duration = Duration::from_millis(500);

/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// After so long it is healthy: the next pause is the first again.
const HEALTHY: Duration = Duration::from_secs(60);

/// So many restarts ..
const RESTARTS: usize = 5;

/// .. in so much time are too many.
const WINDOW: Duration = Duration::from_secs(600);

impl Supervisor {
    /// Starts what can start, asks what is to be asked, gives up on what takes too long.
    pub(super) fn settle(&mut self, now: Duration) {
        if !matches!(self.phase, Phase::Running) {
            return;
        }
        for index in 0..self.states.len() {
            self.settle_one(index, now);
            if !matches!(self.phase, Phase::Running) {
                return;
            }
        }
        let all_ready =
            self.states
                .iter()
                .zip(&self.plan.services)
                .all(|(state, spec)| match state.stage {
                    Stage::Up { .. } => true,
                    Stage::Gone => !spec.essential || (spec.oneshot && state.was_ready),
                    _ => !spec.essential,
                });
        if all_ready != self.ready {
            self.ready = all_ready;
            // Told first: what follows from it may print something too.
            if all_ready {
                self.tell(None, Note::AllReady);
            }
            self.actions.push(Action::SetReady(all_ready));
        }
        if self.states.iter().all(|state| state.stage == Stage::Gone) {
            self.stop_all(Some(0), now);
        }
    }

    fn settle_one(&mut self, index: usize, now: Duration) {
        let (Some(state), Some(spec)) = (self.states.get(index), self.plan.services.get(index))
        else {
            return;
        };
        match state.stage {
            Stage::Waiting => {
                let ready = |before: &usize| {
                    self.states
                        .get(*before)
                        .is_some_and(|state| state.was_ready)
                };
                if spec.after.iter().all(ready) {
                    self.spawn(index);
                } else if spec.after.iter().any(|before| self.never(*before)) {
                    // What it waits for will not come, and is not essential; neither can it.
                    self.gone(index, exit::UNAVAILABLE, now);
                }
            }
            Stage::Pausing { until } if until <= now => self.spawn(index),
            Stage::Starting { ready_by } if ready_by <= now => self.not_ready(index, now),
            Stage::Starting { .. }
                if spec.ready.is_asked()
                    && !spec.oneshot
                    && state.probe == Probe::None
                    && state.probe_at <= now =>
            {
                if let Some(state) = self.states.get_mut(index) {
                    state.probe = Probe::Asks;
                    self.actions.push(Action::Probe(index));
                }
            }
            Stage::Ending { kill_at } if kill_at <= now => self.kill(index, now),
            _ => {}
        }
    }

    fn never(&self, index: usize) -> bool {
        self.states
            .get(index)
            .is_some_and(|state| state.stage == Stage::Gone && !state.was_ready)
    }

    pub(super) fn spawn(&mut self, index: usize) {
        if let Some(state) = self.states.get_mut(index) {
            state.stage = Stage::Spawning;
            state.late = false;
            if state.probe == Probe::Asks {
                state.probe = Probe::IsLate;
            }
            state.starts = state.starts.saturating_add(1);
            self.actions.push(Action::Start(index));
        }
    }

    pub(super) fn started(&mut self, index: usize, now: Duration) {
        let (Some(state), Some(spec)) = (self.states.get_mut(index), self.plan.services.get(index))
        else {
            return;
        };
        if state.stage != Stage::Spawning {
            return;
        }
        state.probe_at = now;
        state.stage = Stage::Starting {
            ready_by: now.saturating_add(spec.ready_timeout),
        };
        if spec.ready == Readiness::Running && !spec.oneshot {
            self.became_ready(index, now);
        }
    }

    pub(super) fn became_ready(&mut self, index: usize, now: Duration) {
        let (Some(state), Some(spec)) = (self.states.get_mut(index), self.plan.services.get(index))
        else {
            return;
        };
        let is_starting = matches!(state.stage, Stage::Starting { .. });
        if !is_starting || spec.oneshot || !matches!(self.phase, Phase::Running) {
            return;
        }
        state.stage = Stage::Up { since: now };
        state.was_ready = true;
        if spec.ready != Readiness::Running {
            self.tell(index, Note::Ready);
        }
    }

    pub(super) fn probed(&mut self, index: usize, ok: bool, now: Duration) {
        let Some(state) = self.states.get_mut(index) else {
            return;
        };
        let asked = std::mem::replace(&mut state.probe, Probe::None) == Probe::Asks;
        state.probe_at = now.saturating_add(PROBE_PAUSE);
        if asked && ok {
            self.became_ready(index, now);
        }
    }

    fn not_ready(&mut self, index: usize, now: Duration) {
        let Some(spec) = self.spec(index) else {
            return;
        };
        let (limit, fatal) = (
            spec.ready_timeout,
            spec.essential && spec.restart == Restart::Never,
        );
        self.tell(index, Note::NotReady { limit });
        if fatal {
            self.stop_all(Some(exit::UNAVAILABLE), now);
        } else {
            if let Some(state) = self.states.get_mut(index) {
                state.late = true;
            }
            self.end(index, now, Duration::MAX);
        }
    }

    /// A service is dead.
    pub(super) fn ended(&mut self, index: usize, ending: Ending, now: Duration) {
        let (Some(state), Some(spec)) = (self.states.get_mut(index), self.plan.services.get(index))
        else {
            return;
        };
        if !state.stage.lives() {
            return;
        }
        let lived = match state.stage {
            Stage::Up { since } => now.saturating_sub(since),
            _ => Duration::ZERO,
        };
        state.last = Some(ending);
        let code = if std::mem::take(&mut state.late) {
            exit::UNAVAILABLE
        } else {
            ending.code()
        };
        let done = spec.oneshot && code == 0;
        state.was_ready |= done;
        if lived >= HEALTHY {
            state.streak = 0;
        }
        state.restarts.retain(|at| now.saturating_sub(*at) < WINDOW);
        let often = state.restarts.len() >= RESTARTS;
        let wants = wants_restart(spec, code) && !done;
        let running = matches!(self.phase, Phase::Running);
        let again = std::mem::take(&mut state.again) && running;
        let matters = spec.essential && !spec.oneshot;
        if let Phase::Stopping(stopping) = &mut self.phase
            && matters
        {
            stopping.cut_delay();
        }
        self.tell(index, Note::Ended(ending));
        if again {
            self.start_again(index);
            return;
        }
        if running && wants && !often {
            self.pause(index, now);
            return;
        }
        if running && wants {
            self.tell(index, Note::GivenUp);
        }
        if running && !done {
            self.gone(index, code, now);
        } else if let Some(state) = self.states.get_mut(index) {
            state.stage = Stage::Gone;
        }
    }

    fn pause(&mut self, index: usize, now: Duration) {
        let Some(state) = self.states.get_mut(index) else {
            return;
        };
        let after = PAUSE
            .saturating_mul(2_u32.saturating_pow(state.streak.min(16)))
            .min(LONGEST_PAUSE);
        state.streak = state.streak.saturating_add(1);
        state.restarts.push(now);
        // An end that was made good again is not the one that a later stop tells.
        state.last = None;
        state.stage = Stage::Pausing {
            until: now.saturating_add(after),
        };
        self.tell(index, Note::Restarting { after });
    }

    /// It will not run again; all end with it if it is essential.
    fn gone(&mut self, index: usize, code: u8, now: Duration) {
        if let Some(state) = self.states.get_mut(index) {
            state.stage = Stage::Gone;
        }
        if self.spec(index).is_some_and(|spec| spec.essential) {
            self.stop_all(Some(code), now);
        }
    }
}

fn wants_restart(spec: &Spec, code: u8) -> bool {
    match spec.restart {
        Restart::Never => false,
        Restart::OnFailure => code != 0,
        Restart::Always => true,
    }
}
