//! What has ended: a job that is done, or one that is tried again.

use std::time::Duration;

use boatyard_plan::event::{Event, Level};
use boatyard_plan::run::Kind;

use super::SessionError;
use super::message::Message;
use super::record::State;
use super::supervise::Session;

/// Before the first time that it is tried again; doubled each time, up to the second.
const WAIT: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(60)];

/// How long to wait after it was tried again that often.
fn wait(again: u32) -> Duration {
    WAIT[0].saturating_mul(1 << again.min(10)).min(WAIT[1])
}

impl Session<'_> {
    /// A process has ended by itself.
    pub(super) fn over(&mut self, at: usize, code: i32) -> Result<(), SessionError> {
        let was_ready = self.states[at] == State::Ready;
        self.exited(at, code);
        let process = &self.plan.processes[at];
        match (process.kind, code) {
            (Kind::Job, 0) => {
                self.states[at] = State::Ready;
                self.tell_ready(at);
                Ok(())
            }
            (Kind::Job, _) if self.again[at] < process.retries => {
                self.try_again(at, code);
                Ok(())
            }
            _ => Err(self.ended(at, code, was_ready)),
        }
    }

    /// Has it tried again after a while.
    fn try_again(&mut self, at: usize, code: i32) {
        let process = &self.plan.processes[at];
        let wait = wait(self.again[at]);
        self.again[at] += 1;
        let (name, number, retries) = (&process.name, self.again[at], process.retries);
        (self.sink)(Event::Notice {
            level: Level::Warning,
            message: format!(
                "{name} exited with {code}: it is tried again in {} s ({number} of {retries})",
                wait.as_secs()
            ),
            help: None,
        });
        let sender = self.sender.clone();
        std::thread::spawn(move || {
            std::thread::sleep(wait);
            // A session that has ended needs it no more.
            let _ = sender.send(Message::Again { at });
        });
    }
}

#[cfg(test)]
mod tests {
    use super::wait;

    #[test]
    fn each_time_it_waits_longer_up_to_a_minute() {
        let waits: Vec<u64> = (0..9).map(|again| wait(again).as_secs()).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
        assert_eq!(wait(100).as_secs(), 60);
    }
}
