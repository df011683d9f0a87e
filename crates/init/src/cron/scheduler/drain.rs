//! The stop: nothing starts any more; what runs may end, is sent TERM when time gets short, and KILL in the end.

use std::time::Duration;

use super::machine::{Action, Now, Scheduler, TERM_GRACE};
use super::run::{Fate, Note, Stage};
use crate::signal::Signal;

/// How long before the end of the grace jobs are sent TERM.
const TERM_BEFORE: Duration = Duration::from_secs(5);

/// How long after that they are killed.
const KILL_AFTER: Duration = Duration::from_secs(3);

/// A stop that is under way.
#[derive(Clone, Debug)]
pub struct Drain {
    /// When jobs are sent TERM; none once they were.
    term_at: Option<Duration>,
    /// When they are killed; none once they were.
    kill_at: Option<Duration>,
    /// A job did not end by itself.
    forced: bool,
}

impl Drain {
    /// When something is to be done.
    pub fn due(&self) -> Option<Duration> {
        self.term_at.or(self.kill_at)
    }

    /// The exit code: 0 where all jobs ended by themselves, else that of an end by TERM.
    pub fn code(&self) -> u8 {
        if self.forced { 143 } else { 0 }
    }
}

impl Scheduler {
    pub(super) fn stop(&mut self, now: Now) {
        match &mut self.drain {
            None => {
                let term_at = now
                    .steady
                    .saturating_add(self.options.grace.saturating_sub(TERM_BEFORE));
                self.drain = Some(Drain {
                    term_at: Some(term_at),
                    kill_at: Some(term_at.saturating_add(KILL_AFTER)),
                    forced: false,
                });
                for job in &mut self.jobs {
                    job.queued = false;
                    job.runs
                        .retain(|run| !matches!(run.stage, Stage::Delayed { .. }));
                }
            }
            Some(drain) if drain.term_at.is_some() => {
                drain.term_at = Some(now.steady);
                drain.kill_at = Some(now.steady.saturating_add(KILL_AFTER));
            }
            Some(drain) => drain.kill_at = drain.kill_at.map(|_| now.steady),
        }
    }

    /// Does what is due in a stop.
    pub(super) fn drain(&mut self, now: Now) {
        let Some(drain) = &mut self.drain else {
            return;
        };
        let term = drain.term_at.take_if(|at| *at <= now.steady).is_some();
        let kill = drain.kill_at.take_if(|at| *at <= now.steady).is_some();
        for run in self.jobs.iter_mut().flat_map(|job| &mut job.runs) {
            let running = matches!(run.stage, Stage::Running { .. });
            if term && running {
                drain.forced = true;
                run.fate = Fate::Stopped;
                run.stage = Stage::Ending {
                    kill_at: now.steady.saturating_add(TERM_GRACE),
                };
                self.actions
                    .push(Action::Tell(Note::Ending, Some(run.about.clone())));
                self.actions.push(Action::Send(run.id, Signal::TERM));
            }
            if kill && run.stage != Stage::Killed {
                drain.forced = true;
                run.stage = Stage::Killed;
                self.actions.push(Action::Send(run.id, Signal::KILL));
            }
        }
    }
}
