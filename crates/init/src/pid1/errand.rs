//! A child that runs to its end before, or instead of, the main process: an environment script, a hook, a job.

use std::io;
use std::os::fd::{AsRawFd as _, OwnedFd, RawFd};
use std::time::Duration;

use boatyard_init::environment::Environment;
use boatyard_init::exit::{self, Ending};
use boatyard_init::persona::{Place, Voice};
use boatyard_init::signal::Signal;

use super::command::Program;
use super::ground::Ground;
use super::sys::fork::Setup;
use super::sys::poll::{self, For};
use super::sys::process::{self, Child};
use super::sys::{clock, pipe};
use super::{say, spawn};

/// How much a report may hold: an environment cannot be larger than what exec takes.
const REPORT_BYTES: usize = 4 << 20;

/// Where descriptors that a child gets under another number wait, out of the way of all those numbers.
const LIFTED: RawFd = 64;

/// What is to be done.
pub struct Errand<'a> {
    /// What to run.
    pub program: &'a Program,
    /// With which environment.
    pub environment: &'a Environment,
    /// Whether its input is empty, and not ours.
    pub without_input: bool,
    /// Whether what it prints goes to standard error: the output belongs to somebody else.
    pub output_to_error: bool,
    /// The number of the descriptor on which it reports to us, if it does.
    pub report: Option<RawFd>,
    /// How long it may take.
    pub limit: Option<Limit>,
    /// Whether what it leaves running is killed.
    pub leaves_nothing: bool,
    /// Where it stands: in a group of its own, or in ours, so that whoever ends ours ends it.
    pub place: Place,
    /// Descriptors of ours that it gets, and their numbers there.
    pub lends: &'a [(RawFd, RawFd)],
}

impl<'a> Errand<'a> {
    /// An errand with our input and output, and all the time that it needs.
    pub fn new(program: &'a Program, environment: &'a Environment) -> Self {
        Self {
            program,
            environment,
            without_input: false,
            output_to_error: false,
            report: None,
            limit: None,
            leaves_nothing: false,
            place: Place::Group,
            lends: &[],
        }
    }
}

/// How long an errand may take.
#[derive(Clone, Copy)]
pub struct Limit {
    /// When its group gets TERM.
    pub after: Duration,
    /// How long after that its group gets KILL.
    pub grace: Duration,
}

/// How an errand ended.
pub struct Done {
    /// The exit code of the process.
    pub ending: Ending,
    /// What it reported.
    pub report: Vec<u8>,
    /// Whether its time was over.
    pub expired: bool,
}

/// Runs an errand to its end. Signals that come meanwhile are for it; after one that stops, nothing else is begun: then,
/// and when it cannot be started, the error is the exit code. Orphans are reaped.
pub fn run(ground: &Ground, errand: &Errand<'_>) -> Result<Done, u8> {
    let cannot = |error: io::Error| {
        say::warn(format_args!("cannot make a pipe: {error}"));
        exit::SYSTEM
    };
    let mut kept: Vec<OwnedFd> = Vec::new();
    let mut streams = errand.lends.to_vec();
    if errand.without_input {
        let empty = pipe::empty()
            .and_then(|end| pipe::lifted(&end, LIFTED))
            .map_err(cannot)?;
        streams.push((empty.as_raw_fd(), 0));
        kept.push(empty);
    }
    if errand.output_to_error {
        streams.push((2, 1));
    }
    let mut reader = None;
    if let Some(number) = errand.report {
        let (end, writer) = pipe::new().map_err(cannot)?;
        let writer = pipe::lifted(&writer, LIFTED).map_err(cannot)?;
        streams.push((writer.as_raw_fd(), number));
        kept.push(writer);
        pipe::never_wait(&end).map_err(cannot)?;
        reader = Some(end);
    }
    let setup = Setup {
        identity: None,
        inherited: ground.inherited,
        clean_signals: false,
        place: errand.place,
        terminal: ground
            .terminal
            .as_ref()
            .filter(|_| errand.place != Place::Same),
        folder: None,
        streams: &streams,
        passes_sockets: false,
        environment: errand.environment,
    };
    let pid = spawn::spawn(errand.program, &setup, &Voice::Boatyard)?;
    drop(kept);
    let mut running = Running {
        ground,
        pid,
        reader,
        report: Vec::new(),
        stopped_by: None,
        expired: false,
        is_drained: true,
    };
    let ending = running.finish(errand.limit)?;
    if errand.leaves_nothing {
        // Its number is not given away as long as one of the group is there.
        let _ = process::kill(-pid, Signal::KILL);
    }
    if let Some(terminal) = &ground.terminal {
        terminal.take_back_from(pid);
    }
    match running.stopped_by {
        None => Ok(Done {
            ending,
            report: running.report,
            expired: running.expired,
        }),
        Some(signal) => Err(match ending.code() {
            0 => Ending::Killed(signal).code(),
            code => code,
        }),
    }
}

struct Running<'a> {
    ground: &'a Ground,
    pid: i32,
    reader: Option<OwnedFd>,
    report: Vec<u8>,
    /// The signal that asked to stop, if one did.
    stopped_by: Option<Signal>,
    expired: bool,
    /// All that are dead have been reaped.
    is_drained: bool,
}

impl Running<'_> {
    fn finish(&mut self, limit: Option<Limit>) -> Result<Ending, u8> {
        let mut deadline = limit.and_then(|limit| clock::now().checked_add(limit.after));
        loop {
            let mut what = vec![(self.ground.signals.fd(), For::Reading)];
            what.extend(
                self.reader
                    .as_ref()
                    .map(|end| (end.as_raw_fd(), For::Reading)),
            );
            let soon = (!self.is_drained).then_some(Duration::ZERO);
            let timeout = deadline.map(|deadline| deadline.saturating_sub(clock::now()));
            let timeout = soon.or(timeout);
            let ready = poll::wait(&what, timeout).map_err(|error| {
                say::warn(format_args!("cannot wait: {error}"));
                exit::SYSTEM
            })?;
            if ready.get(1) == Some(&true) {
                self.read();
            }
            if let Some(ending) = self.reap() {
                // What it wrote before its end is still in the pipe; what others write to it now does not count.
                while self.read() {}
                return Ok(ending);
            }
            if ready.first() == Some(&true) {
                self.forward();
            }
            if deadline.is_some_and(|deadline| deadline <= clock::now()) {
                let signal = if self.expired {
                    Signal::KILL
                } else {
                    Signal::TERM
                };
                let _ = process::kill(-self.pid, signal);
                deadline = limit
                    .filter(|_| !self.expired)
                    .and_then(|limit| clock::now().checked_add(limit.grace));
                self.expired = true;
            }
        }
    }

    /// Reads some of the report; false when there is nothing to read now, or never again.
    fn read(&mut self) -> bool {
        let Some(end) = &self.reader else {
            return false;
        };
        let mut buffer = [0; 4096];
        match pipe::read(end, &mut buffer) {
            None => false,
            Some(0) => {
                self.reader = None;
                false
            }
            Some(count) => {
                let room = REPORT_BYTES.saturating_sub(self.report.len());
                let bytes = buffer.get(..count.min(room)).unwrap_or_default();
                self.report.extend_from_slice(bytes);
                true
            }
        }
    }

    /// Reaps those that are dead; the ending of ours, if it is among them.
    fn reap(&mut self) -> Option<Ending> {
        self.is_drained = false;
        for _ in 0..process::BATCH {
            match process::reap() {
                Child::Dead { pid, ending } if pid == self.pid => return Some(ending),
                Child::Dead { .. } | Child::Suspended { .. } => {}
                Child::Alive | Child::None => {
                    self.is_drained = true;
                    break;
                }
            }
        }
        None
    }

    fn forward(&mut self) {
        for signal in self.ground.signals.read().unwrap_or_default() {
            if signal == Signal::CHLD {
                continue;
            }
            if [Signal::TERM, Signal::INT, Signal::QUIT].contains(&signal) {
                self.stopped_by.get_or_insert(signal);
            }
            let _ = process::kill(self.pid, signal);
        }
    }
}
