//! The loop. It sleeps in one system call until a job is due or something happens.

use std::collections::BTreeMap;
use std::os::fd::RawFd;
use std::time::Duration;

use boatyard_init::cron::{
    About, Action, Call, Event, Level, Now, Options, Outcome, Reloads, Retry, RunId, Scheduler,
    Table, answer,
};
use boatyard_init::environment::Environment;
use boatyard_init::exit;
use boatyard_init::signal::Signal;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::job::{self, Manner, Output};
use super::log::Log;
use super::source::Source;
use crate::pid1::control::Control;
use crate::pid1::http_server::{HttpServer, Reply};
use crate::pid1::say;
use crate::pid1::sys::alarm::Alarm;
use crate::pid1::sys::clock;
use crate::pid1::sys::inotify::Inotify;
use crate::pid1::sys::poll::{self, For};
use crate::pid1::sys::process;
use crate::pid1::sys::signals::{Inherited, Signals};
use boatyard_pages as pages;

/// How much time a stop has where nobody says.
const GRACE: Duration = Duration::from_secs(25);

/// All that the loop waits for and acts on.
pub struct Loop<'a> {
    pub(super) call: &'a Call,
    pub(super) source: &'a Source,
    /// When it is read again.
    pub(super) retry: Retry,
    pub(super) log: Log,
    pub(super) given: &'a Environment,
    pub(super) environment: Environment,
    /// The shell that the crontab asks for.
    pub(super) shell: Option<String>,
    pub(super) inherited: Inherited,
    pub(super) signals: Signals,
    pub(super) alarm: Alarm,
    pub(super) watch: Option<Inotify>,
    /// Nobody waits there for an answer.
    pub(super) server: Option<HttpServer>,
    /// Answering other processes of the container.
    pub(super) control: Option<Control>,
    pub(super) reloads: Reloads,
    pub(super) is_stopping: bool,
    pub(super) running: BTreeMap<i32, RunId>,
    pub(super) outputs: Vec<Output>,
    /// All that are dead have been reaped.
    pub(super) is_drained: bool,
}

impl<'a> Loop<'a> {
    /// Opens what it waits for. What failed has been told; the error is the exit code.
    pub fn new(
        call: &'a Call,
        source: &'a Source,
        bytes: Vec<u8>,
        log: Log,
        environment: &'a Environment,
        inherited: Inherited,
    ) -> Result<Self, u8> {
        let system = |what: &'static str| {
            move |error: std::io::Error| {
                say::warn(format_args!("cannot {what}: {error}"));
                exit::SYSTEM
            }
        };
        if process::id() != 1
            && let Err(error) = process::become_subreaper()
        {
            say::warn(format_args!(
                "orphans will not come to init, which is not PID 1: {error}"
            ));
        }
        let server = call
            .listen
            .map(HttpServer::at)
            .transpose()
            .map_err(system("listen for metrics"))?;
        let mut this = Self {
            call,
            source,
            retry: Retry::new(bytes),
            log,
            given: environment,
            environment: environment.clone(),
            shell: None,
            inherited,
            signals: Signals::open().map_err(system("listen for signals"))?,
            alarm: Alarm::new().map_err(system("set a timer"))?,
            watch: None,
            server,
            // That program has none.
            control: (!call.is_supercronic)
                .then(|| Control::open(environment))
                .flatten(),
            reloads: Reloads::default(),
            is_stopping: false,
            running: BTreeMap::new(),
            outputs: Vec::new(),
            is_drained: true,
        };
        if let Some(address) = this.server.as_ref().and_then(HttpServer::address) {
            this.log.tell(
                Level::Info,
                &format!("serving metrics at http://{address}/metrics"),
                None,
            );
        }
        if let Some(folder) = source.folder().filter(|_| call.watch) {
            match Inotify::folder(folder) {
                Ok(watch) => this.watch = Some(watch),
                Err(error) => this.log.tell(
                    Level::Warning,
                    &format!(
                        "cannot watch {}: {error}; send USR2 after a change",
                        folder.display()
                    ),
                    None,
                ),
            }
        }
        Ok(this)
    }

    /// Runs these jobs until a stop; returns the exit code.
    pub fn run(&mut self, table: Table) -> u8 {
        self.take_environment(&table);
        let now = now();
        let options = Options {
            zone: TimeZone::system(),
            grace: self.grace(),
            warn_every: Duration::from_secs(if self.call.is_supercronic { 0 } else { 60 }),
            seed: u64::from_ne_bytes(
                clock::now()
                    .as_nanos()
                    .to_ne_bytes()
                    .first_chunk()
                    .copied()
                    .unwrap_or_default(),
            ) ^ u64::from(process::id().unsigned_abs()),
        };
        let mut scheduler = Scheduler::new(table.jobs, options, now);
        let mut events = vec![Event::Tick];
        pages::divide(pages::QUICK);
        loop {
            for event in events {
                if let Some(code) = self.step(&mut scheduler, event) {
                    self.log.finish();
                    return code;
                }
            }
            events = match self.wait(&scheduler) {
                Ok(events) => events,
                Err(error) => {
                    say::warn(format_args!("cannot wait: {error}"));
                    return exit::SYSTEM;
                }
            };
        }
    }

    /// The flag, else `STOP_GRACE` in seconds or as a time, else the default.
    fn grace(&self) -> Duration {
        let variable = || {
            let text = std::str::from_utf8(self.given.get("STOP_GRACE")?).ok()?;
            boatyard_init::cron::parse_duration(text)
        };
        self.call.grace.or_else(variable).unwrap_or(GRACE)
    }

    /// Takes an event and acts on what it brings, and on what that brings; the exit code if it is time.
    fn step(&mut self, scheduler: &mut Scheduler, event: Event) -> Option<u8> {
        let mut events = vec![event];
        while let Some(event) = events.pop() {
            for action in scheduler.step(event, now()) {
                match action {
                    Action::Start(run, about) => {
                        if self.start(run, &about).is_err() {
                            events.push(Event::Ended(run, Outcome::NotStarted));
                        }
                    }
                    Action::Send(run, signal) => self.send(run, signal),
                    Action::Tell(note, about) => {
                        let text = note.to_string();
                        self.log.tell(note.level(), &text, about.as_ref());
                    }
                    Action::Exit(code) => return Some(code),
                }
            }
        }
        None
    }

    fn start(&mut self, run: RunId, about: &About) -> Result<(), u8> {
        let manner = Manner {
            environment: &self.environment,
            shell: self.shell.as_deref(),
            passthrough: self.call.passthrough,
            inherited: self.inherited,
        };
        let started = job::start(run, about, &manner)?;
        self.running.insert(started.pid, run);
        self.outputs.extend(started.outputs);
        Ok(())
    }

    fn send(&mut self, run: RunId, signal: Signal) {
        let group = self
            .running
            .iter()
            .find(|(_, found)| **found == run)
            .map(|(pid, _)| -pid);
        if let Some(group) = group
            && let Err(error) = process::kill(group, signal)
            && error.raw_os_error() != Some(libc::ESRCH)
        {
            let message = format!("cannot send {signal} to process group {}: {error}", -group);
            self.log.tell(Level::Warning, &message, None);
        }
    }

    fn wait(&mut self, scheduler: &Scheduler) -> std::io::Result<Vec<Event>> {
        let wake = scheduler.wake();
        self.alarm.set(wake.wall.map(Timestamp::as_second))?;
        let mut waits: Vec<(RawFd, For)> = vec![
            (self.signals.fd(), For::Reading),
            (self.alarm.fd(), For::Reading),
        ];
        waits.extend(self.watch.as_ref().map(|watch| (watch.fd(), For::Reading)));
        waits.extend(self.server.iter().flat_map(HttpServer::waits));
        waits.extend(self.control.iter().flat_map(Control::waits));
        waits.extend(self.log.waits().map(|fd| (fd, For::Writing)));
        if !self.log.is_full() {
            waits.extend(
                self.outputs
                    .iter()
                    .map(|output| (output.inlet.fd(), For::Reading)),
            );
        }
        let deadline = wake
            .steady
            .into_iter()
            .chain(self.server.as_ref().and_then(HttpServer::deadline))
            .chain(self.control.as_ref().and_then(Control::deadline))
            .chain(self.retry.deadline())
            .chain((!self.is_drained).then_some(Duration::ZERO))
            .min();
        let timeout = deadline.map(|deadline| deadline.saturating_sub(clock::now()));
        if self.running.is_empty() && self.outputs.is_empty() {
            pages::let_go();
        }
        let ready = poll::wait(&waits, timeout)?;
        let is_ready = |fd: RawFd| {
            waits
                .iter()
                .zip(&ready)
                .any(|((found, _), ready)| *found == fd && *ready)
        };
        self.log.flow();
        if is_ready(self.alarm.fd()) {
            self.alarm.clear();
        }
        self.read_outputs(is_ready);
        if let Some(server) = &mut self.server {
            let reloads = self.reloads;
            server.serve(clock::now(), &mut |request| {
                answer(request, scheduler, reloads).map_or(Reply::Incomplete, Reply::Now)
            });
        }
        if let Some(watch) = self.watch.as_ref().filter(|watch| is_ready(watch.fd())) {
            watch.clear();
            self.retry.changed(clock::now());
        }
        let mut events = Vec::new();
        // Reaping comes before anything that sends signals: a process id may be free again.
        let mut signals = if is_ready(self.signals.fd()) {
            self.signals.read()?
        } else {
            Vec::new()
        };
        events.extend(self.reap());
        signals.extend(self.answer(scheduler));
        let asked = [
            Signal::from_number(libc::SIGUSR2),
            Signal::from_number(libc::SIGHUP),
        ];
        let reload = signals.iter().any(|signal| asked.contains(&Some(*signal)));
        events.extend(self.reload(reload));
        let stops = [libc::SIGTERM, libc::SIGINT, libc::SIGQUIT];
        for signal in signals
            .iter()
            .filter(|signal| stops.contains(&signal.number()))
        {
            let message = format!("received {signal}, shutting down");
            self.log.tell(Level::Info, &message, None);
            if !(self.call.is_supercronic && std::mem::replace(&mut self.is_stopping, true)) {
                events.push(Event::Stop);
            }
        }
        events.push(Event::Tick);
        Ok(events)
    }
}

fn now() -> Now {
    Now {
        wall: Timestamp::now(),
        steady: clock::now(),
    }
}
