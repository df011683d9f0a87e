//! What init does beside the main process: it answers, and writes what others say.

use std::os::fd::RawFd;
use std::time::Duration;

use boatyard_init::contract::MAIN;
use boatyard_init::control::{Refused, Service, State, Status};
use boatyard_init::signal::Signal;

use super::control::{Control, Told};
use super::dev_log::DevLog;
use super::log::Log;
use super::outlet::Outlet;
use super::probes::Probes;
use super::sys::clock;
use super::sys::poll::For;
use super::sys::process;

/// How long what is left of syslog may take to be written.
const DRAIN: Duration = Duration::from_secs(1);

/// What init does beside the main process.
#[derive(Default)]
pub struct Beside {
    /// Answering probes.
    pub probes: Option<Probes>,
    /// Answering other processes of the container, and the role that they ask about.
    pub control: Option<(Control, String)>,
    /// Writing what the main process prints.
    pub log: Option<Log>,
    /// What programs say to syslog, and our standard output if it is nobody else's.
    pub syslog: Option<(DevLog, Outlet)>,
    /// The process of what is done once it is ready, and whether its failure ends all.
    pub after_start: Option<(i32, bool)>,
}

impl Beside {
    /// Whether processes beside the main one belong to it, whose end it has to hear of.
    pub fn has_processes(&self) -> bool {
        self.probes.is_some() || self.after_start.is_some()
    }

    /// Adds what it waits for.
    pub fn add_waits(&self, what: &mut Vec<(RawFd, For)>) {
        what.extend(self.probes.iter().flat_map(Probes::waits));
        let control = self.control.iter();
        what.extend(control.flat_map(|(control, _)| control.waits()));
        what.extend(self.log.iter().flat_map(Log::waits));
        if let Some((socket, outlet)) = &self.syslog {
            what.push((socket.fd(), For::Reading));
            what.extend(outlet.waits().map(|fd| (fd, For::Writing)));
        }
    }

    /// When it has something to do though nothing happens.
    pub fn deadline(&self) -> Option<Duration> {
        let control = self.control.as_ref();
        let deadlines = [
            self.probes.as_ref().and_then(Probes::deadline),
            control.and_then(|(control, _)| control.deadline()),
            self.log.as_ref().and_then(Log::deadline),
        ];
        deadlines.into_iter().flatten().min()
    }

    /// Reads and writes what can be.
    pub fn flow(&mut self, now: Duration) {
        if let Some(log) = &mut self.log {
            log.flow(now);
        }
        if let Some((socket, own)) = &mut self.syslog {
            own.flow();
            socket.flow(self.log.as_mut().and_then(Log::output).unwrap_or(own));
        }
    }

    /// Answers who asks what the main process does. Gives the signals that are to be taken for received.
    pub fn answer(&mut self, now: Duration, main: i32, is_stopping: bool) -> Vec<Signal> {
        let Some((control, role)) = &mut self.control else {
            return Vec::new();
        };
        let state = if is_stopping {
            State::Stopping
        } else {
            State::Running
        };
        let status = || Status {
            role: role.clone(),
            state,
            pid: process::id(),
            services: vec![Service {
                name: MAIN.to_owned(),
                state,
                pid: Some(main),
                restarts: 0,
                starts: 1,
                code: None,
            }],
        };
        let alone = |_| Err(Refused::Alone { role: role.clone() });
        let told = control.serve(now, &status, &alone).into_iter();
        told.filter_map(|told| match told {
            Told::Signal(signal) => Some(signal),
            // It is told that nothing is started again.
            Told::Restart(_) => None,
        })
        .collect()
    }

    /// Reads and writes what is left, for a while.
    pub fn finish(&mut self) {
        self.flow(clock::now());
        if let Some(log) = &mut self.log {
            log.finish();
        }
        if let Some((_, own)) = &mut self.syslog {
            own.finish(DRAIN);
        }
    }
}
