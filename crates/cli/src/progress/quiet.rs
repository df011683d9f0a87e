//! Progress for people who do not want any: warnings, failures, and what processes print.

use std::io;
use std::time::Duration;

use boatyard_plan::event::{Event, Level};

use super::failed;
use super::log::Roster;
use super::origin::Origins;
use super::view::{Streams, View};
use super::works::Works;
use crate::colour::Paint;
use crate::voice::Voice;

/// Warnings, failures, and what processes print.
pub struct Quiet {
    out: Paint,
    err: Paint,
    roster: Roster,
    origins: Origins,
    works: Works,
}

impl Quiet {
    /// Nothing told so far.
    pub fn new(voice: &Voice, roster: Roster, origins: Origins) -> Self {
        Self {
            out: voice.out,
            err: voice.err,
            roster,
            origins,
            works: Works::default(),
        }
    }
}

impl View for Quiet {
    fn event(&mut self, event: &Event, now: Duration, streams: &mut Streams) -> io::Result<()> {
        self.works.apply(event, now);
        let mut lines = Vec::new();
        if let Event::Notice {
            level: Level::Warning,
            ..
        } = event
        {
            lines = failed::notice(event);
        }
        for line in lines {
            writeln!(streams.err, "{}", line.render(self.err))?;
        }
        let said = self.roster.event(event, self.out);
        if let Event::Log { .. } | Event::Up { .. } = event
            && let Some(said) = said
        {
            writeln!(streams.out, "{said}")?;
            streams.out.flush()?;
        }
        Ok(())
    }

    fn end(&mut self, _now: Duration, streams: &mut Streams) -> io::Result<()> {
        for work in self.works.failed() {
            for line in failed::lines(work, self.origins.get(&work.id)) {
                writeln!(streams.err, "{}", line.render(self.err))?;
            }
        }
        Ok(())
    }
}
