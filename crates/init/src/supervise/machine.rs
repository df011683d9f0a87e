//! The state and its steps.

use std::time::Duration;

use super::plan::{Plan, Spec};
use super::stage::{Note, Stage};
use super::stop::Stopping;
use crate::exit::Ending;
use crate::signal::Signal;

/// How long a probe is not repeated after one that failed.
pub(super) const PROBE_PAUSE: Duration = Duration::from_millis(200);

/// What happened. Services are named by their index in the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Time has passed: see [`Supervisor::deadline`].
    Tick,
    /// A service runs.
    Started(usize),
    /// A service could not be started; with the exit code that tells it.
    NotStarted(usize, u8),
    /// Services were found dead, in any order.
    Ended(Vec<(usize, Ending)>),
    /// A service said that it is ready.
    Ready(usize),
    /// A probe ended.
    Probed(usize, bool),
    /// Init received a signal other than CHLD.
    Received(Signal),
    /// Somebody asks that a service be ended and started again.
    Restart(usize),
}

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Start a service.
    Start(usize),
    /// Ask once whether it is ready.
    Probe(usize),
    /// Send it a signal, as its target says.
    Send(usize, Signal),
    /// Answer those who ask that all are ready, or that they are not.
    SetReady(bool),
    /// Tell, of a service or of all.
    Tell(Option<usize>, Note),
    /// Exit with this code.
    Exit(u8),
}

/// The probe that is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Probe {
    None,
    /// It asks the process that runs.
    Asks,
    /// It asks the process before that: its answer is not taken.
    IsLate,
}

#[derive(Clone, Debug)]
pub(super) struct State {
    pub stage: Stage,
    /// It has been ready once: those after it may start.
    pub was_ready: bool,
    /// When it was started again, in the time that counts.
    pub restarts: Vec<Duration>,
    /// How often in a row.
    pub streak: u32,
    pub probe: Probe,
    pub probe_at: Duration,
    /// It is being ended because it was not ready in time.
    pub late: bool,
    /// It is being ended to be started again at once.
    pub again: bool,
    /// How often it was started.
    pub starts: u64,
    /// How it ended last.
    pub last: Option<Ending>,
}

#[derive(Clone, Debug)]
pub(super) enum Phase {
    Running,
    Stopping(Stopping),
    /// With the end of the budget.
    Exited(Duration),
}

/// The state of all. Times are since any fixed point, the same for all calls.
#[derive(Clone, Debug)]
pub struct Supervisor {
    pub(super) plan: Plan,
    pub(super) states: Vec<State>,
    pub(super) phase: Phase,
    pub(super) ready: bool,
    pub(super) actions: Vec<Action>,
}

impl Supervisor {
    /// Nothing runs yet; the first tick starts.
    pub fn new(plan: Plan) -> Self {
        let state = State {
            stage: Stage::Waiting,
            was_ready: false,
            restarts: Vec::new(),
            streak: 0,
            probe: Probe::None,
            probe_at: Duration::ZERO,
            late: false,
            again: false,
            starts: 0,
            last: None,
        };
        Self {
            states: vec![state; plan.services.len()],
            plan,
            phase: Phase::Running,
            ready: false,
            actions: Vec::new(),
        }
    }

    /// The plan.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Whether all are ready and no stop was asked for.
    pub fn is_ready(&self) -> bool {
        self.ready
    }

    /// Whether a stop is under way or done.
    pub fn is_stopping(&self) -> bool {
        !matches!(self.phase, Phase::Running)
    }

    /// When init has to be gone, once a stop has begun.
    pub fn end_of_budget(&self) -> Option<Duration> {
        match &self.phase {
            Phase::Running => None,
            Phase::Stopping(stopping) => Some(stopping.deadline()),
            Phase::Exited(deadline) => Some(*deadline),
        }
    }

    /// Takes an event at the time `now` and tells what to do, in this order.
    pub fn step(&mut self, event: Event, now: Duration) -> Vec<Action> {
        match event {
            Event::Tick => {}
            Event::Started(index) => self.started(index, now),
            Event::NotStarted(index, code) => self.ended(index, Ending::Exited(code), now),
            Event::Ended(mut dead) => {
                // Of several, the first in order names the exit code.
                dead.sort_by_key(|(index, _)| *index);
                for (index, ending) in dead {
                    self.ended(index, ending, now);
                }
            }
            Event::Ready(index) => self.became_ready(index, now),
            Event::Probed(index, ok) => self.probed(index, ok, now),
            Event::Received(signal) => self.received(signal, now),
            Event::Restart(index) => self.restart(index, now),
        }
        self.settle(now);
        self.stop_goes_on(now);
        std::mem::take(&mut self.actions)
    }

    /// When [`Event::Tick`] is due, if nothing happens before.
    pub fn deadline(&self) -> Option<Duration> {
        let running = matches!(self.phase, Phase::Running);
        let stages = self
            .states
            .iter()
            .zip(&self.plan.services)
            .filter_map(|(state, spec)| match state.stage {
                Stage::Starting { ready_by } => {
                    let probe = (spec.ready.is_asked()
                        && !spec.oneshot
                        && state.probe == Probe::None
                        && running)
                        .then_some(state.probe_at);
                    probe.into_iter().chain(running.then_some(ready_by)).min()
                }
                Stage::Pausing { until } => Some(until),
                Stage::Ending { kill_at } => Some(kill_at),
                Stage::Killed { pass_at } => pass_at.filter(|_| !running),
                _ => None,
            });
        let stop = match &self.phase {
            Phase::Stopping(stopping) => stopping.due(),
            _ => None,
        };
        stages.chain(stop).min()
    }

    pub(super) fn spec(&self, index: usize) -> Option<&Spec> {
        self.plan.services.get(index)
    }

    pub(super) fn tell(&mut self, index: impl Into<Option<usize>>, note: Note) {
        self.actions.push(Action::Tell(index.into(), note));
    }

    fn received(&mut self, signal: Signal, now: Duration) {
        if [Signal::TERM, Signal::INT, Signal::QUIT].contains(&signal) {
            self.asked_to_stop(now);
            return;
        }
        // All others are for the role's own command, as if it were alone.
        let main = self
            .plan
            .services
            .iter()
            .position(|spec| spec.name == crate::contract::MAIN);
        if let Some(main) = main
            && self
                .states
                .get(main)
                .is_some_and(|state| state.stage.lives() && state.stage != Stage::Spawning)
        {
            self.actions.push(Action::Send(main, signal));
        }
    }
}
