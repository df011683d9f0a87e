//! Starts an image three times, and looks.

use std::collections::BTreeMap;
use std::io::PipeReader;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use boatyard_init::signal::Signal as Name;
use boatyard_plan::reference::Reference;
use boatyard_plan::verify::{Application, Observed, Orphan, Reached, Started};
use boatyard_store::Store;
use rustix::process::Signal;

use super::{process, rest, signal};
use crate::host::{Host, Isolation, Privilege};
use crate::lines;
use crate::sandbox::{Network, ORPHAN, Running, Sandbox, SandboxError, Stdio, User};
use crate::session::{Container, Place, SessionError, Wanted};

/// A user that no image has: whoever runs as somebody, runs as this one, too.
const ANY_USER: User = User {
    uid: 54_321,
    gid: 0,
    groups: Vec::new(),
};

/// How long PID 1 may take to reap.
const REAPING: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(5);

/// How many lines of what it printed are told.
const LAST_LINES: usize = 3;

/// What is started, and how it is looked at.
#[derive(Clone, Debug)]
pub struct Trial<'a> {
    /// The image.
    pub image: &'a Reference,
    /// Arguments of the entry point; `None`: the image's own.
    pub args: Option<&'a [String]>,
    /// Environment beside the image's own.
    pub env: &'a BTreeMap<String, String>,
    /// Ports one of which it has to listen on.
    pub ports: &'a [u16],
    /// How long a start may take.
    pub patience: Duration,
    /// The signal that it is stopped with.
    pub signal: Name,
    /// How long the end may take.
    pub grace: Duration,
}

/// What is used to start it.
struct Means<'a> {
    host: &'a Host,
    store: &'a Store,
    place: &'a Place,
}

/// Runs it, and leaves nothing behind.
pub fn observe(
    host: &Host,
    store: &Store,
    place: &Place,
    trial: &Trial<'_>,
) -> Result<Observed, SessionError> {
    let means = Means { host, store, place };
    let mut observed = first(&means, trial)?;
    if matches!(observed.start, Started::Refused { .. })
        || matches!(observed.start, Started::Ended { code, .. } if code != 0)
    {
        return Ok(observed);
    }
    observed.read_only = if host.isolation == Isolation::Chroot {
        not_run("without namespaces no root is read-only")
    } else {
        means.started(trial, Container::read_only)?
    };
    observed.any_user = if host.privilege == Privilege::Single {
        not_run("this machine gives one user only")
    } else {
        means.started(trial, |container| container.run_as(ANY_USER))?
    };
    Ok(observed)
}

fn not_run(why: &str) -> Started {
    Started::NotRun {
        why: why.to_owned(),
    }
}

/// The start as the image says, and all that is asked of a running container.
fn first(means: &Means<'_>, trial: &Trial<'_>) -> Result<Observed, SessionError> {
    let unasked = "it does not run";
    let mut observed = Observed {
        start: not_run(unasked),
        application: None,
        orphan: Orphan::NotRun {
            why: unasked.to_owned(),
        },
        reached: None,
        stopped: None,
        read_only: not_run(unasked),
        any_user: not_run(unasked),
    };
    let container = means.container(trial)?;
    let (mut running, mut output) = match means.start(&container)? {
        Ok(started) => started,
        Err(refused) => {
            observed.start = refused;
            return Ok(observed);
        }
    };
    observed.start = rest::wait(
        &mut running,
        means.ports(trial),
        trial.patience,
        &mut output,
    )?;
    if matches!(observed.start, Started::Ended { .. }) {
        return Ok(observed);
    }
    let all = process::below(running.pid());
    let Some(application) = process::application(running.pid(), &all) else {
        return Ok(observed);
    };
    observed.application = Some(Application {
        name: application.name.clone(),
        first: (application.pid != running.pid()).then(|| all[&running.pid()].name.clone()),
        identity: process::status(application.pid)
            .filter(|_| means.host.privilege != Privilege::Single)
            .map(|status| status.identity),
    });
    if means.host.isolation == Isolation::Chroot {
        // What the kernel drops for PID 1 ends any other process: nothing here says how it stops elsewhere.
        let why = "without namespaces it is not PID 1".to_owned();
        observed.orphan = Orphan::NotRun { why: why.clone() };
        observed.reached = Some(Reached::NotRun { why });
        return Ok(observed);
    }
    observed.orphan = orphan(&running)?;
    let (reached, stopped) =
        signal::stop(&mut running, application.pid, trial.signal, trial.grace)?;
    observed.reached = Some(reached);
    observed.stopped = Some(stopped);
    Ok(observed)
}

/// Leaves a process to PID 1, ends it, and waits until it is reaped.
fn orphan(running: &Running) -> Result<Orphan, SandboxError> {
    Sandbox::default().orphan(running.pid())?;
    let find = || {
        let all = process::below(running.pid());
        all.into_values().find(|process| process.name == ORPHAN)
    };
    let begin = Instant::now();
    // Its parent has ended, so it is PID 1's by now.
    let Some(orphan) = find() else {
        return Ok(Orphan::NotRun {
            why: "PID 1 did not become the parent of an orphan".to_owned(),
        });
    };
    if let Some(pid) = rustix::process::Pid::from_raw(orphan.pid) {
        // Gone already: reaped already.
        let _ = rustix::process::kill_process(pid, Signal::KILL);
    }
    while begin.elapsed() < REAPING {
        if find().is_none() {
            let after = begin.elapsed();
            return Ok(Orphan::Reaped { after });
        }
        std::thread::sleep(PAUSE);
    }
    Ok(Orphan::Stays { after: REAPING })
}

impl Means<'_> {
    /// Whether it starts if something about its container is changed; it is killed then.
    fn started(
        &self,
        trial: &Trial<'_>,
        change: impl FnOnce(&mut Container),
    ) -> Result<Started, SessionError> {
        let mut container = self.container(trial)?;
        change(&mut container);
        match self.start(&container)? {
            Ok((mut running, mut output)) => Ok(rest::wait(
                &mut running,
                self.ports(trial),
                trial.patience,
                &mut output,
            )?),
            Err(refused) => Ok(refused),
        }
    }

    fn container(&self, trial: &Trial<'_>) -> Result<Container, SessionError> {
        let network = match self.host.isolation {
            Isolation::Namespaces => Network::Isolated,
            Isolation::Chroot => Network::Host,
        };
        let wanted = Wanted {
            image: trial.image,
            args: trial.args,
            env: trial.env,
            hosts: &[],
            network,
            volumes: &BTreeMap::new(),
            hostname: "verify",
            terminal: false,
        };
        Container::prepare(self.host, self.store, self.place, &wanted)
    }

    /// Ports that a listener proves something of: on this machine's network it may be anybody's.
    fn ports<'t>(&self, trial: &Trial<'t>) -> &'t [u16] {
        match self.host.isolation {
            Isolation::Namespaces => trial.ports,
            Isolation::Chroot => &[],
        }
    }

    /// Starts it; that its program cannot be executed is an answer.
    fn start(
        &self,
        container: &Container,
    ) -> Result<Result<(Running, Output), Started>, SessionError> {
        let pipe = || {
            std::io::pipe().map_err(|source| SessionError::Io {
                doing: "make",
                path: "a pipe".into(),
                source,
            })
        };
        let (reader, writer) = pipe()?;
        let (other_reader, other_writer) = pipe()?;
        let streams = [Stdio::Null, writer.into(), other_writer.into()];
        match container.start(self.host, &Sandbox::default(), streams) {
            Ok(running) => Ok(Ok((running, Output::of([reader, other_reader])))),
            Err(SessionError::Sandbox(
                error @ (SandboxError::CommandNotFound { .. }
                | SandboxError::CommandNotExecutable { .. }
                | SandboxError::Directory { .. }),
            )) => Ok(Err(Started::Refused {
                why: error.to_string(),
            })),
            Err(error) => Err(error),
        }
    }
}

/// The last lines that a container printed.
pub(super) struct Output {
    lines: Arc<Mutex<Vec<String>>>,
    threads: Vec<JoinHandle<()>>,
}

impl Output {
    fn of(pipes: [PipeReader; 2]) -> Self {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let threads = pipes
            .into_iter()
            .map(|pipe| {
                let lines = Arc::clone(&lines);
                std::thread::spawn(move || keep(pipe, &lines))
            })
            .collect();
        Self { lines, threads }
    }

    /// All of it has been read once the container is gone.
    pub(super) fn finish(&mut self) -> Vec<String> {
        for thread in self.threads.drain(..) {
            // It reads and counts: there is nothing in it that panics.
            let _ = thread.join();
        }
        self.lines
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

fn keep(pipe: PipeReader, lines: &Mutex<Vec<String>>) {
    lines::each(pipe, |line| {
        let line = line.trim_end();
        let mut lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
        if !line.is_empty() {
            lines.push(line.to_owned());
        }
        if lines.len() > LAST_LINES {
            lines.remove(0);
        }
    });
}
