//! A small PID 1 for programs that cannot be one: forwards signals, reaps orphans, ends as the program ends.

use rustix::process::{WaitOptions, wait};

use super::channel::Channel;
use super::error::SandboxError;
use super::supervise::die_with_parent;
use crate::sys::{
    self,
    process::{Forked, fork},
};

/// Forks; the child returns and goes on to execute the program, the parent stays as PID 1 and never returns.
pub(super) fn stay_as_init(parent: &Channel) -> Result<(), SandboxError> {
    // All signals are blocked since the helper's start, so none is lost between here and the wait.
    let forked = fork().map_err(|error| SandboxError::Namespaces {
        which: "init".to_owned(),
        cause: error.into(),
    })?;
    match forked {
        Forked::Child => die_with_parent(parent),
        Forked::Parent(program) => sys::process::end_without_descriptors(|| supervise(program)),
    }
}

fn supervise(program: rustix::process::Pid) -> i32 {
    loop {
        let Ok(signal) = sys::signal::wait_any() else {
            continue;
        };
        if signal == libc::SIGCHLD {
            while let Ok(Some((pid, status))) = wait(WaitOptions::NOHANG) {
                if pid == program {
                    let by_signal = status.terminating_signal().map(|signal| 128 + signal);
                    return status
                        .exit_status()
                        .or(by_signal)
                        .unwrap_or(128 + libc::SIGKILL);
                }
            }
        } else {
            // It can only fail because the program is gone, which SIGCHLD is about to tell.
            let _ = sys::signal::send(program, signal);
        }
    }
}
