//! Ctrl-C and its kin, turned into something that can be waited for.

use std::io;
use std::thread;

use boatyard_engine::sandbox::Signal;
use boatyard_plan::failure::{Failure, Fault};
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
use signal_hook::iterator::Signals;

/// Signals cannot be caught.
#[derive(Debug, thiserror::Error)]
#[error("cannot catch signals")]
pub struct CannotCatch {
    source: io::Error,
}

impl Failure for CannotCatch {
    fn fault(&self) -> Fault {
        Fault::Refused
    }
}

/// Calls `act` for each signal that asks us to end, on a thread of its own, until the process ends.
pub fn each(act: impl Fn(Signal) + Send + 'static) -> Result<(), CannotCatch> {
    let caught = Signals::new([SIGINT, SIGTERM, SIGHUP, SIGQUIT]);
    let mut signals = caught.map_err(|source| CannotCatch { source })?;
    thread::spawn(move || {
        for signal in signals.forever() {
            act(match signal {
                SIGINT => Signal::INT,
                SIGHUP => Signal::HUP,
                SIGQUIT => Signal::QUIT,
                _ => Signal::TERM,
            });
        }
    });
    Ok(())
}
