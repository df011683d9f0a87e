//! Progress for programs: one event per line on standard output.

use std::io;
use std::time::Duration;

use boatyard_plan::event::Event;

use super::view::{Streams, View};

/// Progress for programs.
pub struct Json;

impl View for Json {
    fn event(&mut self, event: &Event, _now: Duration, streams: &mut Streams) -> io::Result<()> {
        let mut line = serde_json::to_string(event)?;
        line.push('\n');
        streams.out.write_all(line.as_bytes())?;
        streams.out.flush()
    }

    fn end(&mut self, _now: Duration, streams: &mut Streams) -> io::Result<()> {
        streams.out.flush()
    }
}
