//! Another crontab: jobs that are in both go on as if nothing had happened.

use super::machine::{Now, Scheduler};
use crate::cron::table::Entry;

impl Scheduler {
    pub(super) fn reload(&mut self, entries: Vec<Entry>, now: Now) {
        let mut old = std::mem::take(&mut self.jobs);
        for (position, entry) in entries.into_iter().enumerate() {
            let same = old
                .iter()
                .position(|job| !job.retired && is_same(&job.entry, &entry));
            if let Some(at) = same {
                let mut job = old.remove(at);
                job.position = position;
                job.entry = entry;
                self.jobs.push(job);
            } else {
                let job = self.job(entry, position, now);
                self.jobs.push(job);
            }
        }
        // What is gone is not started again; what runs may end.
        for mut job in old {
            job.retired = true;
            job.queued = false;
            job.next = None;
            job.runs
                .retain(|run| !matches!(run.stage, super::run::Stage::Delayed { .. }));
            self.jobs.push(job);
        }
    }
}

/// The same but for its line.
fn is_same(one: &Entry, other: &Entry) -> bool {
    let Entry {
        name,
        line: _,
        text,
        schedule,
        command,
        zone,
        rules,
    } = one;
    *name == other.name
        && *text == other.text
        && *schedule == other.schedule
        && *command == other.command
        && *zone == other.zone
        && *rules == other.rules
}
