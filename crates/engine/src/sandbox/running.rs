//! A program that runs in a sandbox.

use std::os::fd::OwnedFd;
use std::os::unix::process::ExitStatusExt as _;
use std::process::Child;
use std::sync::Arc;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Signal, pidfd_send_signal};

use super::channel::Channel;
use super::error::SandboxError;
use super::order::Answer;

/// How a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exit {
    /// Its exit code; 128 + signal if a signal ended it.
    pub code: i32,
}

impl Exit {
    /// Whether it ended with 0.
    pub fn success(self) -> bool {
        self.code == 0
    }
}

/// A program that runs. Dropping it kills everything in the sandbox (after a join: only what was joined).
#[derive(Debug)]
pub struct Running {
    handle: Handle,
    helper: Child,
    exit: Option<Exit>,
}

/// Sends signals to a program from any thread. Harmless after its end.
#[derive(Clone, Debug)]
pub struct Handle {
    pid: i32,
    pidfd: Arc<OwnedFd>,
    channel: Arc<Channel>,
}

impl Handle {
    /// PID 1 of the sandbox (after a join: the joined program) as seen here.
    pub fn pid(&self) -> i32 {
        self.pid
    }

    /// Sends a signal to PID 1. As PID 1 it ignores what it does not handle, except KILL and STOP (signal(7),
    /// `pid_namespaces(7)`).
    pub fn signal(&self, signal: Signal) {
        // The one possible failure is that it is gone, which is what most signals are for.
        let _ = pidfd_send_signal(&*self.pidfd, signal);
    }

    /// Kills everything in the sandbox. [`Running::wait`] still tells when that is done.
    pub fn kill(&self) {
        let _ = self.channel.close_writing();
    }
}

impl Running {
    pub(super) fn new(pid: i32, pidfd: OwnedFd, channel: Channel, helper: Child) -> Self {
        let handle = Handle {
            pid,
            pidfd: Arc::new(pidfd),
            channel: Arc::new(channel),
        };
        Self {
            handle,
            helper,
            exit: None,
        }
    }

    /// PID 1 of the sandbox (after a join: the joined program) as seen here.
    pub fn pid(&self) -> i32 {
        self.handle.pid
    }

    /// Something to send signals with from other threads.
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// See [`Handle::signal`].
    pub fn signal(&self, signal: Signal) {
        self.handle.signal(signal);
    }

    /// See [`Handle::kill`].
    pub fn kill(&self) {
        self.handle.kill();
    }

    /// Waits for the end of the program; by then nothing of the sandbox is left.
    pub fn wait(&mut self) -> Result<Exit, SandboxError> {
        if let Some(exit) = self.exit {
            return Ok(exit);
        }
        let answer =
            self.handle
                .channel
                .receive::<Answer>()
                .map_err(|error| SandboxError::Channel {
                    cause: error.into(),
                })?;
        // The helper tidies up and ends now, or it died and took the sandbox with it.
        let ended = self.helper.wait();
        let exit = match answer {
            Some((Answer::Exited { code }, _)) => {
                if let Ok(Some((Answer::Failed { error }, _))) = self.handle.channel.receive() {
                    return Err(error);
                }
                if let Some(signal) = ended.ok().and_then(|status| status.signal()) {
                    // Whatever it made in the root for the run may be there still.
                    return Err(SandboxError::Killed { signal });
                }
                Exit { code }
            }
            _ => Exit {
                code: 128 + Signal::KILL.as_raw(),
            },
        };
        self.exit = Some(exit);
        Ok(exit)
    }

    /// Waits for the end of the program, but not longer than `timeout`: none if it still runs then.
    pub fn wait_timeout(&mut self, timeout: Duration) -> Result<Option<Exit>, SandboxError> {
        if self.exit.is_none() {
            let timeout = Timespec {
                tv_sec: i64::try_from(timeout.as_secs()).unwrap_or(i64::MAX),
                tv_nsec: i64::from(timeout.subsec_nanos()),
            };
            let mut polled = [PollFd::new(&*self.handle.channel, PollFlags::IN)];
            match poll(&mut polled, Some(&timeout)) {
                Ok(0) | Err(rustix::io::Errno::INTR) => return Ok(None),
                Ok(_) => {}
                Err(error) => {
                    return Err(SandboxError::Channel {
                        cause: error.into(),
                    });
                }
            }
        }
        self.wait().map(Some)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.exit.is_none() {
            self.kill();
            let _ = self.wait();
        }
    }
}
