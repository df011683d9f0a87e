//! The stop of all: readiness off and a delay, then level by level from the last started, all within one budget.

use std::collections::BTreeSet;
use std::time::Duration;

use super::machine::{Action, Phase, Supervisor};
use super::stage::{Note, Stage};
use crate::exit::Ending;
use crate::signal::Signal;

/// Kept back at the end of the budget for KILL and for what is still to be written; at most a quarter of the budget.
const RESERVE: Duration = Duration::from_secs(2);

/// What each level below is sure to have left, if there is so much.
const SHARE: Duration = Duration::from_secs(2);

/// How long a killed service keeps those before it waiting: it may hang in the kernel.
const PASS: Duration = Duration::from_millis(500);

/// How long a service that is ended alone may take, whatever it was promised, where nothing else limits it.
const ALONE: Duration = Duration::from_secs(30);

/// A stop that is under way.
#[derive(Clone, Debug)]
pub(super) struct Stopping {
    /// The exit code, if a service named it.
    code: Option<u8>,
    /// How often somebody asked.
    asked: u32,
    /// All go on until then.
    delay: Option<Duration>,
    /// The level that is being stopped; those above are gone.
    level: Option<usize>,
    /// When all that is left is killed.
    kill_at: Option<Duration>,
    /// When init exits whatever is left.
    deadline: Duration,
    killed: bool,
}

impl Stopping {
    pub(super) fn due(&self) -> Option<Duration> {
        self.delay
            .into_iter()
            .chain(self.kill_at)
            .chain([self.deadline])
            .min()
    }

    pub(super) fn deadline(&self) -> Duration {
        self.deadline
    }

    /// There is nothing to wait for any more: what all go on for has ended.
    pub(super) fn cut_delay(&mut self) {
        self.delay = None;
    }
}

impl Supervisor {
    /// Somebody asks: the first time for a stop in order, the second without delay and order, the third at once.
    pub(super) fn asked_to_stop(&mut self, now: Duration) {
        let asked = match &mut self.phase {
            Phase::Running => {
                self.stop_all(None, now);
                return;
            }
            Phase::Stopping(stopping) => {
                stopping.asked += 1;
                stopping.delay = None;
                stopping.asked
            }
            Phase::Exited(_) => return,
        };
        let live: Vec<usize> = self.live().collect();
        for index in live {
            if asked == 2 {
                let left = self.time_left(now);
                self.end(index, now, left);
            } else if asked > 2 {
                self.kill(index, now);
            }
        }
    }

    /// Begins a stop, if there is none. With a code a service has failed or ended; without one somebody asked.
    pub(super) fn stop_all(&mut self, code: Option<u8>, now: Duration) {
        if !matches!(self.phase, Phase::Running) {
            return;
        }
        self.tell(None, Note::Stopping { code });
        if self.ready {
            self.ready = false;
            self.actions.push(Action::SetReady(false));
        }
        for state in &mut self.states {
            if !state.stage.lives() {
                state.stage = Stage::Gone;
            }
        }
        let budget = self.plan.budget;
        let deadline = now.saturating_add(budget);
        let delay = self.plan.stop_delay.min(budget / 2);
        let asked = code.is_none();
        self.phase = Phase::Stopping(Stopping {
            code,
            asked: u32::from(asked),
            delay: (asked && !delay.is_zero()).then(|| now.saturating_add(delay)),
            level: None,
            kill_at: Some(now.saturating_add(budget.saturating_sub(RESERVE.min(budget / 4)))),
            deadline,
            killed: false,
        });
    }

    /// Does what is due in a stop.
    pub(super) fn stop_goes_on(&mut self, now: Duration) {
        let Phase::Stopping(stopping) = &mut self.phase else {
            return;
        };
        let waits = stopping.delay.is_some_and(|until| until > now);
        let kill_all = stopping.kill_at.take_if(|at| *at <= now).is_some();
        let (code, deadline) = (stopping.code, stopping.deadline);
        for index in self.live().collect::<Vec<_>>() {
            let stage = self.states.get(index).map(|state| &state.stage);
            let late = matches!(stage, Some(Stage::Ending { kill_at }) if *kill_at <= now);
            if kill_all || late {
                self.kill(index, now);
            }
        }
        // Also while all go on: what is due has to be done, or init would wake for it without end.
        for state in &mut self.states {
            if let Stage::Killed { pass_at } = &mut state.stage {
                pass_at.take_if(|at| *at <= now);
            }
        }
        if waits {
            return;
        }
        if let Phase::Stopping(stopping) = &mut self.phase {
            stopping.delay = None;
        }
        self.next_level(now);
        if self.live().next().is_none() || deadline <= now {
            let code = code.unwrap_or_else(|| self.code_of_stop());
            self.phase = Phase::Exited(deadline);
            self.actions.push(Action::Exit(code));
        }
    }

    /// Goes on to the highest level with something alive, if those above are gone or were killed long enough ago.
    fn next_level(&mut self, now: Duration) {
        let keeps_waiting = |stage: &Stage| match stage {
            Stage::Killed { pass_at } => pass_at.is_some(),
            stage => stage.lives(),
        };
        let levels = self.states.iter().zip(&self.plan.services);
        let highest = levels
            .filter(|(state, _)| keeps_waiting(&state.stage))
            .map(|(_, spec)| spec.level)
            .max();
        let Phase::Stopping(stopping) = &mut self.phase else {
            return;
        };
        let Some(level) = highest.filter(|level| stopping.level.is_none_or(|now| *level < now))
        else {
            return;
        };
        stopping.level = Some(level);
        let left = self.time_left(now);
        let members: Vec<usize> = self
            .live()
            .filter(|index| self.spec(*index).is_some_and(|spec| spec.level == level))
            .collect();
        for index in members {
            self.end(index, now, left);
        }
    }

    /// How long the level that is being stopped may take: the rest of the budget less a share for each level below.
    fn time_left(&self, now: Duration) -> Duration {
        let Phase::Stopping(stopping) = &self.phase else {
            return ALONE;
        };
        let left = stopping.kill_at.unwrap_or(now).saturating_sub(now);
        let level = stopping.level.unwrap_or(0);
        let lower: BTreeSet<usize> = self
            .live()
            .filter_map(|index| self.spec(index).map(|spec| spec.level))
            .filter(|other| *other < level)
            .collect();
        let below = u32::try_from(lower.len()).unwrap_or(u32::MAX);
        let share = SHARE.min(left / below.saturating_add(1));
        left.saturating_sub(share.saturating_mul(below))
    }

    /// Asks a service to end within its grace, and within `most`.
    pub(super) fn end(&mut self, index: usize, now: Duration, most: Duration) {
        let (Some(state), Some(spec)) = (self.states.get_mut(index), self.plan.services.get(index))
        else {
            return;
        };
        if !state.stage.lives()
            || matches!(state.stage, Stage::Ending { .. } | Stage::Killed { .. })
        {
            return;
        }
        let grace = spec.grace.min(most);
        let signal = spec.stop_signal;
        state.stage = Stage::Ending {
            kill_at: now.saturating_add(grace),
        };
        self.actions.push(Action::Send(index, signal));
    }

    pub(super) fn kill(&mut self, index: usize, now: Duration) {
        let Some(state) = self.states.get_mut(index) else {
            return;
        };
        if !state.stage.lives() || matches!(state.stage, Stage::Killed { .. }) {
            return;
        }
        state.stage = Stage::Killed {
            pass_at: Some(now.saturating_add(PASS)),
        };
        if let Phase::Stopping(stopping) = &mut self.phase {
            stopping.killed = true;
        }
        self.tell(index, Note::Killing);
        self.actions.push(Action::Send(index, Signal::KILL));
    }

    fn live(&self) -> impl Iterator<Item = usize> {
        self.states
            .iter()
            .enumerate()
            .filter(|(_, state)| state.stage.lives())
            .map(|(index, _)| index)
    }

    /// The code of a stop that was asked for: 137 if something had to be killed; else that of the first service, in
    /// order, that ended otherwise than with 0 or by its stop signal.
    fn code_of_stop(&self) -> u8 {
        if matches!(&self.phase, Phase::Stopping(stopping) if stopping.killed) {
            return Ending::Killed(Signal::KILL).code();
        }
        let ends = self.states.iter().zip(&self.plan.services);
        let own = ends.filter_map(|(state, spec)| {
            let code = state.last?.code();
            let by_stop = Ending::Killed(spec.stop_signal).code();
            (code != 0 && code != by_stop && spec.essential).then_some(code)
        });
        own.into_iter().next().unwrap_or(0)
    }
}
