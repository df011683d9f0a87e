//! Our terminal, lent to a program elsewhere.

use std::io::{self, stdin, stdout};
use std::{process, thread};

use boatyard_cluster::process::Terminal;
use boatyard_plan::failure::{Failure, Fault};
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcgetwinsize, tcsetattr};
use signal_hook::consts::SIGWINCH;
use signal_hook::iterator::Signals;

use crate::signals::{self, CannotCatch};

/// A terminal that passes every key on, until this is dropped.
pub struct Raw {
    before: Termios,
}

/// The terminal does not do as it is told.
#[derive(Debug, thiserror::Error)]
pub enum TerminalError {
    /// It does not change.
    #[error("cannot lend the terminal to a program elsewhere")]
    Stays {
        /// Why not.
        source: io::Error,
    },
    /// It could not be changed back when we are ended.
    #[error(transparent)]
    Signals(#[from] CannotCatch),
}

impl Failure for TerminalError {
    fn fault(&self) -> Fault {
        Fault::Refused
    }
}

impl Raw {
    /// Changes the terminal on standard input, and answers it for who starts the program.
    pub fn enter() -> Result<(Self, Terminal), TerminalError> {
        let refused = |error: rustix::io::Errno| TerminalError::Stays {
            source: error.into(),
        };
        let size = || tcgetwinsize(stdout()).map(|size| (size.ws_col, size.ws_row));
        let (columns, lines) = size().map_err(refused)?;
        let (terminal, resizer) = Terminal::new(columns, lines);
        let mut signals =
            Signals::new([SIGWINCH]).map_err(|source| TerminalError::Stays { source })?;
        thread::spawn(move || {
            for _ in signals.forever() {
                if let Ok((columns, lines)) = size() {
                    resizer.resize(columns, lines);
                }
            }
        });
        let before = tcgetattr(stdin()).map_err(refused)?;
        let mut raw = before.clone();
        raw.make_raw();
        // Who is ended by a signal leaves it as it was, too.
        let back = before.clone();
        signals::each(move |signal| {
            restore(&back);
            process::exit(128 + signal.as_raw());
        })?;
        tcsetattr(stdin(), OptionalActions::Flush, &raw).map_err(refused)?;
        Ok((Self { before }, terminal))
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        restore(&self.before);
    }
}

fn restore(before: &Termios) {
    // A terminal that is gone needs nothing.
    let _ = tcsetattr(stdin(), OptionalActions::Flush, before);
}
