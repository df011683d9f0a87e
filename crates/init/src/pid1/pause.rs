//! Being there and reaping, for a pod whose processes have other parents.

use boatyard_init::exit;
use boatyard_init::signal::Signal;

use super::say;
use super::sys::process::{self, Child};
use super::sys::signals;

/// Reaps until INT or TERM comes; returns the exit code.
pub fn until_stopped() -> u8 {
    if process::id() != 1
        && let Err(error) = process::become_subreaper()
    {
        say::warn(format_args!("orphans will not come to init: {error}"));
        return 1;
    }
    loop {
        match signals::wait(None) {
            Ok(received)
                if received
                    .iter()
                    .any(|&signal| [Signal::INT, Signal::TERM].contains(&signal)) =>
            {
                return 0;
            }
            Ok(_) => {
                while matches!(
                    process::reap(),
                    Child::Dead { .. } | Child::Suspended { .. }
                ) {}
            }
            Err(error) => {
                say::warn(format_args!("cannot wait for signals: {error}"));
                return exit::SYSTEM;
            }
        }
    }
}
