//! An output of init that must never make it wait: what cannot be written now is kept, in order, up to a limit.

use std::os::fd::RawFd;
use std::time::Duration;

use super::sys::poll::{self, For};
use super::sys::{clock, output};

/// A pipe that can be written to has room for so much, which POSIX writes at once (`PIPE_BUF`).
const PIECE: usize = 4096;

/// When so much waits, whoever produces more should pause.
const ENOUGH: usize = 256 * 1024;

/// How much is kept at most; beyond it the new is dropped. Only our own lines come to this, for we pause reading.
const LIMIT: usize = 4 * 1024 * 1024;

/// One output.
pub struct Outlet {
    fd: RawFd,
    waiting: Vec<u8>,
    broken: bool,
}

impl Outlet {
    /// Standard output is 1, standard error 2.
    pub fn new(fd: RawFd) -> Self {
        Self {
            fd,
            waiting: Vec::new(),
            broken: false,
        }
    }

    /// Writes what can be written, keeps the rest.
    pub fn push(&mut self, bytes: &[u8]) {
        if !self.broken && self.waiting.len() + bytes.len() <= LIMIT {
            self.waiting.extend_from_slice(bytes);
            self.flow();
        }
    }

    /// Writes what can be written now.
    pub fn flow(&mut self) {
        let mut done = 0;
        while let Some(rest) = self.waiting.get(done..).filter(|rest| !rest.is_empty()) {
            let piece = rest.get(..PIECE).unwrap_or(rest);
            let ready = poll::wait(&[(self.fd, For::Writing)], Some(Duration::ZERO));
            if !ready.is_ok_and(|ready| ready == [true]) {
                break;
            }
            let (count, whole) = (piece.len(), output::write_all(self.fd, piece));
            if !whole {
                // Nobody reads any more: go on without.
                self.broken = true;
                self.waiting.clear();
                return;
            }
            done += count;
        }
        self.waiting.drain(..done);
    }

    /// The descriptor to wait for, if something waits.
    pub fn waits(&self) -> Option<RawFd> {
        (!self.waiting.is_empty()).then_some(self.fd)
    }

    /// Whether whoever produces more should pause.
    pub fn is_full(&self) -> bool {
        self.waiting.len() >= ENOUGH
    }

    /// Writes the rest, for at most this long.
    pub fn finish(&mut self, limit: Duration) {
        let end = clock::now().saturating_add(limit);
        while let Some(fd) = self.waits() {
            let left = end.saturating_sub(clock::now());
            if left.is_zero() || poll::wait(&[(fd, For::Writing)], Some(left)).is_err() {
                return;
            }
            self.flow();
        }
    }
}
