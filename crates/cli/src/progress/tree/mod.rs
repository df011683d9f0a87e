//! Progress on a terminal: a tree of steps that is redrawn in place.
//!
//! ```text
//! ✔ base     debian:bookworm                                118 MB   8.2s
//! ⠹ runner   Python environment, user, init                         3.1s
//!   ⠹ python requirements.txt  flask       ━━━━━╌╌╌╌╌ 14/37 packages 2.9s
//!     │ Downloading celery (5.1 MiB)
//! ```
//! What stays in the scrollback: notices as they come, above the tree; once processes speak, the work that has ended,
//! so that their lines stand below it; at the end whatever is left of the tree.

mod frame;
mod screen;
#[cfg(test)]
mod tests;

use std::io;
use std::time::Duration;

use boatyard_plan::event::Event;

use self::frame::Look;
use self::screen::Screen;
use super::failed;
use super::line::Line;
use super::log::Roster;
use super::origin::Origins;
use super::terminal::Size;
use super::view::{Streams, View};
use super::works::Works;
use crate::colour::Paint;
use crate::voice::Voice;

/// A tree of steps that is redrawn in place.
pub struct Tree {
    look: Look,
    out: Paint,
    err: Paint,
    roster: Roster,
    origins: Origins,
    works: Works,
    screen: Screen,
    size: Box<dyn Fn() -> Size + Send>,
    above: Vec<Above>,
}

/// A line that goes into the scrollback, above the tree.
enum Above {
    Out(String),
    Err(String),
}

impl Tree {
    /// An empty tree. `size` is asked before each picture.
    pub fn new(
        voice: &Voice,
        roster: Roster,
        origins: Origins,
        size: impl Fn() -> Size + Send + 'static,
    ) -> Self {
        Self {
            look: Look {
                unicode: voice.unicode,
                verbose: voice.verbose,
            },
            out: voice.out,
            err: voice.err,
            roster,
            origins,
            works: Works::default(),
            screen: Screen::default(),
            size: Box::new(size),
            above: Vec::new(),
        }
    }

    /// Writes what goes above the tree, with the tree taken away.
    fn flush_above(&mut self, streams: &mut Streams) -> io::Result<()> {
        for line in self.above.drain(..) {
            match line {
                Above::Out(line) => {
                    writeln!(streams.out, "{line}")?;
                    streams.out.flush()?;
                }
                Above::Err(line) => writeln!(streams.err, "{line}")?,
            }
        }
        Ok(())
    }
}

impl View for Tree {
    fn event(&mut self, event: &Event, now: Duration, _streams: &mut Streams) -> io::Result<()> {
        self.works.apply(event, now);
        for line in failed::notice(event) {
            self.above.push(Above::Err(line.render(self.err)));
        }
        if let Some(said) = self.roster.event(event, self.out) {
            for line in frame::ended(&self.works, self.look, now, (self.size)().width) {
                self.above.push(Above::Err(line.render(self.err)));
            }
            self.works.settle();
            self.above.push(Above::Out(said));
        }
        Ok(())
    }

    fn draw(&mut self, now: Duration, streams: &mut Streams) -> io::Result<()> {
        let size = (self.size)();
        if !self.above.is_empty() {
            let erase = self.screen.erase(size.width);
            streams.err.write_all(erase.as_bytes())?;
            streams.err.flush()?;
            self.flush_above(streams)?;
        }
        let lines = frame::live(&self.works, self.look, now, size);
        let picture = self.screen.paint(&lines, size.width, self.err);
        streams.err.write_all(picture.as_bytes())?;
        streams.err.flush()
    }

    fn is_moving(&self) -> bool {
        self.works.any_running()
    }

    fn end(&mut self, now: Duration, streams: &mut Streams) -> io::Result<()> {
        let size = (self.size)();
        let erase = self.screen.erase(size.width);
        streams.err.write_all(erase.as_bytes())?;
        streams.err.flush()?;
        self.flush_above(streams)?;
        let mut lines = frame::whole(&self.works, self.look, now, size.width);
        for work in self.works.failed() {
            lines.push(Line::default());
            lines.extend(failed::lines(work, self.origins.get(&work.id)));
        }
        for line in lines {
            writeln!(streams.err, "{}", line.render(self.err))?;
        }
        streams.err.flush()
    }
}
