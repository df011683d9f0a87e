//! Takes what processes print: to the log, to the sink, and the last lines for errors.

use std::collections::VecDeque;
use std::io::PipeReader;
use std::sync::{Arc, Mutex};

use boatyard_plan::event::{Event, Stream};

use super::journal;
use crate::lines;
use crate::sink::Sink;

/// The last lines of a process.
pub(super) type LastLines = Arc<Mutex<VecDeque<String>>>;

/// How many lines are kept for errors.
const KEPT_LINES: usize = 20;

/// Takes what one stream of a process prints.
pub(super) struct Relay {
    pub(super) process: String,
    pub(super) stream: Stream,
    pub(super) writer: Arc<Mutex<journal::Writer>>,
    pub(super) last: LastLines,
    pub(super) sink: Sink,
}

impl Relay {
    /// Reads to the end.
    pub(super) fn run(self, reader: PipeReader) {
        lines::each(reader, |line| {
            if let Ok(mut writer) = self.writer.lock() {
                writer.line(self.stream, &line);
            }
            if let Ok(mut last) = self.last.lock() {
                if last.len() == KEPT_LINES {
                    last.pop_front();
                }
                last.push_back(line.clone());
            }
            (self.sink)(Event::Log {
                process: self.process.clone(),
                stream: self.stream,
                line,
            });
        });
    }
}
