//! The helper's watch over its child: start it, tell how that went, kill it when we are not wanted any more.

use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{
    Pid, PidfdFlags, Signal, WaitId, WaitIdOptions, WaitIdStatus, WaitOptions, pidfd_open,
    pidfd_send_signal, set_child_subreaper, set_parent_process_death_signal, waitid,
};
use std::os::fd::{AsFd, OwnedFd};

use super::channel::Channel;
use super::error::{Errno, SandboxError};
use super::order::Answer;
use crate::process_stat;
use crate::sys::{
    self,
    process::{Forked, fork},
};

/// What the child can leave behind when it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Left {
    /// Nothing: it is PID 1 of its namespace, and all others die with it. Or its orphans belong to a PID 1.
    Namespace,
    /// Orphans, which become the helper's children and are killed by it.
    Orphans,
}

/// Forks, runs `child` in the child (which executes the program and returns only if that fails), reports its start,
/// and waits for its end. By the time the end is reported, nothing that it started runs any more. The child gets its
/// end of the pipe over which it would report a failure: it notices there if the helper is gone.
pub(super) fn run(
    channel: &Channel,
    left: Left,
    child: impl FnOnce(&Channel) -> Result<std::convert::Infallible, SandboxError>,
) -> Result<(), SandboxError> {
    let broken = |cause: Errno| SandboxError::Channel { cause };
    if left == Left::Orphans {
        // Any number but none switches it on (prctl(2)).
        set_child_subreaper(Some(Pid::INIT)).map_err(|error| broken(error.into()))?;
    }
    let (ours, theirs) = Channel::pair().map_err(|error| broken(error.into()))?;
    match fork().map_err(|error| broken(error.into()))? {
        Forked::Child => {
            drop(ours);
            let outcome = die_with_parent(&theirs).and_then(|()| child(&theirs));
            let Err(error) = outcome;
            let _ = theirs.send(&error, &[]);
            sys::process::exit(1)
        }
        Forked::Parent(pid) => {
            drop(theirs);
            watch(channel, left, pid, &ours)
        }
    }
}

/// Has the kernel kill this process when its parent ends. Must be called again after every change of user, which
/// clears it (prctl(2)).
pub(super) fn die_with_parent(parent: &Channel) -> Result<(), SandboxError> {
    set_parent_process_death_signal(Some(Signal::KILL)).map_err(|error| SandboxError::Confine {
        what: "death with the parent".to_owned(),
        cause: error.into(),
    })?;
    // It may have died before: its number cannot tell (0 from inside a PID namespace), the pipe can.
    if parent.is_closed() {
        sys::process::exit(1)
    } else {
        Ok(())
    }
}

fn watch(channel: &Channel, left: Left, pid: Pid, start: &Channel) -> Result<(), SandboxError> {
    let broken = |cause: Errno| SandboxError::Channel { cause };
    let pidfd = pidfd_open(pid, PidfdFlags::empty()).map_err(|error| broken(error.into()))?;
    // Closed by exec: success.
    let failure = start
        .receive::<SandboxError>()
        .map_err(|error| broken(error.into()))?;
    if let Some((error, _)) = failure {
        reap(&pidfd);
        return Err(error);
    }
    let number = pid.as_raw_nonzero().get();
    if channel
        .send(&Answer::Started { pid: number }, &[pidfd.as_fd()])
        .is_err()
    {
        let _ = pidfd_send_signal(&pidfd, Signal::KILL);
    }
    wait_or_kill(channel, &pidfd);
    let code = reap(&pidfd);
    if left == Left::Orphans {
        kill_orphans();
    }
    // Whoever started us may be gone; then nobody wants to know.
    let _ = channel.send(&Answer::Exited { code }, &[]);
    Ok(())
}

/// Waits until the child has ended; kills it when the channel is closed or shut.
fn wait_or_kill(channel: &Channel, pidfd: &OwnedFd) {
    let mut polled = [
        PollFd::new(pidfd, PollFlags::IN),
        PollFd::new(channel, PollFlags::IN | PollFlags::RDHUP),
    ];
    loop {
        match poll(&mut polled, None) {
            Err(rustix::io::Errno::INTR) => {}
            Err(_) => break,
            Ok(_) if !polled[0].revents().is_empty() => return,
            Ok(_) if !polled[1].revents().is_empty() => break,
            Ok(_) => {}
        }
    }
    let _ = pidfd_send_signal(pidfd, Signal::KILL);
}

/// Waits for the end of the child and says how it ended, as a shell would. PID 1 of a namespace ends only after all
/// others in it (`pid_namespaces(7)`).
fn reap(pidfd: &OwnedFd) -> i32 {
    loop {
        match waitid(WaitId::PidFd(pidfd.as_fd()), WaitIdOptions::EXITED) {
            Err(rustix::io::Errno::INTR) => {}
            Ok(Some(status)) => return exit_code(&status),
            Ok(None) | Err(_) => return 128 + Signal::KILL.as_raw(),
        }
    }
}

fn exit_code(status: &WaitIdStatus) -> i32 {
    let signal = status.terminating_signal().map(|signal| 128 + signal);
    status
        .exit_status()
        .or(signal)
        .unwrap_or(128 + Signal::KILL.as_raw())
}

/// Kills what the child left behind: its orphans are our children now, and theirs become so when they die.
fn kill_orphans() {
    loop {
        for pid in children() {
            let _ = rustix::process::kill_process(pid, Signal::KILL);
        }
        match rustix::process::wait(WaitOptions::empty()) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(_) => return,
        }
    }
}

/// Our direct children. `/proc/self/task/TID/children` would do, but not every kernel has it (`CONFIG_PROC_CHILDREN`).
fn children() -> Vec<Pid> {
    let own = rustix::process::getpid().as_raw_nonzero().get();
    let Ok(entries) = std::fs::read_dir("/proc") else {
        return Vec::new();
    };
    entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok())
        .filter(|pid| process_stat::parent(*pid) == Some(own))
        .filter_map(Pid::from_raw)
        .collect()
}
