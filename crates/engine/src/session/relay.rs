//! Takes what processes print: to the log, to the sink, and the last lines for errors.

use std::collections::VecDeque;
use std::io::{BufRead as _, BufReader, PipeReader};
use std::sync::{Arc, Mutex};

use boatyard_plan::event::{Event, Stream};

use super::journal;
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
        let mut reader = BufReader::new(reader);
        let mut bytes = Vec::new();
        while reader.read_until(b'\n', &mut bytes).is_ok_and(|n| n > 0) {
            let line = String::from_utf8_lossy(&bytes)
                .trim_end_matches(['\n', '\r'])
                .to_owned();
            bytes.clear();
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
        }
    }
}
