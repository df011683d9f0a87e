//! Holding a process so that it can be looked at (ptrace(2)).
#![expect(unsafe_code, reason = "ptrace has no safe form")]

use std::ffi::c_int;
use std::io;
use std::marker::PhantomData;
use std::time::{Duration, Instant};

/// How long the kernel may take to stop a thread: one that waits for a disk is stopped only afterwards.
const STOPPING: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(1);

/// A process of which no thread runs. Unlike after a STOP nobody can let it go on, and its parent is told nothing. Dropped,
/// it goes on, and gets the signals that came meanwhile.
#[derive(Debug)]
pub(crate) struct Held {
    threads: Vec<i32>,
    /// The kernel knows the thread that holds, not the process.
    _stays: PhantomData<*const ()>,
}

impl Held {
    /// Holds all threads of a process.
    pub(crate) fn new(pid: i32) -> io::Result<Self> {
        let mut held = Self {
            threads: Vec::new(),
            _stays: PhantomData,
        };
        // A thread that is not held yet may start another, or end.
        let begin = Instant::now();
        while begin.elapsed() < STOPPING {
            let mut is_whole = true;
            for entry in std::fs::read_dir(format!("/proc/{pid}/task"))? {
                let Some(thread) = entry?
                    .file_name()
                    .to_str()
                    .and_then(|name| name.parse().ok())
                else {
                    continue;
                };
                if !held.threads.contains(&thread) {
                    held.hold(thread)?;
                    is_whole = false;
                }
            }
            if is_whole && held.threads.is_empty() {
                return Err(io::ErrorKind::NotFound.into());
            }
            if is_whole {
                return Ok(held);
            }
        }
        Err(io::ErrorKind::TimedOut.into())
    }

    /// Holds a thread; one that ended meanwhile needs no holding.
    fn hold(&mut self, thread: i32) -> io::Result<()> {
        if let Err(error) = ask(libc::PTRACE_SEIZE, thread, 0) {
            return ended(error);
        }
        self.threads.push(thread);
        if let Err(error) = ask(libc::PTRACE_INTERRUPT, thread, 0) {
            return ended(error);
        }
        let begin = Instant::now();
        while begin.elapsed() < STOPPING {
            match state(thread) {
                State::Runs => std::thread::sleep(PAUSE),
                State::Stands { by: None } => return Ok(()),
                // A signal was about to arrive: it goes on with it, and stands still then.
                State::Stands { by: Some(signal) } => ask(libc::PTRACE_CONT, thread, signal)?,
                State::Gone => {
                    self.threads.retain(|one| *one != thread);
                    return Ok(());
                }
            }
        }
        Err(io::ErrorKind::TimedOut.into())
    }
}

/// What a thread that is traced does.
enum State {
    Runs,
    /// It stands still: for this signal, or because it was told to.
    Stands {
        by: Option<c_int>,
    },
    /// It ended, and has been waited for.
    Gone,
}

fn state(thread: i32) -> State {
    let mut status = 0;
    // SAFETY: `status` outlives the call, which writes nothing else.
    match unsafe { libc::waitpid(thread, &raw mut status, libc::__WALL | libc::WNOHANG) } {
        0 => State::Runs,
        -1 => State::Gone,
        _ if status >> 16 == libc::PTRACE_EVENT_STOP => State::Stands { by: None },
        _ if libc::WIFSTOPPED(status) => State::Stands {
            by: Some(libc::WSTOPSIG(status)),
        },
        _ => State::Gone,
    }
}

fn ended(error: io::Error) -> io::Result<()> {
    match error.raw_os_error() {
        Some(libc::ESRCH) => Ok(()),
        _ => Err(error),
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // The first thread last: it can be waited for only once the others are.
        for thread in self.threads.iter().rev() {
            let begin = Instant::now();
            // Who does not stand still cannot be let go. One that was killed is a zombie until it is waited for, and PID 1 of its
            // namespace does not end before that (ptrace(2), pid_namespaces(7)).
            let mut signal = 0;
            while ask(libc::PTRACE_DETACH, *thread, signal).is_err() && begin.elapsed() < STOPPING {
                match state(*thread) {
                    State::Runs => std::thread::sleep(PAUSE),
                    State::Stands { by } => signal = by.unwrap_or(0),
                    State::Gone => break,
                }
            }
        }
    }
}

fn ask(request: libc::c_uint, thread: i32, signal: c_int) -> io::Result<()> {
    let signal = usize::try_from(signal).unwrap_or(0);
    // SAFETY: these requests read no memory of ours and write none; both further arguments are numbers.
    match unsafe { libc::ptrace(request, thread, 0_usize, signal) } {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}
