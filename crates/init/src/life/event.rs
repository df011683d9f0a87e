//! What happens, and what is done about it.

use crate::contract::Target;
use crate::exit::Ending;
use crate::signal::Signal;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// Init received a signal other than CHLD.
    Received(Signal),
    /// A child was reaped: the main process or an orphan.
    Reaped {
        /// Its process id.
        pid: i32,
        /// How it ended.
        ending: Ending,
    },
    /// A child was stopped, and can go on after a CONT.
    Suspended {
        /// Its process id.
        pid: i32,
    },
    /// All dead children are reaped.
    Drained {
        /// Whether there are children that live.
        living: bool,
    },
    /// The time that [`Life::deadline`](super::Life::deadline) told has come.
    Deadline,
}

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Send a signal.
    Send(Signal, Recipient),
    /// Stop init itself, so that the shell that started it takes over; go on when that says so.
    Suspend,
    /// Exit with this code.
    Exit(u8),
}

/// Who gets a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recipient {
    /// The main process.
    Main,
    /// Its process group.
    Group,
    /// Every process but init.
    All,
}

impl From<Target> for Recipient {
    fn from(target: Target) -> Self {
        match target {
            Target::Main => Self::Main,
            Target::Group => Self::Group,
            Target::All => Self::All,
        }
    }
}
