//! The life of the main process, from its start to the exit of init: what to do at each event.
//!
//! ```text
//! Running --TERM--> Stopping --(grace over: KILL)--> Stopping
//!    \_____main ends____/
//!             v
//!          Ended --nobody left--> exit
//!             |
//!       others are left: TERM, CONT
//!             v
//!          Leaving --(grace over: KILL)--> Killing --> exit
//! ```

use std::time::Duration;

use crate::contract::Target;
use crate::exit::Ending;
use crate::signal::Signal;

/// How long processes that outlive the main process may take after their TERM.
pub const LEFTOVER_GRACE: Duration = Duration::from_secs(5);

/// How long killed processes may take to vanish before init exits all the same (one may hang in the kernel).
const KILL_GRACE: Duration = Duration::from_secs(1);

/// How to treat the main process and what it leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Who gets forwarded signals.
    pub target: Target,
    /// What is sent when init receives TERM.
    pub stop_signal: Signal,
    /// Time between a stop and KILL; none where nobody promised one.
    pub grace: Option<Duration>,
    /// Whether processes that outlive the main one can be reached at all.
    pub leftovers: bool,
    /// Which ends of the main process count as success.
    pub success: Success,
}

/// Which ends of the main process count as success, beside exit code 0.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Success {
    /// These codes.
    pub codes: Vec<u8>,
    /// The end by the stop signal (128 + its number), if init had been asked to stop and had sent it.
    pub stopped: bool,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// Init received a signal other than CHLD.
    Received(Signal),
    /// A child was reaped: the main process or an orphan.
    Reaped {
        /// Its process id.
        pid: i32,
        /// How it ended.
        ending: Ending,
    },
    /// All dead children are reaped.
    Drained {
        /// Whether there are children that live.
        living: bool,
    },
    /// The time that [`Life::deadline`] told has come.
    Deadline,
}

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Send a signal.
    Send(Signal, Recipient),
    /// Exit with this code.
    Exit(u8),
}

/// Who gets a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recipient {
    /// The main process.
    Main,
    /// Its process group.
    Group,
    /// Every process but init.
    All,
}

impl From<Target> for Recipient {
    fn from(target: Target) -> Self {
        match target {
            Target::Main => Self::Main,
            Target::Group => Self::Group,
            Target::All => Self::All,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Running,
    Stopping { kill_at: Option<Duration> },
    Ended { code: u8, limit: Option<Duration> },
    Leaving { code: u8, kill_at: Duration },
    Killing { code: u8, exit_at: Duration },
}

/// The state. Times are since any fixed point that the caller chooses, the same for all calls.
#[derive(Clone, Debug)]
pub struct Life {
    main: i32,
    policy: Policy,
    phase: Phase,
}

impl Life {
    /// The main process has just been started.
    pub fn new(main: i32, policy: Policy) -> Self {
        Self {
            main,
            policy,
            phase: Phase::Running,
        }
    }

    /// When [`Event::Deadline`] is due, if ever.
    pub fn deadline(&self) -> Option<Duration> {
        match self.phase {
            Phase::Running | Phase::Ended { .. } => None,
            Phase::Stopping { kill_at } => kill_at,
            Phase::Leaving { kill_at, .. } => Some(kill_at),
            Phase::Killing { exit_at, .. } => Some(exit_at),
        }
    }

    /// Takes an event at the time `now` and tells what to do, in this order.
    pub fn step(&mut self, event: Event, now: Duration) -> Vec<Action> {
        match event {
            Event::Received(signal) => self.received(signal, now),
            Event::Reaped { pid, ending } => {
                if pid == self.main {
                    self.ended(ending);
                }
                Vec::new()
            }
            Event::Drained { living } => self.drained(living, now),
            Event::Deadline => self.expired(now),
        }
    }

    fn received(&mut self, signal: Signal, now: Duration) -> Vec<Action> {
        let asks_to_stop = signal == Signal::TERM || signal == self.policy.stop_signal;
        match self.phase {
            Phase::Running if asks_to_stop => {
                let kill_at = self.policy.grace.and_then(|grace| now.checked_add(grace));
                self.phase = Phase::Stopping { kill_at };
            }
            Phase::Running | Phase::Stopping { .. } => {}
            // The main process is gone: the signal has no recipient any more, and leaving is under way.
            Phase::Ended { .. } | Phase::Leaving { .. } | Phase::Killing { .. } => {
                return Vec::new();
            }
        }
        let sent = if signal == Signal::TERM {
            self.policy.stop_signal
        } else {
            signal
        };
        vec![Action::Send(sent, self.policy.target.into())]
    }

    fn ended(&mut self, ending: Ending) {
        let (stopping, limit) = match self.phase {
            Phase::Stopping { kill_at } => (true, kill_at),
            _ => (false, None),
        };
        let code = ending.code();
        let by_stop = Ending::Killed(self.policy.stop_signal).code();
        let success = &self.policy.success;
        let is_success =
            success.codes.contains(&code) || (success.stopped && stopping && code == by_stop);
        self.phase = Phase::Ended {
            code: if is_success { 0 } else { code },
            limit,
        };
    }

    fn drained(&mut self, living: bool, now: Duration) -> Vec<Action> {
        let (code, limit) = match self.phase {
            Phase::Running | Phase::Stopping { .. } => return Vec::new(),
            Phase::Leaving { .. } | Phase::Killing { .. } if living => return Vec::new(),
            Phase::Leaving { code, .. } | Phase::Killing { code, .. } => (code, None),
            Phase::Ended { code, limit } => (code, limit),
        };
        if !living || !self.policy.leftovers {
            return vec![Action::Exit(code)];
        }
        let kill_at = limit
            .unwrap_or(Duration::MAX)
            .min(now.saturating_add(LEFTOVER_GRACE));
        self.phase = Phase::Leaving { code, kill_at };
        vec![
            Action::Send(Signal::TERM, Recipient::All),
            // A stopped process takes its TERM only when it goes on.
            Action::Send(Signal::CONT, Recipient::All),
        ]
    }

    fn expired(&mut self, now: Duration) -> Vec<Action> {
        match self.phase {
            Phase::Running | Phase::Ended { .. } => Vec::new(),
            Phase::Stopping { .. } => {
                self.phase = Phase::Stopping { kill_at: None };
                vec![Action::Send(Signal::KILL, Recipient::Main)]
            }
            Phase::Leaving { code, .. } => {
                let exit_at = now.saturating_add(KILL_GRACE);
                self.phase = Phase::Killing { code, exit_at };
                vec![Action::Send(Signal::KILL, Recipient::All)]
            }
            Phase::Killing { code, .. } => vec![Action::Exit(code)],
        }
    }
}
