//! Processes that end with this one, however it ends.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{self, Command, Stdio};
use std::sync::mpsc;
use std::{io, thread};

use rustix::process::{Pid, Signal, kill_process};

/// A component that runs.
pub struct Child {
    process: process::Child,
    log: PathBuf,
}

impl Child {
    /// Starts `words`, a program and its arguments, in `folder`; what it prints is in `NAME.log` there. The kernel kills
    /// it when the *thread* that called this ends (prctl(2), `PR_SET_PDEATHSIG`): see [`Keeper`].
    pub fn start(name: &str, words: &[String], folder: &Path) -> io::Result<Self> {
        let log = folder.join(format!("{name}.log"));
        let out = File::options().create(true).append(true).open(&log)?;
        let process = Command::new("setpriv")
            .args(["--pdeathsig", "KILL", "--"])
            .args(words)
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(out.try_clone()?)
            .stderr(out)
            .spawn()?;
        Ok(Self { process, log })
    }

    /// Whether it still runs.
    pub fn runs(&mut self) -> bool {
        matches!(self.process.try_wait(), Ok(None))
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// The last lines that it printed.
    pub fn last_lines(&self) -> String {
        let text = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) -> io::Result<()> {
        Ok(kill_process(Pid::from_child(&self.process), signal)?)
    }

    /// Ends it at once.
    pub fn kill(&mut self) -> io::Result<()> {
        self.process.kill()?;
        self.process.wait().map(drop)
    }
}

/// A thread that lives as long as the process, to start children from.
pub struct Keeper {
    jobs: mpsc::Sender<Box<dyn FnOnce() + Send>>,
}

impl Keeper {
    /// Starts it.
    pub fn new() -> Self {
        let (jobs, todo) = mpsc::channel::<Box<dyn FnOnce() + Send>>();
        thread::spawn(move || todo.into_iter().for_each(|job| job()));
        Self { jobs }
    }

    /// Does `job` on that thread.
    pub fn run<T: Send + 'static>(&self, job: impl FnOnce() -> T + Send + 'static) -> T {
        let (answer, answered) = mpsc::channel();
        let job = Box::new(move || drop(answer.send(job())));
        self.jobs.send(job).expect("the keeper ends with us only");
        answered.recv().expect("the keeper's jobs do not panic")
    }
}
