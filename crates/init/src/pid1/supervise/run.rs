//! The loop. It sleeps in one system call until something happens.

use std::os::fd::{AsRawFd as _, RawFd};
use std::time::Duration;

use boatyard_init::contract::{Role, Target};
use boatyard_init::control::{Refused, Status};
use boatyard_init::environment::Environment;
use boatyard_init::exit;
use boatyard_init::log::Format;
use boatyard_init::signal::Signal;
use boatyard_init::supervise::{Action, Event, Plan, Readiness, Supervisor};

use super::child::Child;
use super::harvest::Backlog;
use crate::pid1::control::{Control, Told};
use crate::pid1::dev_log::{DevLog, Wish};
use crate::pid1::ground::Ground;
use crate::pid1::outlet::Outlet;
use crate::pid1::probes::Probes;
use crate::pid1::say;
use crate::pid1::sibling::Sibling;
use crate::pid1::sys::clock;
use crate::pid1::sys::poll::{self, For};
use crate::pid1::sys::process;
use boatyard_pages as pages;

/// The `post_deploy` hook.
pub struct AfterStart {
    /// What it sees.
    pub environment: Environment,
    /// Whether its failure ends all.
    pub is_strict: bool,
}

/// What is wanted beside the services.
pub struct Wanted {
    /// How lines are written; none: with the name of the service where there are several.
    pub log: Option<Format>,
    /// Answering probes.
    pub probes: Option<Probes>,
    /// Answering other processes of the container, and the role that they ask about.
    pub control: Option<(Control, String)>,
    /// What is done once all are ready.
    pub after_start: Option<AfterStart>,
    /// Where syslog is listened for.
    pub syslog: Wish,
    /// Time for a stop, if it is not the role's.
    pub grace: Option<Duration>,
}

pub(super) struct Loop<'a> {
    pub(super) supervisor: Supervisor,
    pub(super) children: Vec<Child>,
    pub(super) outlets: [Outlet; 2],
    pub(super) probes: Option<Probes>,
    control: Option<(Control, String)>,
    /// What is still to be done once all are ready; then its process, and whether its failure ends all.
    after_start: Option<AfterStart>,
    pub(super) after_started: Option<(i32, bool)>,
    /// The exit code that a failure beside the services gives.
    pub(super) failure: Option<u8>,
    pub(super) backlog: Backlog,
    pub(super) syslog: Option<DevLog>,
    pub(super) log: Format,
    /// All that are dead have been reaped.
    pub(super) is_drained: bool,
    environment: &'a Environment,
    pub(super) ground: &'a Ground,
}

/// Runs the services of a role until all have ended; returns the exit code. What failed has been told.
pub fn run(
    role: &Role,
    wanted: Wanted,
    environment: &Environment,
    ground: &Ground,
) -> Result<u8, u8> {
    let mut plan = Plan::of(role).map_err(|misfit| {
        say::warn(&misfit);
        exit::CONFIG
    })?;
    plan.budget = wanted.grace.unwrap_or(plan.budget);
    let usual = if plan.services.len() > 1 {
        Format::Prefix
    } else {
        Format::Raw
    };
    let log = wanted.log.unwrap_or(usual);
    let children = plan
        .services
        .iter()
        .map(Child::new)
        .collect::<Result<_, _>>()?;
    let mut this = Loop {
        supervisor: Supervisor::new(plan),
        children,
        outlets: [Outlet::new(1), Outlet::new(2)],
        probes: wanted.probes,
        control: wanted.control,
        after_start: wanted.after_start,
        after_started: None,
        failure: None,
        backlog: Backlog::default(),
        syslog: DevLog::open(&wanted.syslog, log, "syslog", ground.pid == 1),
        log,
        is_drained: true,
        environment,
        ground,
    };
    let mut events = vec![Event::Tick];
    pages::divide(pages::QUICK);
    pages::let_go();
    loop {
        for event in events {
            if let Some(code) = this.step(event) {
                this.finish();
                return Ok(this.failure.unwrap_or(code));
            }
        }
        events = this.wait().map_err(|error| {
            say::warn(format_args!("cannot wait: {error}"));
            exit::SYSTEM
        })?;
    }
}

impl Loop<'_> {
    fn step(&mut self, event: Event) -> Option<u8> {
        let mut events = vec![event];
        while let Some(event) = events.pop() {
            for action in self.supervisor.step(event, clock::now()) {
                match action {
                    Action::Start(index) => events.push(self.start(index)),
                    Action::Probe(index) => events.extend(self.probe(index)),
                    Action::Send(index, signal) => self.send(index, signal),
                    // Whoever asks is answered from the state itself.
                    Action::SetReady(false) => {}
                    Action::SetReady(true) => self.all_are_ready(),
                    Action::Tell(Some(index), note) => {
                        let name = self
                            .supervisor
                            .plan()
                            .services
                            .get(index)
                            .map_or("", |spec| &spec.name);
                        say::warn(format_args!("{name} {note}"));
                    }
                    Action::Tell(None, note) => say::warn(&note),
                    Action::Exit(code) => return Some(code),
                }
            }
        }
        None
    }

    /// The first time, something is to be done.
    fn all_are_ready(&mut self) {
        let Some(wanted) = self.after_start.take() else {
            return;
        };
        let sibling = Sibling {
            ground: self.ground,
        };
        let pid = sibling.start(&["--after-start"], &wanted.environment, None, &[]);
        self.after_started = pid.map(|pid| (pid, wanted.is_strict));
    }

    fn start(&mut self, index: usize) -> Event {
        let spec = self.supervisor.plan().services.get(index);
        let (Some(spec), Some(child)) = (spec, self.children.get_mut(index)) else {
            return Event::Tick;
        };
        match child.start(spec, self.environment, self.ground) {
            Ok(()) => Event::Started(index),
            Err(code) => Event::NotStarted(index, code),
        }
    }

    fn probe(&mut self, index: usize) -> Option<Event> {
        let spec = self.supervisor.plan().services.get(index)?;
        let how = match &spec.ready {
            Readiness::Tcp(address) => format!("tcp://{address}"),
            Readiness::Http { address, path } => format!("http://{address}{path}"),
            Readiness::File(path) => format!("file:{}", path.display()),
            Readiness::Command(command) => command.clone(),
            _ => return None,
        };
        let words = match &spec.ready {
            Readiness::Command(_) => ["exec", "--", "/bin/sh", "-c", &how].to_vec(),
            _ => ["--ask", &how].to_vec(),
        };
        let sibling = Sibling {
            ground: self.ground,
        };
        let started = sibling.start(&words, self.environment, None, &[]);
        self.children.get_mut(index)?.probe = started;
        started.is_none().then_some(Event::Probed(index, false))
    }

    fn send(&self, index: usize, signal: Signal) {
        let spec = self.supervisor.plan().services.get(index);
        let pid = self.children.get(index).and_then(|child| child.pid);
        if let (Some(spec), Some(pid)) = (spec, pid) {
            // KILL takes what the service started with it; all other signals go where its contract says.
            let to = if spec.target == Target::Main && signal != Signal::KILL {
                pid
            } else {
                -pid
            };
            if let Err(error) = process::kill(to, signal)
                && error.raw_os_error() != Some(libc::ESRCH)
            {
                say::warn(format_args!(
                    "cannot send {signal} to {}: {error}",
                    spec.name
                ));
            }
        }
    }

    /// Whether it comes from our terminal, and is none of the services' business: WINCH would end Apache, TSTP stop a service
    /// that nobody continues.
    fn is_of_terminal(&self, signal: Signal) -> bool {
        self.ground.terminal.is_some()
            && [Signal::TSTP, Signal::TTIN, Signal::TTOU, Signal::WINCH].contains(&signal)
    }

    /// Answers who asks what the services do. Gives what they want.
    fn answer(&mut self) -> Vec<Event> {
        let Some((control, role)) = &mut self.control else {
            return Vec::new();
        };
        let children = &self.children;
        let status = || {
            let pid = |index: usize| children.get(index).and_then(|child| child.pid);
            Status {
                role: role.clone(),
                state: self.supervisor.state(),
                pid: process::id(),
                services: self.supervisor.services(pid).collect(),
            }
        };
        let alone = || Refused::Alone { role: role.clone() };
        let pace = |index| self.supervisor.pace_of_restart(index).ok_or_else(alone);
        let told = control.serve(clock::now(), &status, &pace).into_iter();
        told.map(|told| match told {
            Told::Signal(signal) => Event::Received(signal),
            Told::Restart(index) => Event::Restart(index),
        })
        .collect()
    }

    fn wait(&mut self) -> std::io::Result<Vec<Event>> {
        let mut waits: Vec<(RawFd, For)> = vec![(self.ground.signals.fd(), For::Reading)];
        waits.extend(
            self.outlets
                .iter()
                .filter_map(|outlet| Some((outlet.waits()?, For::Writing))),
        );
        waits.extend(self.probes.iter().flat_map(Probes::waits));
        waits.extend(self.control.iter().flat_map(|(control, _)| control.waits()));
        waits.extend(self.syslog.iter().map(|socket| (socket.fd(), For::Reading)));
        let is_full = self.outlets.iter().any(Outlet::is_full);
        let reads = self.backlog.may_read(is_full, clock::now());
        for child in &self.children {
            waits.extend(
                child
                    .notify
                    .iter()
                    .map(|(socket, _)| (socket.as_raw_fd(), For::Reading)),
            );
            waits.extend(child.line.iter().map(|inlet| (inlet.fd(), For::Reading)));
            if reads {
                waits.extend(
                    child
                        .outputs
                        .iter()
                        .map(|(inlet, _)| (inlet.fd(), For::Reading)),
                );
            }
        }
        let deadline = self
            .supervisor
            .deadline()
            .into_iter()
            .chain(self.probes.as_ref().and_then(Probes::deadline))
            .chain(
                self.control
                    .as_ref()
                    .and_then(|(control, _)| control.deadline()),
            )
            .chain(self.backlog.deadline(clock::now()))
            .chain((!self.is_drained).then_some(Duration::ZERO))
            .min();
        poll::wait(
            &waits,
            deadline.map(|deadline| deadline.saturating_sub(clock::now())),
        )?;
        self.flow();
        let mut events: Vec<Event> = Vec::new();
        for (index, child) in self.children.iter_mut().enumerate() {
            if child.says_ready() {
                events.push(Event::Ready(index));
            }
        }
        let signals = self.ground.signals.read()?;
        events.extend(self.reap());
        events.extend(
            signals
                .into_iter()
                .filter(|signal| *signal != Signal::CHLD && !self.is_of_terminal(*signal))
                .map(Event::Received),
        );
        events.extend(self.answer());
        events.push(Event::Tick);
        if let Some(probes) = &mut self.probes {
            let sibling = Sibling {
                ground: self.ground,
            };
            // What is not ready by itself is not asked.
            probes.serve(clock::now(), !self.supervisor.is_ready(), &sibling);
        }
        Ok(events)
    }
}
