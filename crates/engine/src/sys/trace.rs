//! Holding a process so that it can be looked at (ptrace(2)).
#![expect(unsafe_code, reason = "ptrace has no safe form")]

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
        // A thread that is not held yet may start another.
        loop {
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
            if is_whole {
                return Ok(held);
            }
        }
    }

    fn hold(&mut self, thread: i32) -> io::Result<()> {
        ask(libc::PTRACE_SEIZE, thread)?;
        self.threads.push(thread);
        ask(libc::PTRACE_INTERRUPT, thread)?;
        let begin = Instant::now();
        while begin.elapsed() < STOPPING {
            let mut status = 0;
            // SAFETY: `status` outlives the call, which writes nothing else.
            match unsafe { libc::waitpid(thread, &raw mut status, libc::__WALL | libc::WNOHANG) } {
                0 => std::thread::sleep(PAUSE),
                -1 => return Err(io::Error::last_os_error()),
                _ if libc::WIFSTOPPED(status) => return Ok(()),
                _ => return Err(io::ErrorKind::NotFound.into()),
            }
        }
        Err(io::ErrorKind::TimedOut.into())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        for thread in &self.threads {
            // One that is gone needs nothing.
            let _ = ask(libc::PTRACE_DETACH, *thread);
        }
    }
}

fn ask(request: libc::c_uint, thread: i32) -> io::Result<()> {
    // SAFETY: these requests read no memory of ours and write none; both further arguments are numbers, zero.
    match unsafe { libc::ptrace(request, thread, 0_usize, 0_usize) } {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}
