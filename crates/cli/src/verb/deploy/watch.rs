//! `--watch`: a deploy for each state of the sources.
//!
//! Each is a process of its own: the same command without the word.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, SystemTime};
use std::{env, fs, io};

use boatyard_engine::sandbox::Signal;
use boatyard_plan::failure::{Failure, Fault};
use rustix::process::{Pid, kill_process};

use crate::args::Progress;
use crate::args::deploy::Deploy;
use crate::project::{self, Named};
use crate::signals;
use crate::stopped::Stopped;
use crate::voice::Voice;

/// How often the sources are looked at; what was the same twice has been written to its end.
const LOOK: Duration = Duration::from_millis(500);
/// The word that is left out.
const WORD: &str = "--watch";

/// The process that deploys cannot be started.
#[derive(Debug, thiserror::Error)]
#[error("cannot start the process that deploys")]
struct CannotStart {
    source: io::Error,
}

impl Failure for CannotStart {
    fn fault(&self) -> Fault {
        Fault::Refused
    }
}

/// What tells states of files apart without reading them: times, lengths.
type State = BTreeMap<PathBuf, (Option<SystemTime>, u64)>;

/// Deploys, and again after each change, until it is asked to end. One that fails is told, and ends nothing.
pub fn run(named: Named<'_>, words: &Deploy, voice: &Voice) -> Result<(), Stopped> {
    let folder = project::find(named)?.folder;
    let places: Vec<&Path> = [folder.as_path()]
        .into_iter()
        .chain(words.files.iter().map(PathBuf::as_path))
        .collect();
    let asked = Asked::default();
    asked.by_signals()?;
    loop {
        // What changes while it is deployed is deployed after it.
        let deployed = state(&places);
        let ended = asked
            .attend(deploy()?)
            .map_err(|source| CannotStart { source })?;
        if asked.is_so() {
            return match u8::try_from(ended.code().unwrap_or(1)).unwrap_or(1) {
                0 => Ok(()),
                code => Err(Stopped::Ended(code)),
            };
        }
        if !voice.json && voice.progress != Progress::Quiet {
            eprintln!("waiting for a change of the sources");
        }
        let mut before = deployed.clone();
        loop {
            thread::sleep(LOOK);
            if asked.is_so() {
                return Ok(());
            }
            let now = state(&places);
            if now != deployed && now == before {
                break;
            }
            before = now;
        }
    }
}

/// The same words, less one.
fn deploy() -> Result<Child, CannotStart> {
    let start = || {
        let words = env::args_os().skip(1).filter(|word| word != WORD);
        Command::new(env::current_exe()?).args(words).spawn()
    };
    start().map_err(|source| CannotStart { source })
}

/// Whether we were asked to end, and who is to be told.
#[derive(Clone, Default)]
struct Asked {
    is_so: Arc<AtomicBool>,
    child: Arc<Mutex<Option<Pid>>>,
}

impl Asked {
    fn is_so(&self) -> bool {
        self.is_so.load(Ordering::Relaxed)
    }

    fn child(&self) -> std::sync::MutexGuard<'_, Option<Pid>> {
        self.child.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn by_signals(&self) -> Result<(), signals::CannotCatch> {
        let asked = self.clone();
        signals::each(move |signal| {
            asked.is_so.store(true, Ordering::Relaxed);
            // Those of the terminal reach it without us.
            if signal == Signal::TERM
                && let Some(child) = *asked.child()
            {
                // Gone in the meantime: what we wanted.
                let _ = kill_process(child, Signal::TERM);
            }
        })
    }

    /// Waits for its end.
    fn attend(&self, mut child: Child) -> io::Result<ExitStatus> {
        *self.child() = Some(Pid::from_child(&child));
        let ended = child.wait();
        *self.child() = None;
        ended
    }
}

/// What is in the places, but for what keeps a folder's history and what Boatyard puts there.
fn state(places: &[&Path]) -> State {
    let mut state = State::new();
    let mut left: Vec<PathBuf> = places.iter().map(|place| place.to_path_buf()).collect();
    while let Some(path) = left.pop() {
        // What goes while we look is seen the next time.
        let Ok(metadata) = fs::symlink_metadata(&path) else {
            continue;
        };
        if metadata.is_dir() {
            let entries = fs::read_dir(&path).into_iter().flatten().flatten();
            let inside = entries.map(|entry| entry.path());
            left.extend(
                inside.filter(|path| !path.ends_with(".git") && !path.ends_with(".boatyard")),
            );
        } else {
            state.insert(path, (metadata.modified().ok(), metadata.len()));
        }
    }
    state
}
