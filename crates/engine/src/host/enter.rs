//! Moving this process to where it has the most rights.

use std::path::Path;

use rustix::mount::{MountPropagationFlags, mount_change};
use rustix::process::{getegid, geteuid};
use rustix::thread::{CapabilitySet, UnshareFlags, capabilities};

use super::error::HostError;
use super::memory::Circumstances;
use super::model::{Caller, Host, Isolation, Networks, Notice, Options, Privilege, Snapshots};
use super::probe::{Found, probe, try_device};
use super::userns;
use crate::sys;

/// Finds out what this machine permits and moves this process there: root gets its own mounts, others become root of
/// a user namespace of their own. To be called once, early in `main`, while there is one thread.
pub fn enter(options: &Options) -> Result<Host, HostError> {
    let caller = Caller {
        uid: geteuid().as_raw(),
        gid: getegid().as_raw(),
    };
    let mut notices = Vec::new();
    let privilege = gain(caller, &mut notices)?;
    let scratch = options.scratch.clone().unwrap_or_else(std::env::temp_dir);
    let found = if privilege == Privilege::Confined {
        notices.extend(try_device(&scratch).err().map(|reason| {
            Notice {
                message: format!(
                    "{reason}: /dev/null is an ordinary file in containers, and there are no other devices"
                ),
                help: Some(
                    "start this container with its default capabilities (MKNOD is one of them)"
                        .to_owned(),
                ),
            }
        }));
        Found::NOTHING
    } else {
        examine(options, &scratch)?
    };
    Ok(decide(privilege, caller, options, &found, notices))
}

/// Finds out what is permitted: from memory, or by trying.
fn examine(options: &Options, scratch: &Path) -> Result<Found, HostError> {
    let inside = userns::inside();
    // A folder of others, or one that is emptied, is no place to remember things.
    let memory = options
        .scratch
        .as_deref()
        .zip(Circumstances::present(inside.is_some()));
    if memory
        .as_ref()
        .is_some_and(|(folder, present)| present.were_best(folder))
    {
        return Ok(Found::best(inside.is_some()));
    }
    let found = probe(scratch, inside)?;
    if let Some((folder, present)) = memory
        && found == Found::best(inside.is_some())
    {
        present.remember_best(folder);
    }
    Ok(found)
}

/// Gets the best rights there are.
pub(super) fn gain(caller: Caller, notices: &mut Vec<Notice>) -> Result<Privilege, HostError> {
    let probe_error = |what| {
        move |cause: rustix::io::Errno| HostError::Probe {
            what,
            cause: cause.into(),
        }
    };
    if caller.uid != 0 {
        let privilege = userns::enter(caller, notices)?;
        own_mounts().map_err(probe_error("make our mounts private"))?;
        return Ok(privilege);
    }
    let effective = capabilities(None)
        .map_err(probe_error("read our capabilities"))?
        .effective;
    if !effective.contains(CapabilitySet::SYS_ADMIN) {
        return confined(effective);
    }
    match sys::namespace::unshare(UnshareFlags::NEWNS) {
        Ok(()) => own_mounts().map_err(probe_error("make our mounts private"))?,
        // A container that has the capability but forbids the call.
        Err(_) => return confined(effective),
    }
    Ok(match userns::inside() {
        None => Privilege::Root,
        Some(1) => Privilege::Single,
        Some(count) => Privilege::Mapped { count },
    })
}

fn confined(effective: CapabilitySet) -> Result<Privilege, HostError> {
    if effective.contains(CapabilitySet::SYS_CHROOT) {
        Ok(Privilege::Confined)
    } else {
        Err(HostError::NoChroot {
            cause: std::io::Error::from_raw_os_error(libc::EPERM),
        })
    }
}

/// Keeps our mounts to ourselves, and those of others from reaching us.
fn own_mounts() -> rustix::io::Result<()> {
    mount_change(
        "/",
        MountPropagationFlags::PRIVATE | MountPropagationFlags::REC,
    )
}

/// What to use of what was found. Pure.
fn decide(
    privilege: Privilege,
    caller: Caller,
    options: &Options,
    found: &Found,
    mut notices: Vec<Notice>,
) -> Host {
    let isolation = match options.isolation {
        Some(Isolation::Chroot) => Isolation::Chroot,
        _ if found.processes.is_ok() => Isolation::Namespaces,
        _ => Isolation::Chroot,
    };
    let snapshots = match &found.overlay {
        // Without mounts of its own a sandbox has writable folders moved into its root, which an overlay does not take.
        Ok(()) if isolation == Isolation::Namespaces && !options.copy_snapshots => {
            Snapshots::Overlay {
                userxattr: found.in_user_namespace,
            }
        }
        _ => Snapshots::Copy,
    };
    let network = match (&found.network, isolation) {
        (Ok(()), Isolation::Namespaces) => Networks::Own,
        _ => Networks::Host,
    };
    if privilege == Privilege::Confined {
        notices.push(Notice {
            message: "root without CAP_SYS_ADMIN: using chroot isolation, copied snapshots and this machine's network"
                .to_owned(),
            help: Some("results are the same; steps are slower and can see each other's processes".to_owned()),
        });
        return Host {
            privilege,
            isolation: Isolation::Chroot,
            snapshots,
            network,
            caller,
            notices,
        };
    }
    for (refused, instead) in [
        (
            &found.processes,
            "using chroot isolation and copying snapshots, which is slower",
        ),
        (&found.overlay, "copying snapshots, which is slower"),
        (&found.network, "using this machine's network"),
    ] {
        if let Err(reason) = refused {
            notices.push(Notice {
                message: format!("{reason}: {instead}"),
                help: Some("\"boatyard doctor\" says how to change that".to_owned()),
            });
        }
    }
    Host {
        privilege,
        isolation,
        snapshots,
        network,
        caller,
        notices,
    }
}
