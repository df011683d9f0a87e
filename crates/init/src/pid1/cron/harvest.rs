//! What children leave: output, and their end.

use std::os::fd::RawFd;

use boatyard_init::cron::{Event, Level, Outcome, RunId};
use boatyard_init::exit::Ending;

use super::run::Loop;
use crate::pid1::sys::process::{self, Child};

impl Loop<'_> {
    /// Reads outputs that have something; closes those that ended.
    pub(super) fn read_outputs(&mut self, is_ready: impl Fn(RawFd) -> bool) {
        let log = &mut self.log;
        self.outputs.retain_mut(|output| {
            if !is_ready(output.inlet.fd()) {
                return true;
            }
            let (lines, goes_on) = output.inlet.read();
            for line in lines {
                log.job(
                    output.channel,
                    &String::from_utf8_lossy(&line.bytes),
                    &output.about,
                );
                if line.cut {
                    log.tell(
                        Level::Warning,
                        "last line exceeded buffer size, continuing...",
                        Some(&output.about),
                    );
                }
            }
            goes_on
        });
    }

    /// Reaps children that are dead, and reads what they wrote last before their end is told.
    pub(super) fn reap(&mut self) -> Vec<Event> {
        let mut events = Vec::new();
        self.is_drained = false;
        for _ in 0..process::BATCH {
            match process::reap() {
                Child::Dead { pid, ending } => {
                    if let Some(run) = self.running.remove(&pid) {
                        self.last_words(run);
                        events.push(Event::Ended(run, Outcome::Ended(ending)));
                    } else {
                        self.orphan(pid, ending);
                    }
                }
                Child::Suspended { .. } => {}
                Child::Alive | Child::None => {
                    self.is_drained = true;
                    break;
                }
            }
        }
        events
    }

    fn orphan(&mut self, pid: i32, ending: Ending) {
        let message = format!("reaper cleanup: pid={pid}, code={}", ending.code());
        self.log.tell(Level::Debug, &message, None);
    }

    fn last_words(&mut self, run: RunId) {
        let theirs: Vec<RawFd> = self
            .outputs
            .iter()
            .filter(|output| output.run == run)
            .map(|output| output.inlet.fd())
            .collect();
        // A pipe holds a megabyte at most; what still comes after so much is of others that have it open.
        for _ in 0..16 {
            self.read_outputs(|fd| theirs.contains(&fd));
        }
    }
}
