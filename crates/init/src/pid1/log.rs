//! What the main process prints, line by line.

use std::os::fd::{AsRawFd as _, OwnedFd, RawFd};
use std::time::Duration;

use boatyard_init::log::{self, Format, Origin};

use super::inlet::Inlet;
use super::outlet::Outlet;
use super::say;
use super::sys::poll::{self, For};
use super::sys::{clock, pipe};

/// How long a child waits for a reader of ours that reads nothing. After that lines are dropped, and counted.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long what is left is waited for at the end: a daemon may hold the pipe for ever.
const DRAIN: Duration = Duration::from_secs(1);

/// Where descriptors wait that the child gets under another number.
const LIFTED: RawFd = 64;

/// The pipes of the main process, and our own output.
pub struct Log {
    format: Format,
    role: String,
    streams: Vec<Piped>,
    dropped: u64,
    /// Since when more waits to be written than should.
    full_since: Option<Duration>,
    /// Whether that has lasted too long.
    drops: bool,
}

struct Piped {
    name: &'static str,
    inlet: Option<Inlet>,
    outlet: Outlet,
}

impl Log {
    /// The log, and the ends for the child with the numbers that they get there.
    pub fn new(format: Format, role: String) -> std::io::Result<(Self, Vec<(OwnedFd, RawFd)>)> {
        let mut ends = Vec::new();
        let mut streams = Vec::new();
        for (number, name) in [(1, "stdout"), (2, "stderr")] {
            let (inlet, end) = Inlet::new()?;
            ends.push((pipe::lifted(&end, LIFTED)?, number));
            streams.push(Piped {
                name,
                inlet: Some(inlet),
                outlet: Outlet::new(number),
            });
        }
        let log = Self {
            format,
            role,
            streams,
            dropped: 0,
            full_since: None,
            drops: false,
        };
        Ok((log, ends))
    }

    /// What to wait for. While too much waits to be written, nothing is read: the child waits, but not for ever.
    pub fn waits(&self) -> Vec<(RawFd, For)> {
        let is_full = self.full_since.is_some() && !self.drops;
        let read = self
            .streams
            .iter()
            .filter(|_| !is_full)
            .filter_map(|piped| Some((piped.inlet.as_ref()?.fd(), For::Reading)));
        let write = self
            .streams
            .iter()
            .filter_map(|piped| Some((piped.outlet.waits()?, For::Writing)));
        read.chain(write).collect()
    }

    /// When patience is over.
    pub fn deadline(&self) -> Option<Duration> {
        let since = self.full_since.filter(|_| !self.drops)?;
        Some(since.saturating_add(PATIENCE))
    }

    /// Reads and writes what can be.
    pub fn flow(&mut self, now: Duration) {
        for piped in &mut self.streams {
            piped.outlet.flow();
        }
        let is_full = self.streams.iter().any(|piped| piped.outlet.is_full());
        if !is_full {
            self.full_since = None;
            self.drops = false;
            if self.dropped > 0 {
                say::warn(format_args!("nobody read: {} lines are lost", self.dropped));
                self.dropped = 0;
            }
        }
        self.drops |= self.deadline().is_some_and(|deadline| deadline <= now);
        if is_full && !self.drops {
            self.full_since.get_or_insert(now);
            return;
        }
        self.read();
        if self.full_since.is_none() && self.streams.iter().any(|piped| piped.outlet.is_full()) {
            self.full_since = Some(now);
        }
    }

    fn read(&mut self) -> bool {
        let mut has_read = false;
        for piped in &mut self.streams {
            let Some(inlet) = &mut piped.inlet else {
                continue;
            };
            let (lines, goes_on) = inlet.read();
            has_read |= !lines.is_empty();
            for line in lines {
                if piped.outlet.is_full() {
                    self.dropped += 1;
                    continue;
                }
                let time = if self.format == Format::Json {
                    jiff::Timestamp::now().to_string()
                } else {
                    String::new()
                };
                let origin = Origin {
                    role: &self.role,
                    stream: piped.name,
                    time: &time,
                };
                piped
                    .outlet
                    .push(&log::line(self.format, origin, &line.bytes, line.cut));
            }
            if !goes_on {
                piped.inlet = None;
            }
        }
        has_read
    }

    /// Our standard output, for what else has to go there in order.
    pub fn output(&mut self) -> Option<&mut Outlet> {
        self.streams.first_mut().map(|piped| &mut piped.outlet)
    }

    /// Reads and writes what is left, for a while.
    pub fn finish(&mut self) {
        let end = clock::now().saturating_add(DRAIN);
        loop {
            let waits: Vec<_> = self
                .streams
                .iter()
                .filter_map(|piped| Some((piped.inlet.as_ref()?.fd(), For::Reading)))
                .collect();
            let left = end.saturating_sub(clock::now());
            if waits.is_empty() || left.is_zero() {
                break;
            }
            let is_ready = poll::wait(&waits, Some(left)).is_ok_and(|ready| ready.contains(&true));
            self.read();
            if !is_ready {
                break;
            }
        }
        for piped in &mut self.streams {
            piped.outlet.finish(DRAIN);
        }
    }
}

impl Log {
    /// The pairs for the child's setup.
    pub fn streams(ends: &[(OwnedFd, RawFd)]) -> Vec<(RawFd, RawFd)> {
        ends.iter()
            .map(|(end, number)| (end.as_raw_fd(), *number))
            .collect()
    }
}
