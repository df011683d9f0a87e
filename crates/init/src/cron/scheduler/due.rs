//! What time brings: jobs that are due, delays and limits that are over.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::machine::{Action, Job, Now, Scheduler, TERM_GRACE};
use super::run::{Fate, Note, Stage};
use crate::cron::rules::Overlap;
use crate::cron::schedule::Schedule;
use crate::signal::Signal;

/// Changes of the clock up to this are taken for small corrections, as in cron(8): what was jumped over is run once.
/// After greater ones the clock is new, and what it jumped over is not made up for.
const CORRECTION: SignedDuration = SignedDuration::from_hours(3);

impl Scheduler {
    pub(super) fn tick(&mut self, now: Now) {
        if self.last.duration_since(now.wall) > CORRECTION {
            self.tell(Note::ClockWentBack, None);
            for job in self.jobs.iter_mut().filter(|job| !job.retired) {
                let zone = job.entry.zone.as_ref().unwrap_or(&self.options.zone);
                job.next = job.entry.schedule.next(now.wall, zone);
            }
            self.last = now.wall;
        }
        // A clock that went back a little is not believed: what was run is not run again.
        self.last = self.last.max(now.wall);
        for index in 0..self.jobs.len() {
            self.due(index, now);
        }
        self.drain(now);
        for index in 0..self.jobs.len() {
            self.stages(index, now);
        }
    }

    fn due(&mut self, index: usize, now: Now) {
        let Some(job) = self.jobs.get_mut(index) else {
            return;
        };
        let Some(due) = job.next.filter(|next| *next <= now.wall && !job.retired) else {
            return;
        };
        job.next = next(job, due, now.wall, &self.options.zone);
        let about = job.about(job.iteration);
        let at = job.next;
        let late = now.wall.duration_since(due) > CORRECTION;
        let free = job.runs.is_empty();
        if self.drain.is_some() && free {
            return;
        }
        if late {
            self.tell(Note::Missed { due }, Some(about));
        } else if free {
            self.begin(index, due, now);
        } else {
            self.overlap(index, due, now);
        }
        let about = self.jobs.get(index).map(|job| job.about(job.iteration));
        self.tell(Note::Next { at }, about);
    }

    fn overlap(&mut self, index: usize, due: Timestamp, now: Now) {
        let Some(job) = self.jobs.get_mut(index) else {
            return;
        };
        job.counts.overdue += 1;
        let policy = if self.drain.is_some() {
            Overlap::Forbid
        } else {
            job.entry.rules.overlap
        };
        let Some(oldest) = job.runs.first_mut() else {
            return;
        };
        let (about, since, elapsed) = (
            oldest.about.clone(),
            oldest.due,
            now.steady.saturating_sub(oldest.since),
        );
        let overlapping = policy == Overlap::Allow;
        let note = match policy {
            Overlap::Queue if !job.queued => Note::Queued,
            Overlap::Replace if !job.queued => Note::Replacing,
            _ => Note::StillRunning {
                overlapping,
                since,
                elapsed,
            },
        };
        match policy {
            Overlap::Forbid => oldest.missed = oldest.missed.or(Some(due)),
            Overlap::Allow => {}
            Overlap::Queue => job.queued = true,
            Overlap::Replace => {
                job.queued = true;
                for run in &mut job.runs {
                    if let Stage::Running { .. } = run.stage {
                        run.fate = Fate::Replaced;
                        run.stage = Stage::Ending {
                            kill_at: now.steady.saturating_add(TERM_GRACE),
                        };
                        self.actions.push(Action::Send(run.id, Signal::TERM));
                    }
                }
                job.runs
                    .retain(|run| !matches!(run.stage, Stage::Delayed { .. }));
            }
        }
        let starts = overlapping || (job.runs.is_empty() && std::mem::take(&mut job.queued));
        let quiet = self.options.warn_every;
        if job
            .warned
            .is_none_or(|warned| now.steady.saturating_sub(warned) >= quiet)
        {
            job.warned = Some(now.steady);
            self.tell(note, Some(about));
        }
        if starts {
            self.begin(index, due, now);
        }
    }

    /// Starts what was delayed for long enough, and ends what runs for too long.
    fn stages(&mut self, index: usize, now: Now) {
        let Some(job) = self.jobs.get_mut(index) else {
            return;
        };
        for run in &mut job.runs {
            match run.stage {
                Stage::Delayed { until } if until <= now.steady => {
                    let timeout = job.entry.rules.timeout;
                    let limit = timeout.map(|limit| now.steady.saturating_add(limit));
                    run.stage = Stage::Running { limit };
                    run.since = now.steady;
                    let attempt = run.attempt;
                    self.actions.push(Action::Tell(
                        Note::Starting { attempt },
                        Some(run.about.clone()),
                    ));
                    self.actions.push(Action::Start(run.id, run.about.clone()));
                }
                Stage::Running { limit: Some(limit) } if limit <= now.steady => {
                    run.fate = Fate::TooLong;
                    run.stage = Stage::Ending {
                        kill_at: now.steady.saturating_add(TERM_GRACE),
                    };
                    job.counts.timeouts += 1;
                    let limit = job.entry.rules.timeout.unwrap_or(Duration::ZERO);
                    self.actions.push(Action::Tell(
                        Note::TimedOut { limit },
                        Some(run.about.clone()),
                    ));
                    self.actions.push(Action::Send(run.id, Signal::TERM));
                }
                Stage::Ending { kill_at } if kill_at <= now.steady => {
                    run.stage = Stage::Killed;
                    self.actions.push(Action::Send(run.id, Signal::KILL));
                }
                _ => {}
            }
        }
    }
}

/// The next due time after one that has come: after now, and in the rhythm of an interval.
fn next(job: &Job, due: Timestamp, now: Timestamp, zone: &jiff::tz::TimeZone) -> Option<Timestamp> {
    let zone = job.entry.zone.as_ref().unwrap_or(zone);
    match &job.entry.schedule {
        Schedule::Every(every) => {
            let every = i64::try_from(every.as_millis()).ok()?.max(1);
            let late = now.duration_since(due).as_millis();
            let steps = i64::try_from(late)
                .ok()?
                .checked_div(every)?
                .checked_add(1)?;
            due.checked_add(SignedDuration::from_millis(every.checked_mul(steps)?))
                .ok()
        }
        schedule => schedule.next(now.max(due), zone),
    }
}
