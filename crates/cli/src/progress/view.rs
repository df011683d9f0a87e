//! What a form of progress is.

use std::io::{self, Write};
use std::time::Duration;

use boatyard_plan::event::Event;

/// Where a view writes.
pub struct Streams {
    /// Results and lines of processes.
    pub out: Box<dyn Write + Send>,
    /// Everything else.
    pub err: Box<dyn Write + Send>,
}

/// A form of progress. Called from one thread, with times that never go back, counted from the beginning of the run.
/// An error of a stream ends the view: it is not called again.
pub trait View: Send {
    /// Takes an event in.
    fn event(&mut self, event: &Event, now: Duration, streams: &mut Streams) -> io::Result<()>;

    /// Draws what changed; called after events, some ten times a second at most.
    fn draw(&mut self, _now: Duration, _streams: &mut Streams) -> io::Result<()> {
        Ok(())
    }

    /// Whether the picture changes as time passes.
    fn is_moving(&self) -> bool {
        false
    }

    /// Nothing comes any more.
    fn end(&mut self, now: Duration, streams: &mut Streams) -> io::Result<()>;
}
