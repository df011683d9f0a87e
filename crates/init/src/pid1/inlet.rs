//! Output of a child, read without waiting and cut into lines.

use std::fs::File;
use std::io::{self, Read as _};
use std::os::fd::{AsRawFd as _, OwnedFd, RawFd};

use boatyard_init::lines::{Line, Lines};

use super::sys::pipe;

/// How much is read at once, so that one child does not keep the others waiting.
const TURN: usize = 64 * 1024;

/// Our end of a child's output.
pub struct Inlet {
    pipe: File,
    lines: Lines,
}

impl Inlet {
    /// A pipe: our end, and the child's.
    pub fn new() -> io::Result<(Self, OwnedFd)> {
        let (reader, writer) = pipe::new()?;
        pipe::never_wait(&reader)?;
        let inlet = Self {
            pipe: File::from(reader),
            lines: Lines::default(),
        };
        Ok((inlet, writer))
    }

    /// To wait for.
    pub fn fd(&self) -> RawFd {
        self.pipe.as_raw_fd()
    }

    /// Reads what is there, at most one turn: whole lines, and whether there will be more.
    pub fn read(&mut self) -> (Vec<Line>, bool) {
        let mut buffer = vec![0; TURN];
        match self.pipe.read(&mut buffer) {
            Ok(0) => (self.lines.finish().into_iter().collect(), false),
            Ok(count) => (
                self.lines.push(buffer.get(..count).unwrap_or_default()),
                true,
            ),
            Err(error)
                if [io::ErrorKind::WouldBlock, io::ErrorKind::Interrupted]
                    .contains(&error.kind()) =>
            {
                (Vec::new(), true)
            }
            Err(_) => (self.lines.finish().into_iter().collect(), false),
        }
    }
}
