//! Where records go.

use std::time::Duration;

use boatyard_init::cron::{About, Call, Channel, Format, Level, Record};
use jiff::Timestamp;

use crate::pid1::outlet::Outlet;

/// Writes records as the call says.
pub struct Log {
    format: Format,
    least: Level,
    split: bool,
    output: Outlet,
    error: Outlet,
}

impl Log {
    /// As the call says.
    pub fn new(call: &Call) -> Self {
        let least = if call.quiet {
            Level::Warning
        } else if call.debug {
            Level::Debug
        } else {
            Level::Info
        };
        Self {
            format: call.format,
            least,
            split: call.split,
            output: Outlet::new(1),
            error: Outlet::new(2),
        }
    }

    /// A line of our own.
    pub fn tell(&mut self, level: Level, message: &str, about: Option<&About>) {
        self.write(level, message, None, about);
    }

    /// A line of a job.
    pub fn job(&mut self, channel: Channel, message: &str, about: &About) {
        self.write(Level::Info, message, Some(channel), Some(about));
    }

    fn write(
        &mut self,
        level: Level,
        message: &str,
        channel: Option<Channel>,
        about: Option<&About>,
    ) {
        if level < self.least {
            return;
        }
        let record = Record {
            time: Timestamp::now(),
            level,
            message,
            channel,
            about,
        };
        let line = record.line(self.format);
        // As supercronic: all to standard error, unless split by importance.
        let outlet = if self.split && level < Level::Warning {
            &mut self.output
        } else {
            &mut self.error
        };
        outlet.push(line.as_bytes());
    }

    /// The outputs that have something to write.
    pub fn waits(&self) -> impl Iterator<Item = i32> {
        [&self.output, &self.error]
            .into_iter()
            .filter_map(Outlet::waits)
    }

    /// Writes what can be written now.
    pub fn flow(&mut self) {
        self.output.flow();
        self.error.flow();
    }

    /// Whether jobs should wait with their output.
    pub fn is_full(&self) -> bool {
        self.output.is_full() || self.error.is_full()
    }

    /// Writes the rest before the exit.
    pub fn finish(&mut self) {
        self.output.finish(Duration::from_secs(1));
        self.error.finish(Duration::from_secs(1));
    }
}
