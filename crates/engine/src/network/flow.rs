//! One direction of a forwarded connection: read here, written there, end of data passed on.

use std::io::{self, Read, Write};

/// Bytes on their way at most.
const ROOM: usize = 64 * 1024;

/// Bytes on their way, and how far their end is.
#[derive(Debug, Default)]
pub(super) struct Flow {
    /// Allocated when the first byte comes.
    bytes: Vec<u8>,
    /// Where the unwritten ones begin.
    start: usize,
    ending: Ending,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Ending {
    /// More may come.
    #[default]
    Open,
    /// The sender has finished; what is on its way has not arrived.
    Read,
    /// The receiver has been told.
    Passed,
}

impl Flow {
    /// Whether reading would help.
    pub(super) fn wants_input(&self) -> bool {
        self.ending == Ending::Open && self.start == self.bytes.len()
    }

    /// Whether there is something to write, be it the end.
    pub(super) fn wants_output(&self) -> bool {
        self.start < self.bytes.len() || self.ending == Ending::Read
    }

    /// Whether everything has arrived, and the end too.
    pub(super) fn is_over(&self) -> bool {
        self.ending == Ending::Passed
    }

    /// Moves what can be moved without waiting. `finish` tells the receiver that nothing more comes. Fails when the
    /// sender is gone without a proper end.
    pub(super) fn pump(
        &mut self,
        mut from: impl Read,
        mut to: impl Write,
        finish: impl FnOnce() -> io::Result<()>,
    ) -> io::Result<()> {
        if self.wants_input() {
            self.bytes.resize(ROOM, 0);
            self.start = 0;
            let outcome = ready(from.read(&mut self.bytes));
            self.bytes
                .truncate(outcome.as_ref().map_or(0, |count| count.unwrap_or(0)));
            if outcome? == Some(0) {
                self.ending = Ending::Read;
            }
        }
        while self.start < self.bytes.len() {
            match ready(to.write(&self.bytes[self.start..])) {
                Ok(Some(count)) => self.start += count,
                Ok(None) => return Ok(()),
                Err(_) => {
                    // Nobody reads any more. What he said before he left can still be on its way in the other flow:
                    // a server that refuses an upload answers and hangs up.
                    self.start = self.bytes.len();
                    self.ending = Ending::Passed;
                    return Ok(());
                }
            }
        }
        if self.ending == Ending::Read {
            self.ending = Ending::Passed;
            finish()?;
        }
        Ok(())
    }
}

/// None where the call would have to wait.
fn ready(outcome: io::Result<usize>) -> io::Result<Option<usize>> {
    match outcome {
        Ok(count) => Ok(Some(count)),
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted
            ) =>
        {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::Flow;
    use std::io::{self, Read, Write};

    /// Gives and takes in the portions it is told; none means that it would have to wait.
    struct Portions(Vec<Option<usize>>);

    impl Read for Portions {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let count = self.0.remove(0).ok_or(io::ErrorKind::WouldBlock)?;
            into[..count].fill(b'x');
            Ok(count)
        }
    }

    impl Write for Portions {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Ok(self.0.remove(0).ok_or(io::ErrorKind::WouldBlock)?)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn the_end_is_passed_on_after_the_last_byte() {
        let mut flow = Flow::default();
        let mut from = Portions(vec![Some(5), Some(0)]);
        let mut to = Portions(vec![Some(3), None, Some(2)]);
        let mut finished = 0;
        let mut step = |flow: &mut Flow| {
            flow.pump(&mut from, &mut to, || {
                finished += 1;
                Ok(())
            })
            .expect("nothing fails");
            finished
        };
        assert_eq!(step(&mut flow), 0);
        assert!(flow.wants_output() && !flow.wants_input());
        assert_eq!(step(&mut flow), 0);
        assert!(flow.wants_input() && !flow.wants_output());
        assert_eq!(step(&mut flow), 1);
        assert!(flow.is_over() && !flow.wants_input() && !flow.wants_output());
    }

    #[test]
    fn waiting_is_no_end() {
        let mut flow = Flow::default();
        flow.pump(Portions(vec![None]), Portions(vec![]), || {
            panic!("not finished")
        })
        .expect("nothing fails");
        assert!(flow.wants_input() && !flow.is_over());
    }
}
