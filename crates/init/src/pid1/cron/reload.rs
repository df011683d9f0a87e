//! Another crontab while it runs.

use boatyard_init::cron::{Event, Level, Table};

use super::run::Loop;
use super::start::remarks;

impl Loop<'_> {
    /// The variables of a crontab are for all of its jobs.
    pub(super) fn take_environment(&mut self, table: &Table) {
        self.environment = self.given.clone();
        for (name, value) in &table.environment {
            self.environment.set(name, value);
        }
        self.shell = table.environment.get("SHELL").cloned();
    }

    /// Reads the crontab again. One with mistakes is told of, and what was goes on.
    pub(super) fn reload(&mut self, asked: bool) -> Option<Event> {
        let read = self.source.bytes().and_then(|bytes| {
            if bytes == self.bytes && !asked {
                return Ok(None);
            }
            let table = self.source.table(&bytes, self.call)?;
            self.bytes = bytes;
            Ok(Some(table))
        });
        match read {
            Ok(None) => None,
            Ok(Some(table)) => {
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
