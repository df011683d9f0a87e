//! Another crontab while it runs.

use boatyard_init::cron::{Event, Level, Table};

use super::run::Loop;
use super::source::Trouble;
use super::start::remarks;
use crate::pid1::sys::clock;

impl Loop<'_> {
    /// The variables of a crontab are for all of its jobs.
    pub(super) fn take_environment(&mut self, table: &Table) {
        self.environment = self.given.clone();
        for (name, value) in &table.environment {
            self.environment.set(name, value);
        }
        self.shell = table.environment.get("SHELL").cloned();
    }

    /// Reads the crontab again, if it is time. One with mistakes is told of, and what was goes on.
    pub(super) fn reload(&mut self, asked: bool) -> Option<Event> {
        if !self.retry.begin(clock::now(), asked) {
            return None;
        }
        let read = self.source.bytes();
        let found = match &read {
            Ok(bytes) => Ok(bytes.clone()),
            Err(error) => Err(error.kind()),
        };
        if !self.retry.found(found, asked) {
            return None;
        }
        let table = read
            .map_err(Trouble::Unreadable)
            .and_then(|bytes| self.source.table(&bytes, self.call));
        match table {
            Ok(table) => {
                self.reloads.done += 1;
                self.log.tell(
                    Level::Info,
                    &format!("reloaded crontab: {}", self.source),
                    None,
                );
                remarks(&mut self.log, &table, self.source);
                self.take_environment(&table);
                Some(Event::Reload(table.jobs))
            }
            Err(trouble) => {
                self.reloads.failed += 1;
                for line in trouble.lines(self.source) {
                    self.log.tell(Level::Error, &line, None);
                }
                self.log.tell(
                    Level::Error,
                    "the jobs before go on: the new crontab cannot be used",
                    None,
                );
                None
            }
        }
    }
}
