//! The states and what leads from one to the next.

use std::time::Duration;

use super::event::{Action, Event, Recipient};
use super::policy::{Farewell, Policy, Suspension};
use crate::exit::Ending;
use crate::signal::Signal;

/// How long processes that outlive the main process may take after their TERM.
pub const LEFTOVER_GRACE: Duration = Duration::from_secs(5);

/// How long killed processes may take to vanish before init exits all the same (one may hang in the kernel).
const KILL_GRACE: Duration = Duration::from_secs(1);

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
    /// Whether the main process was stopped at some time, and may still be.
    suspended: bool,
}

impl Life {
    /// The main process has just been started.
    pub fn new(main: i32, policy: Policy) -> Self {
        Self {
            main,
            policy,
            phase: Phase::Running,
            suspended: false,
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

    /// Whether the main process is being stopped, or is gone.
    pub fn is_stopping(&self) -> bool {
        self.phase != Phase::Running
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
            Event::Suspended { pid } if pid == self.main => self.suspended(),
            Event::Suspended { .. } => Vec::new(),
            Event::Drained { living } => self.drained(living, now),
            Event::Deadline => self.expired(now),
        }
    }

    fn received(&mut self, signal: Signal, now: Duration) -> Vec<Action> {
        let ignored = &mut self.policy.ignored_once;
        if let Some(index) = ignored.iter().position(|&once| once == signal) {
            ignored.swap_remove(index);
            return Vec::new();
        }
        // After the end the signal has no recipient any more, and leaving is under way.
        let (Phase::Running | Phase::Stopping { .. }, Some(sent)) = (self.phase, self.sent(signal))
        else {
            return Vec::new();
        };
        let asks_to_stop = [signal, sent]
            .iter()
            .any(|&one| one == Signal::TERM || one == self.policy.stop_signal);
        let mut actions = vec![Action::Send(sent, self.recipient(signal))];
        if self.phase == Phase::Running && asks_to_stop {
            let kill_at = self.policy.grace.and_then(|grace| now.checked_add(grace));
            self.phase = Phase::Stopping { kill_at };
            // A stopped process takes its signal only when it goes on.
            if self.suspended {
                actions.push(Action::Send(Signal::CONT, Recipient::Group));
            }
        }
        if self.policy.suspension == Suspension::AfterSignal
            && [Signal::TSTP, Signal::TTIN, Signal::TTOU].contains(&signal)
        {
            actions.push(Action::Suspend);
        }
        actions
    }

    /// What is sent for a signal, if anything is.
    fn sent(&self, signal: Signal) -> Option<Signal> {
        let mut rewrites = self.policy.rewrites.iter().rev();
        match rewrites.find(|rewrite| rewrite.from == signal) {
            Some(rewrite) => rewrite.to,
            None if signal == Signal::TERM => Some(self.policy.stop_signal),
            None => Some(signal),
        }
    }

    /// Who gets it. The key of a terminal stops a whole group, so it is the group that goes on.
    fn recipient(&self, signal: Signal) -> Recipient {
        if signal == Signal::CONT && self.policy.suspension == Suspension::WithMain {
            Recipient::Group
        } else {
            self.policy.target.into()
        }
    }

    /// The main process was stopped: init stops too, for the shell that waits for init.
    fn suspended(&mut self) -> Vec<Action> {
        self.suspended = true;
        let is_running = self.phase == Phase::Running;
        if is_running && self.policy.suspension == Suspension::WithMain {
            vec![Action::Suspend]
        } else {
            Vec::new()
        }
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
        match self.policy.farewell {
            Farewell::Group => {
                let sent = self.sent(Signal::TERM);
                let last = sent.map(|sent| Action::Send(sent, Recipient::Group));
                return last.into_iter().chain([Action::Exit(code)]).collect();
            }
            Farewell::Everybody if living => {}
            Farewell::Everybody | Farewell::Nobody => return vec![Action::Exit(code)],
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
