//! What is told while a main process runs, in the words of each persona.

use super::request::{Said, Stream};
use crate::exit::{self, Ending};
use crate::signal::Signal;

/// What `-l` and `-L` print: the text is ours, since the code is.
pub const LICENSE: &str = "\
boatyard-init, called by the name of another init.
Licensed under the Apache License, Version 2.0, or the MIT license, at your choice.
";

/// Who speaks, and how much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Voice {
    /// Init itself.
    Boatyard,
    /// tini; levels as its `-v`.
    Tini {
        /// Its process id, which its messages hold.
        pid: i32,
        /// 0 fatal, 1 warnings, 2 information, 3 debugging.
        verbosity: i32,
        /// Whether each reaped orphan is told.
        warns_of_reaping: bool,
    },
    /// dumb-init.
    DumbInit {
        /// Whether it tells of everything it does.
        verbose: bool,
    },
    /// catatonit.
    Catatonit {
        /// Its process id, which its messages hold.
        pid: i32,
    },
}

/// Something that may be worth a line.
#[derive(Clone, Copy, Debug)]
pub enum Moment<'a> {
    /// The main process runs.
    Started {
        /// Its program, as it was given.
        program: &'a str,
        /// Its process id.
        pid: i32,
    },
    /// A signal is about to be forwarded.
    Forwarding {
        /// The signal that came.
        signal: Signal,
        /// Its name in words.
        words: &'a str,
    },
    /// CHLD has come.
    ChildChanged,
    /// A child was reaped.
    Reaped {
        /// Its process id.
        pid: i32,
        /// How it ended.
        ending: Ending,
        /// The signal that ended it, in words.
        words: &'a str,
        /// Whether it was the main process.
        is_main: bool,
    },
    /// Orphans will not come to us.
    NotReaping,
}

impl Voice {
    /// What is said at a moment, if anything.
    pub fn at(&self, moment: Moment<'_>) -> Option<Said> {
        match *self {
            Self::Boatyard | Self::Catatonit { .. } => None,
            Self::Tini {
                pid,
                verbosity,
                warns_of_reaping,
            } => {
                let said = tini(pid, verbosity, warns_of_reaping, moment);
                let Moment::Reaped { pid: child, .. } = moment else {
                    return said;
                };
                // Every end is told to who debugs, before what it means.
                let text = format!("[DEBUG tini ({pid})] Reaped child with pid: '{child}'\n");
                let stream = Stream::Output;
                let all = Said { stream, text };
                match said {
                    _ if verbosity < 3 => said,
                    Some(said) if said.stream == stream => Some(Said {
                        stream,
                        text: all.text + &said.text,
                    }),
                    _ => Some(all),
                }
            }
            Self::DumbInit { verbose } => dumb_init(moment)
                .filter(|_| verbose)
                .map(|text| error(format!("[dumb-init] {text}\n"))),
        }
    }

    /// What is said when a program cannot be executed, and the exit code; `error` is the reason in words. None for
    /// init itself, which looks for more to say.
    pub fn cannot_execute(&self, program: &str, errno: i32, reason: &str) -> Option<(Said, u8)> {
        match *self {
            Self::Boatyard => None,
            Self::Tini { pid, .. } => {
                let code = match errno {
                    libc::ENOENT => exit::NOT_FOUND,
                    libc::EACCES => exit::NOT_EXECUTABLE,
                    _ => 1,
                };
                let text = format!("[FATAL tini ({pid})] exec {program} failed: {reason}\n");
                Some((error(text), code))
            }
            Self::DumbInit { .. } => Some((error(format!("[dumb-init] {program}: {reason}\n")), 2)),
            Self::Catatonit { pid } => {
                let text = format!("ERROR (catatonit:{pid}): failed to exec pid1: {reason}\n");
                Some((error(text), 1))
            }
        }
    }
}

fn error(text: String) -> Said {
    let stream = Stream::Error;
    Said { stream, text }
}

fn tini(pid: i32, verbosity: i32, warns_of_reaping: bool, moment: Moment<'_>) -> Option<Said> {
    let (level, text) = match moment {
        Moment::Started { program, pid } => {
            (2, format!("Spawned child process '{program}' with pid '{pid}'"))
        }
        Moment::Forwarding { words, .. } => (3, format!("Passing signal: '{words}'")),
        Moment::Reaped { ending, words, is_main: true, .. } => match ending {
            Ending::Exited(code) => (2, format!("Main child exited normally (with status '{code}')")),
            Ending::Killed(_) => (2, format!("Main child exited with signal (with signal '{words}')")),
        },
        Moment::ChildChanged => (3, "Received SIGCHLD".to_owned()),
        Moment::Reaped { pid, .. } if warns_of_reaping => {
            (1, format!("Reaped zombie process with pid={pid}"))
        }
        Moment::Reaped { .. } => return None,
        Moment::NotReaping => (
            1,
            "Tini is not running as PID 1 and isn't registered as a child subreaper.\n\
             Zombie processes will not be re-parented to Tini, so zombie reaping won't work.\n\
             To fix the problem, use the -s option or set the environment variable TINI_SUBREAPER to register Tini \
             as a child subreaper, or run Tini as PID 1."
                .to_owned(),
        ),
    };
    let (name, stream) = match level {
        1 => ("WARN ", Stream::Error),
        2 => ("INFO ", Stream::Output),
        _ => ("DEBUG", Stream::Output),
    };
    (verbosity >= level).then(|| Said {
        stream,
        text: format!("[{name} tini ({pid})] {text}\n"),
    })
}

fn dumb_init(moment: Moment<'_>) -> Option<String> {
    Some(match moment {
        Moment::Started { pid, .. } => format!("Child spawned with PID {pid}."),
        Moment::Forwarding { signal, .. } => format!("Received signal {}.", signal.number()),
        Moment::Reaped { pid, ending, .. } => match ending {
            Ending::Exited(code) => {
                format!("A child with PID {pid} exited with exit status {code}.")
            }
            Ending::Killed(signal) => {
                format!(
                    "A child with PID {pid} was terminated by signal {}.",
                    signal.number()
                )
            }
        },
        Moment::ChildChanged => format!("Received signal {}.", libc::SIGCHLD),
        Moment::NotReaping => return None,
    })
}
