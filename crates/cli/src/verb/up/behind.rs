//! The session in a process behind this one.

use std::env;
use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};

use boatyard_engine::sandbox::Signal;
use boatyard_plan::event::{Event, Outcome};
use boatyard_plan::failure::{Failure, Fault};
use rustix::process::{Pid, kill_process};

use super::errand::Errand;
use crate::args::BEHIND;
use crate::diagnose::Relayed;
use crate::leash;
use crate::progress::{Reporter, Roster};
use crate::signals;
use crate::stopped::Stopped;
use crate::voice::Voice;

/// The process behind could not be started, or did not get where it should.
#[derive(Debug, thiserror::Error)]
enum BehindError {
    #[error("cannot start the process that runs the project")]
    Start { source: io::Error },
    #[error("cannot make {}", path.display())]
    Errors { path: PathBuf, source: io::Error },
    #[error("the project was stopped before everything was ready")]
    Stopped,
    #[error("the process that runs the project died; it said: {said}")]
    Died { said: String },
}

impl Failure for BehindError {
    fn fault(&self) -> Fault {
        match self {
            Self::Start { .. } | Self::Errors { .. } => Fault::Refused,
            Self::Stopped => Fault::Work,
            Self::Died { .. } => Fault::Bug,
        }
    }
}

/// Starts the process, shows its events until everything is ready, and leaves it alone.
pub fn run(errand: &Errand, voice: &Voice) -> Result<(), Stopped> {
    let errors = errand.place.folder().join("errors");
    leash::watch();
    let mut child = start(&errors)?;
    let pid = Pid::from_child(&child);
    let stdout = child.stdout.take().expect("it is piped");
    signals::each(move |_| {
        // Gone in the meantime: what we wanted.
        let _ = kill_process(pid, Signal::TERM);
    })?;
    let reporter = Reporter::start(voice, Roster::of(&errand.plan), errand.job.origins.clone());
    let ending = follow(stdout, &reporter, errand);
    reporter.finish();
    match ending {
        Ending::Up => Ok(()),
        Ending::Error { error, told } => {
            let _ = child.wait();
            Err(if told {
                Stopped::Told(Box::new(error))
            } else {
                error.into()
            })
        }
        Ending::Silent => match child.wait() {
            Ok(status) if status.success() => Err(BehindError::Stopped.into()),
            Ok(_) | Err(_) => {
                let said = fs::read_to_string(&errors).unwrap_or_default();
                let said = said.trim_end().to_owned();
                Err(BehindError::Died { said }.into())
            }
        },
    }
}

/// This command once more, with its own words: events on its standard output, everything else in a file.
fn start(errors: &PathBuf) -> Result<Child, BehindError> {
    let failed = |source| BehindError::Errors {
        path: errors.clone(),
        source,
    };
    if let Some(folder) = errors.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    let file = File::create(errors).map_err(failed)?;
    let program = env::current_exe().map_err(|source| BehindError::Start { source })?;
    Command::new(program)
        .arg(BEHIND)
        .args(env::args_os().skip(1))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(file)
        .spawn()
        .map_err(|source| BehindError::Start { source })
}

enum Ending {
    /// Everything is ready.
    Up,
    /// It said why it failed; `told`: what the step said has been shown.
    Error { error: Relayed, told: bool },
    /// It said nothing more.
    Silent,
}

/// Shows events. Lines of processes are left out: there are "boatyard logs" for them.
fn follow(stdout: ChildStdout, reporter: &Reporter, errand: &Errand) -> Ending {
    let sink = reporter.sink();
    let mut told = false;
    for line in BufReader::new(stdout).lines().map_while(Result::ok) {
        if let Some(error) = Relayed::parse(&line) {
            return Ending::Error { error, told };
        }
        let Ok(event) = serde_json::from_str::<Event>(&line) else {
            continue;
        };
        if let Event::Finished { id, outcome, .. } = &event {
            told |= *outcome == Outcome::Failed && errand.job.origins.contains_key(id);
        }
        let is_up = matches!(event, Event::Up { .. });
        if !matches!(event, Event::Log { .. }) {
            sink(event);
        }
        if is_up {
            return Ending::Up;
        }
    }
    Ending::Silent
}
