//! Stops the processes of a session.

use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::message::Message;
use super::record::State;
use super::supervise::Session;
use super::{SessionError, order};
use crate::sandbox::Handle;

/// What init needs beyond a process's own grace, which it ends with KILL.
const INIT_EXTRA: Duration = Duration::from_secs(2);

impl Session<'_> {
    /// Stops everything, what others need last. A second stop, or a grace that is over, kills.
    pub(super) fn stop_all(&mut self) -> Result<(), SessionError> {
        let mut deadlines: Vec<Option<Instant>> = vec![None; self.states.len()];
        loop {
            let running: Vec<bool> = self.running.iter().map(Option::is_some).collect();
            if !running.contains(&true) {
                return Ok(());
            }
            for at in order::stoppable(&self.plan.processes, &self.states, &running) {
                if let Some(handle) = &self.running[at] {
                    // Init turns TERM into the role's own stop signal.
                    handle.signal(Signal::TERM);
                }
                self.states[at] = State::Stopping;
                let grace =
                    Duration::from_secs(self.plan.processes[at].stop.grace_secs) + INIT_EXTRA;
                deadlines[at] = Some(Instant::now() + grace);
            }
            let _ = self.write_record();
            let next = deadlines.iter().flatten().min().copied();
            let patience = next.map_or(Duration::from_secs(1), |next| {
                next.saturating_duration_since(Instant::now())
            });
            match self.messages.recv_timeout(patience) {
                Ok(Message::Exited { at, code }) => {
                    deadlines[at] = None;
                    self.exited(at, code);
                }
                Ok(Message::Stop) => self.running.iter().flatten().for_each(Handle::kill),
                Ok(Message::Ready { .. } | Message::NotReady { .. } | Message::Again { .. }) => {}
                Err(_) => {
                    for (at, deadline) in deadlines.iter_mut().enumerate() {
                        if deadline.is_some_and(|deadline| deadline <= Instant::now()) {
                            *deadline = None;
                            self.running[at].iter().for_each(Handle::kill);
                        }
                    }
                }
            }
        }
    }
}
