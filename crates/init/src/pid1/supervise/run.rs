//! The loop. It sleeps in one system call until something happens.

use std::os::fd::{AsRawFd as _, RawFd};
use std::time::Duration;

use boatyard_init::contract::{Role, Target};
use boatyard_init::environment::Environment;
use boatyard_init::exit;
use boatyard_init::log::{Format, Origin, line};
use boatyard_init::probe::Question;
use boatyard_init::signal::Signal;
use boatyard_init::supervise::{Action, Event, Plan, Readiness, Supervisor};

use super::child::Child;
use crate::pid1::dev_log::{DevLog, Wish};
use crate::pid1::ground::Ground;
use crate::pid1::outlet::Outlet;
use crate::pid1::probe_server::ProbeServer;
use crate::pid1::say;
use crate::pid1::sibling::Sibling;
use crate::pid1::sys::clock;
use crate::pid1::sys::pages;
use crate::pid1::sys::poll::{self, For};
use crate::pid1::sys::process::{self, Child as Dead};

/// What is wanted beside the services.
pub struct Wanted {
    /// How lines are written; none: with the name of the service where there are several.
    pub log: Option<Format>,
    /// Where probes are answered.
    pub probes: Option<String>,
    /// Where syslog is listened for.
    pub syslog: Wish,
    /// Time for a stop, if it is not the role's.
    pub grace: Option<Duration>,
}

struct Loop<'a> {
    supervisor: Supervisor,
    children: Vec<Child>,
    outlets: [Outlet; 2],
    server: Option<ProbeServer>,
    syslog: Option<DevLog>,
    log: Format,
    environment: &'a Environment,
    ground: &'a Ground,
}

/// Runs the services of a role until all have ended; returns the exit code. What failed has been told.
pub fn run(
    role: &Role,
    wanted: &Wanted,
    environment: &Environment,
    ground: &Ground,
) -> Result<u8, u8> {
    let mut plan = Plan::of(role).map_err(|misfit| {
        say::warn(&misfit);
        exit::CONFIG
    })?;
    plan.budget = wanted.grace.unwrap_or(plan.budget);
    let server = wanted.probes.as_deref().map(|address| {
        ProbeServer::new(address).map_err(|error| {
            say::warn(format_args!("cannot answer probes at {address}: {error}"));
            exit::SYSTEM
        })
    });
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
        server: server.transpose()?,
        syslog: DevLog::open(&wanted.syslog, log, "syslog", ground.pid == 1),
        log,
        environment,
        ground,
    };
    let mut events = vec![Event::Tick];
    pages::divide();
    pages::let_go();
    loop {
        for event in events {
            if let Some(code) = this.step(event) {
                this.finish();
                return Ok(code);
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
                    Action::SetReady(_) => {}
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

    fn wait(&mut self) -> std::io::Result<Vec<Event>> {
        let mut waits: Vec<(RawFd, For)> = vec![(self.ground.signals.fd(), For::Reading)];
        waits.extend(
            self.outlets
                .iter()
                .filter_map(|outlet| Some((outlet.waits()?, For::Writing))),
        );
        waits.extend(self.server.iter().flat_map(ProbeServer::waits));
        waits.extend(self.syslog.iter().map(|socket| (socket.fd(), For::Reading)));
        let is_full = self.outlets.iter().any(Outlet::is_full);
        for child in &self.children {
            waits.extend(
                child
                    .notify
                    .iter()
                    .map(|(socket, _)| (socket.as_raw_fd(), For::Reading)),
            );
            waits.extend(child.line.iter().map(|inlet| (inlet.fd(), For::Reading)));
            if !is_full {
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
            .chain(self.server.as_ref().and_then(ProbeServer::deadline))
            .min();
        poll::wait(
            &waits,
            deadline.map(|deadline| deadline.saturating_sub(clock::now())),
        )?;
        for outlet in &mut self.outlets {
            outlet.flow();
        }
        if let (Some(syslog), [output, _]) = (&mut self.syslog, &mut self.outlets) {
            syslog.flow(output);
        }
        if !self.outlets.iter().any(Outlet::is_full) {
            self.read_outputs();
        }
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
                .filter(|signal| *signal != Signal::CHLD)
                .map(Event::Received),
        );
        events.push(Event::Tick);
        if let Some(server) = &mut self.server {
            let ready = if self.supervisor.is_ready() { 200 } else { 503 };
            for question in server.take(clock::now()) {
                server.answer(
                    question,
                    if question == Question::Ready {
                        ready
                    } else {
                        200
                    },
                );
            }
        }
        Ok(events)
    }

    fn reap(&mut self) -> Vec<Event> {
        let (mut events, mut dead) = (Vec::new(), Vec::new());
        loop {
            match process::reap() {
                Dead::Dead { pid, ending } => {
                    for (index, child) in self.children.iter_mut().enumerate() {
                        if child.pid == Some(pid) {
                            child.pid = None;
                            dead.push((index, ending));
                        } else if child.probe == Some(pid) {
                            child.probe = None;
                            events.push(Event::Probed(index, ending.code() == 0));
                        }
                    }
                }
                Dead::Suspended { .. } => {}
                Dead::Alive | Dead::None => break,
            }
        }
        if !dead.is_empty() {
            self.read_outputs();
            events.push(Event::Ended(dead));
        }
        events
    }

    fn read_outputs(&mut self) {
        let names = self
            .supervisor
            .plan()
            .services
            .iter()
            .map(|spec| spec.name.as_str());
        for (child, role) in self.children.iter_mut().zip(names) {
            child.outputs.retain_mut(|(inlet, number)| {
                let (lines, goes_on) = inlet.read();
                let time = if self.log == Format::Json {
                    jiff::Timestamp::now().to_string()
                } else {
                    String::new()
                };
                let (stream, outlet) = if *number == 1 {
                    ("stdout", 0)
                } else {
                    ("stderr", 1)
                };
                for found in lines {
                    let origin = Origin {
                        role,
                        stream,
                        time: &time,
                    };
                    if let Some(outlet) = self.outlets.get_mut(outlet) {
                        outlet.push(&line(self.log, origin, &found.bytes, found.cut));
                    }
                }
                goes_on
            });
        }
    }

    fn finish(&mut self) {
        self.read_outputs();
        if let (Some(syslog), [output, _]) = (&mut self.syslog, &mut self.outlets) {
            syslog.flow(output);
        }
        for outlet in &mut self.outlets {
            outlet.finish(Duration::from_millis(500));
        }
    }
}
