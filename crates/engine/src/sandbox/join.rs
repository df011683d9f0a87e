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
use crate::process_stat;

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
    let error = |cause| SandboxError::Join { pid, cause };
    let place = Place::of(pid).map_err(error)?;
    if let Place::Namespaces(foreign, identities) = place {
        // All at once: the user namespace gives the right to enter the others. The root follows the mounts.
        enter(pid, foreign).map_err(error)?;
        return supervise::run(channel, Left::Namespace, |parent| {
            command::execute(program, &Confinement::of(program, identities, true), parent)
        });
    }
    let helper = process_stat::parent(pid).ok_or(error(Errno(libc::ESRCH)))?;
    supervise::run(channel, Left::Orphans, |parent| {
        chroot(format!("/proc/{helper}/cwd")).map_err(|cause| error(cause.into()))?;
        command::execute(
            program,
            &Confinement::of(program, Identities::Many, false),
            parent,
        )
    })
}

/// Enters the namespaces of the sandbox whose PID 1 is `pid`.
pub(super) fn enter_all(pid: i32) -> Result<(), SandboxError> {
    let entered = match Place::of(pid) {
        Ok(Place::Namespaces(foreign, _)) => enter(pid, foreign),
        Ok(Place::Folder) => Err(Errno(libc::ENOTSUP)),
        Err(cause) => Err(cause),
    };
    entered.map_err(|cause| SandboxError::Join { pid, cause })
}

/// Where a sandbox is.
enum Place {
    /// In these namespaces, with such identities.
    Namespaces(ThreadNameSpaceType, Identities),
    /// In ours, in another folder.
    Folder,
}

impl Place {
    fn of(pid: i32) -> Result<Self, Errno> {
        match foreign(pid) {
            Ok(foreign) if foreign.contains(ThreadNameSpaceType::MOUNT) => {
                Ok(Self::Namespaces(foreign, identities(pid)?))
            }
            Ok(_) => Ok(Self::Folder),
            Err(cause) => {
                // Without rights over others we cannot see where a user's program is, but we can see its helper.
                let helper = process_stat::parent(pid).ok_or(cause)?;
                if foreign(helper)?.is_empty() {
                    Ok(Self::Folder)
                } else {
                    Err(cause)
                }
            }
        }
    }
}

/// Which of the process's namespaces are not ours.
fn foreign(pid: i32) -> Result<ThreadNameSpaceType, Errno> {
    let mut foreign = ThreadNameSpaceType::empty();
    for (name, kind) in KINDS {
        let theirs = std::fs::metadata(format!("/proc/{pid}/ns/{name}"))?;
        let ours = std::fs::metadata(format!("/proc/self/ns/{name}"))?;
        if (theirs.dev(), theirs.ino()) != (ours.dev(), ours.ino()) {
            foreign |= kind;
        }
    }
    Ok(foreign)
}

fn enter(pid: i32, namespaces: ThreadNameSpaceType) -> Result<(), Errno> {
    let process = Pid::from_raw(pid).ok_or(Errno(libc::ESRCH))?;
    let target = pidfd_open(process, PidfdFlags::empty())?;
    Ok(move_into_thread_name_spaces(target.as_fd(), namespaces)?)
}

/// Which identities there are around the process: the map of its user namespace has lines of first inside, first
/// outside, count (`user_namespaces(7)`).
fn identities(pid: i32) -> Result<Identities, Errno> {
    let map = std::fs::read_to_string(format!("/proc/{pid}/uid_map"))?;
    let counts = map
        .lines()
        .filter_map(|line| line.split_whitespace().nth(2)?.parse::<u64>().ok());
    Ok(if counts.sum::<u64>() > 1 {
        Identities::Many
    } else {
        Identities::Single
    })
}
