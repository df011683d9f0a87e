//! One more program in a sandbox that already runs.

use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;

use rustix::process::{Pid, PidfdFlags, chroot, pidfd_open};
use rustix::thread::{ThreadNameSpaceType, move_into_thread_name_spaces};

use super::channel::Channel;
use super::command;
use super::error::{Errno, SandboxError};
use super::identity::Confinement;
use super::order::Identities;
use super::spec::Program;
use super::supervise::{self, Left};

/// Namespaces by their names in `/proc/PID/ns`.
const KINDS: [(&str, ThreadNameSpaceType); 6] = [
    ("user", ThreadNameSpaceType::USER),
    ("mnt", ThreadNameSpaceType::MOUNT),
    ("pid", ThreadNameSpaceType::PROCESS_ID),
    ("net", ThreadNameSpaceType::NETWORK),
    ("ipc", ThreadNameSpaceType::INTER_PROCESS_COMMUNICATION),
    ("uts", ThreadNameSpaceType::HOST_NAME_AND_NIS_DOMAIN_NAME),
];

/// Starts the program, tells the channel how that went, and stays with it to its end.
pub(super) fn join(pid: i32, program: &Program, channel: &Channel) -> Result<(), SandboxError> {
    let joined = enter(pid).map_err(|cause| SandboxError::Join { pid, cause })?;
    let left = if joined.contains(ThreadNameSpaceType::PROCESS_ID) {
        Left::Namespace
    } else {
        Left::Orphans
    };
    supervise::run(channel, left, |parent| {
        let privileged = joined.contains(ThreadNameSpaceType::MOUNT);
        command::execute(
            program,
            &Confinement::of(program, Identities::Many, privileged),
            parent,
        )
    })
}

/// Enters those namespaces of the process that are not ours already, and its root.
fn enter(pid: i32) -> Result<ThreadNameSpaceType, Errno> {
    let process = Pid::from_raw(pid).ok_or(Errno(libc::ESRCH))?;
    let target = pidfd_open(process, PidfdFlags::empty())?;
    let mut foreign = ThreadNameSpaceType::empty();
    for (name, kind) in KINDS {
        let theirs = std::fs::metadata(format!("/proc/{pid}/ns/{name}"))?;
        let ours = std::fs::metadata(format!("/proc/self/ns/{name}"))?;
        if (theirs.dev(), theirs.ino()) != (ours.dev(), ours.ino()) {
            foreign |= kind;
        }
    }
    if foreign.contains(ThreadNameSpaceType::MOUNT) {
        // All at once: the user namespace gives the right to enter the others. The root follows the mounts.
        move_into_thread_name_spaces(target.as_fd(), foreign)?;
    } else {
        chroot(format!("/proc/{pid}/root"))?;
    }
    Ok(foreign)
}
