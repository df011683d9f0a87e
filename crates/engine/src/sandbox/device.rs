//! `/dev` of a sandbox: the few devices that programs expect, and nothing of this machine's hardware.

use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::{FileType, Mode, OFlags, makedev, mkdirat, mknodat, openat, symlinkat};
use rustix::mount::MountAttrFlags;

use super::error::SandboxError;
use super::mount::{attach, attach_at, copy_of_tree, new_file_system};
use super::mount_point::{Kind, find};
use super::order::Identities;

/// Character devices: name, major, minor (Documentation/admin-guide/devices.txt of the kernel).
pub(super) const NODES: [(&str, u32, u32); 6] = [
    ("null", 1, 3),
    ("zero", 1, 5),
    ("full", 1, 7),
    ("random", 1, 8),
    ("urandom", 1, 9),
    ("tty", 5, 0),
];

/// Symlinks of every `/dev`.
pub(super) const LINKS: [(&str, &str); 5] = [
    ("fd", "/proc/self/fd"),
    ("stdin", "/proc/self/fd/0"),
    ("stdout", "/proc/self/fd/1"),
    ("stderr", "/proc/self/fd/2"),
    ("ptmx", "pts/ptmx"),
];

/// Mounts `/dev` and what belongs in it; `/dev/shm` holds `shm_bytes` at most.
pub(super) fn mount(
    root: &OwnedFd,
    identities: Identities,
    shm_bytes: Option<u64>,
) -> Result<(), SandboxError> {
    let path = Path::new("/dev");
    let error = |target: &str, cause: rustix::io::Errno| SandboxError::Mount {
        kind: "devices".to_owned(),
        target: path.join(target),
        cause: cause.into(),
    };
    let tree = new_file_system(
        "tmpfs",
        &[("mode", "755"), ("size", "64m")],
        MountAttrFlags::MOUNT_ATTR_NOSUID,
    )
    .map_err(|cause| error("", cause))?;
    attach(root, path, Kind::Folder, &tree, "devices")?;
    let folder = find(root, path).map_err(|cause| error("", cause))?;
    for (name, major, minor) in NODES {
        node(&folder, name, makedev(major, minor)).map_err(|cause| error(name, cause))?;
    }
    for (name, target) in LINKS {
        symlinkat(target, &folder, name).map_err(|cause| error(name, cause))?;
    }
    for name in ["pts", "shm", "mqueue"] {
        mkdirat(&folder, name, Mode::from_raw_mode(0o755)).map_err(|cause| error(name, cause))?;
    }
    terminals(root, identities).map_err(|cause| error("pts", cause))?;
    let quiet = MountAttrFlags::MOUNT_ATTR_NOSUID
        | MountAttrFlags::MOUNT_ATTR_NODEV
        | MountAttrFlags::MOUNT_ATTR_NOEXEC;
    let size = shm_bytes.map(|bytes| bytes.to_string());
    let mut options = vec![("mode", "1777")];
    options.extend(size.as_deref().map(|size| ("size", size)));
    let shared = new_file_system("tmpfs", &options, quiet).map_err(|cause| error("shm", cause))?;
    attach(
        root,
        &path.join("shm"),
        Kind::Folder,
        &shared,
        "shared memory",
    )?;
    // Message queues are a kernel option; hardly a program uses them.
    match new_file_system("mqueue", &[], quiet) {
        Ok(queues) => attach(
            root,
            &path.join("mqueue"),
            Kind::Folder,
            &queues,
            "message queues",
        ),
        Err(_) => Ok(()),
    }
}

/// A device: made where we may, shown from this machine's `/dev` where we may not (in a user namespace).
fn node(folder: &OwnedFd, name: &str, device: u64) -> rustix::io::Result<()> {
    match mknodat(
        folder,
        name,
        FileType::CharacterDevice,
        Mode::from_raw_mode(0o666),
        device,
    ) {
        Err(rustix::io::Errno::PERM) => {}
        done => return done,
    }
    let flags = OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC | OFlags::WRONLY;
    drop(openat(folder, name, flags, Mode::from_raw_mode(0o666))?);
    let point = openat(folder, name, OFlags::PATH | OFlags::CLOEXEC, Mode::empty())?;
    attach_at(&point, &copy_of_tree(&Path::new("/dev").join(name))?)
}

/// Pseudo-terminals of its own. Group 5 is `tty` on every distribution, but must exist around us.
fn terminals(root: &OwnedFd, identities: Identities) -> rustix::io::Result<()> {
    let attributes = MountAttrFlags::MOUNT_ATTR_NOSUID | MountAttrFlags::MOUNT_ATTR_NOEXEC;
    let options = [("ptmxmode", "0666"), ("mode", "0620"), ("gid", "5")];
    let with_group = match identities {
        Identities::Many => new_file_system("devpts", &options, attributes),
        Identities::Single => Err(rustix::io::Errno::INVAL),
    };
    let tree = with_group.or_else(|_| new_file_system("devpts", &options[..2], attributes))?;
    attach_at(&find(root, Path::new("/dev/pts"))?, &tree)
}
