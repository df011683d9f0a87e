//! Answering who asks what the jobs do.

use boatyard_init::control::Refused;
use boatyard_init::cron::{RunId, Scheduler};
use boatyard_init::signal::Signal;

use super::run::Loop;
use crate::pid1::control::Told;
use crate::pid1::sys::clock;
use crate::pid1::sys::process;

impl Loop<'_> {
    /// Answers. Gives the signals that are to be taken for received.
    pub(super) fn answer(&mut self, scheduler: &Scheduler) -> Vec<Signal> {
        let Some(control) = &mut self.control else {
            return Vec::new();
        };
        let running = &self.running;
        let process_of = |run: RunId| {
            let mut all = running.iter();
            all.find_map(|(pid, of)| (*of == run).then_some(*pid))
        };
        let status = || scheduler.status(process::id(), &process_of);
        let told = control.serve(clock::now(), &status, &|_| Err(Refused::Due));
        let signals = told.into_iter().filter_map(|told| match told {
            Told::Signal(signal) => Some(signal),
            Told::Restart(_) => None,
        });
        signals.collect()
    }
}
