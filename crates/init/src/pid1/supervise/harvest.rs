//! What services leave: output, and their end.

use std::time::Duration;

use boatyard_init::exit::Ending;
use boatyard_init::log::{Format, Origin, line};
use boatyard_init::signal::Signal;
use boatyard_init::supervise::Event;

use super::run::Loop;
use crate::pid1::family::{self, Reach};
use crate::pid1::outlet::Outlet;
use crate::pid1::say;
use crate::pid1::sys::clock;
use crate::pid1::sys::poll::{self, For};
use crate::pid1::sys::process::{self, Child as Dead};

/// How long services wait for a reader of ours that reads nothing. After that lines are dropped, and counted.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long what services left running may take to end.
const LEFTOVERS: Duration = Duration::from_secs(5);

/// Our outputs, when nobody reads them.
#[derive(Default)]
pub struct Backlog {
    /// Since when more waits to be written than should.
    since: Option<Duration>,
    dropped: u64,
}

impl Backlog {
    /// When patience is over, if it is not yet.
    pub fn deadline(&self, now: Duration) -> Option<Duration> {
        let end = self.since?.saturating_add(PATIENCE);
        (end > now).then_some(end)
    }

    /// Whether services may go on to write: there is room, or there was none for too long.
    pub fn may_read(&mut self, is_full: bool, now: Duration) -> bool {
        if !is_full {
            self.since = None;
            if self.dropped > 0 {
                let dropped = std::mem::take(&mut self.dropped);
                say::warn(format_args!("nobody read: {dropped} lines are lost"));
            }
            return true;
        }
        let since = *self.since.get_or_insert(now);
        now.saturating_sub(since) >= PATIENCE
    }
}

impl Loop<'_> {
    /// Reaps those that are dead. Services that died together are told of together, so that it is known which comes first.
    pub(super) fn reap(&mut self) -> Vec<Event> {
        let (mut events, mut dead) = (Vec::new(), Vec::new());
        let mut reaped = 0;
        self.is_drained = false;
        while reaped < process::BATCH || !dead.is_empty() {
            match process::reap() {
                Dead::Dead { pid, ending } => {
                    reaped += 1;
                    for (index, child) in self.children.iter_mut().enumerate() {
                        if child.pid == Some(pid) {
                            child.pid = None;
                            dead.push((index, ending));
                        } else if child.probe == Some(pid) {
                            child.probe = None;
                            events.push(Event::Probed(index, ending.code() == 0));
                        }
                    }
                    events.extend(self.other(pid, ending));
                }
                Dead::Suspended { .. } => {}
                Dead::Alive | Dead::None => {
                    self.is_drained = true;
                    break;
                }
            }
        }
        if !dead.is_empty() {
            self.read_outputs();
            events.push(Event::Ended(dead));
        }
        events
    }

    /// The end of a process that is no service.
    fn other(&mut self, pid: i32, ending: Ending) -> Option<Event> {
        if let Some(probes) = &mut self.probes {
            probes.reaped(pid, ending, clock::now());
        }
        let (_, is_strict) = self.after_started.take_if(|(after, _)| *after == pid)?;
        let code = ending.code();
        if code == 0 || self.supervisor.is_stopping() {
            return None;
        }
        say::warn(format_args!("post_deploy failed with exit code {code}"));
        if !is_strict {
            return None;
        }
        self.failure = Some(code);
        Some(Event::Received(Signal::TERM))
    }

    /// Reads and writes what can be.
    pub(super) fn flow(&mut self) {
        for outlet in &mut self.outlets {
            outlet.flow();
        }
        if let (Some(syslog), [output, _]) = (&mut self.syslog, &mut self.outlets) {
            syslog.flow(output);
        }
        let is_full = self.outlets.iter().any(Outlet::is_full);
        if self.backlog.may_read(is_full, clock::now()) {
            self.read_outputs();
        }
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
                    match self.outlets.get_mut(outlet) {
                        Some(outlet) if !outlet.is_full() => {
                            outlet.push(&line(self.log, origin, &found.bytes, found.cut));
                        }
                        _ => self.backlog.dropped += 1,
                    }
                }
                goes_on
            });
        }
    }

    /// All services have ended, or their time is over: ends what they left, and writes what is left.
    pub(super) fn finish(&mut self) {
        self.flow();
        if self.ground.reach != Reach::Nobody && someone_lives() {
            self.see_off();
        }
        self.flow();
        for outlet in &mut self.outlets {
            outlet.finish(Duration::from_millis(500));
        }
    }

    /// Daemons get TERM too, and what is left of the budget.
    fn see_off(&mut self) {
        family::send(self.ground.reach, Signal::TERM);
        let now = clock::now();
        let end = self.supervisor.end_of_budget().unwrap_or(now);
        let end = end.min(now.saturating_add(LEFTOVERS));
        loop {
            let left = end.saturating_sub(clock::now());
            if left.is_zero() {
                family::send(self.ground.reach, Signal::KILL);
                return;
            }
            // Output goes on meanwhile; nothing of it is worth more than a short wait.
            let short = left.min(Duration::from_millis(100));
            let _ = poll::wait(&[(self.ground.signals.fd(), For::Reading)], Some(short));
            let _ = self.ground.signals.read();
            if !someone_lives() {
                return;
            }
            self.flow();
        }
    }
}

/// Reaps all that are dead; whether others are not.
fn someone_lives() -> bool {
    loop {
        match process::reap() {
            Dead::Dead { .. } | Dead::Suspended { .. } => {}
            Dead::Alive => return true,
            Dead::None => return false,
        }
    }
}
