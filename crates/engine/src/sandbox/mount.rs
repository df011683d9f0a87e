//! The mounts of a sandbox, and the way into its root. Runs in the child, in its own mount namespace.
//!
//! Everything is done with the mount calls that take descriptors (Linux 5.2 and later): a path inside the root is
//! opened once, with symlinks confined to the root, and that descriptor is mounted on. No path of an image can lead
//! a mount out of the image.

use std::ffi::CString;
use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::{AtFlags, CWD, Gid, Mode, OFlags, Uid, fchmod, fchown, openat};
use rustix::mount::{
    FsMountFlags, FsOpenFlags, MountAttrFlags, MountPropagationFlags, MoveMountFlags,
    OpenTreeFlags, UnmountFlags, fsconfig_create, fsconfig_set_string, fsmount, fsopen,
    mount_change, move_mount, open_tree, unmount,
};
use rustix::process::{chdir, fchdir, pivot_root};

use super::device;
use super::error::SandboxError;
use super::mount_point::{Kind, MountPoints, find};
use super::order::Identities;
use super::spec::{Bind, Spec, Tmpfs};
use crate::sys::mount::set_readonly;

/// What nobody inside needs to read: what runc and podman hide. Folders become empty, files become `/dev/null`.
const HIDDEN: [&str; 12] = [
    "/proc/acpi",
    "/proc/asound",
    "/proc/interrupts",
    "/proc/kcore",
    "/proc/keys",
    "/proc/latency_stats",
    "/proc/sched_debug",
    "/proc/scsi",
    "/proc/timer_list",
    "/proc/timer_stats",
    "/sys/devices/virtual/powercap",
    "/sys/firmware",
];
/// What nobody inside may change.
const READ_ONLY: [&str; 5] = [
    "/proc/bus",
    "/proc/fs",
    "/proc/irq",
    "/proc/sys",
    "/proc/sysrq-trigger",
];

/// Mounts all that the spec asks for over its root and makes that the root of this process.
pub(super) fn build_and_enter(spec: &Spec, identities: Identities) -> Result<(), SandboxError> {
    let root_error = |error: rustix::io::Errno| SandboxError::Root {
        root: spec.root.clone(),
        cause: error.into(),
    };
    mount_change(
        "/",
        MountPropagationFlags::PRIVATE | MountPropagationFlags::REC,
    )
    .map_err(root_error)?;
    let root = copy_of_tree(&spec.root).map_err(root_error)?;
    if spec.readonly {
        set_readonly(&root, false).map_err(|error| SandboxError::Root {
            root: spec.root.clone(),
            cause: error.into(),
        })?;
    }
    let files = shown_files(spec)?;
    move_mount(
        &root,
        "",
        CWD,
        &spec.root,
        MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH,
    )
    .map_err(root_error)?;

    process_information(&root)?;
    kernel_information(&root)?;
    device::mount(&root, identities, spec.shm_bytes)?;
    let mut order: Vec<(&Path, Mounting<'_>)> = Vec::new();
    order.extend(
        spec.tmpfs
            .iter()
            .map(|tmpfs| (tmpfs.target.as_path(), Mounting::Tmpfs(tmpfs))),
    );
    order.extend(
        spec.binds
            .iter()
            .map(|bind| (bind.target.as_path(), Mounting::Bind(bind))),
    );
    order.extend(
        spec.files
            .iter()
            .zip(&files)
            .map(|(file, tree)| (file.path.as_path(), Mounting::Tree(tree))),
    );
    order.sort_by_key(|(target, _)| *target);
    for (target, mounting) in order {
        match mounting {
            Mounting::Tmpfs(tmpfs) => empty(&root, tmpfs)?,
            Mounting::Bind(bind) => show(&root, bind)?,
            Mounting::Tree(tree) => attach(&root, target, Kind::File, tree, "a file of ours")?,
        }
    }
    hide(&root)?;

    fchdir(&root)
        .and_then(|()| pivot_root(".", "."))
        .map_err(root_error)?;
    // The old root now lies over the new one. Away with it, and with every mount of this machine.
    unmount(".", UnmountFlags::DETACH)
        .and_then(|()| chdir("/"))
        .map_err(root_error)
}

enum Mounting<'a> {
    Tmpfs(&'a Tmpfs),
    Bind(&'a Bind),
    Tree(&'a OwnedFd),
}

/// A copy of a folder with all mounts below it, attached nowhere yet.
pub(super) fn copy_of_tree(path: &Path) -> rustix::io::Result<OwnedFd> {
    let flags = OpenTreeFlags::OPEN_TREE_CLONE
        | OpenTreeFlags::OPEN_TREE_CLOEXEC
        | OpenTreeFlags::AT_RECURSIVE;
    open_tree(CWD, path, flags)
}

/// A new file system, attached nowhere yet.
pub(super) fn new_file_system(
    kind: &str,
    options: &[(&str, &str)],
    attributes: MountAttrFlags,
) -> rustix::io::Result<OwnedFd> {
    let context = fsopen(kind, FsOpenFlags::FSOPEN_CLOEXEC)?;
    // Shown in the first column of /proc/mounts.
    fsconfig_set_string(&context, "source", kind)?;
    for (key, value) in options {
        fsconfig_set_string(&context, *key, *value)?;
    }
    fsconfig_create(&context)?;
    fsmount(&context, FsMountFlags::FSMOUNT_CLOEXEC, attributes)
}

/// Attaches a tree at a path inside the root.
pub(super) fn attach(
    root: &OwnedFd,
    target: &Path,
    kind: Kind,
    tree: &OwnedFd,
    what: &str,
) -> Result<(), SandboxError> {
    // Only what lies below another mount can still be missing, and that vanishes with the other mount.
    let point = MountPoints::default().create(root, target, kind)?;
    attach_at(&point, tree).map_err(|error| SandboxError::Mount {
        kind: what.to_owned(),
        target: target.to_owned(),
        cause: error.into(),
    })
}

/// Attaches a tree at an open path.
pub(super) fn attach_at(point: &OwnedFd, tree: &OwnedFd) -> rustix::io::Result<()> {
    let flags = MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH | MoveMountFlags::MOVE_MOUNT_T_EMPTY_PATH;
    move_mount(tree, "", point, "", flags)
}

const NOTHING_SPECIAL: MountAttrFlags = MountAttrFlags::MOUNT_ATTR_NOSUID
    .union(MountAttrFlags::MOUNT_ATTR_NODEV)
    .union(MountAttrFlags::MOUNT_ATTR_NOEXEC);

fn process_information(root: &OwnedFd) -> Result<(), SandboxError> {
    let target = Path::new("/proc");
    let tree =
        new_file_system("proc", &[], NOTHING_SPECIAL).map_err(|error| SandboxError::Mount {
            kind: "proc".to_owned(),
            target: target.to_owned(),
            cause: error.into(),
        })?;
    attach(root, target, Kind::Folder, &tree, "proc")
}

/// `/sys`, read-only. A user namespace that does not own its network namespace cannot have a new one and shows this
/// machine's; where that is refused too, there is none: few programs look.
fn kernel_information(root: &OwnedFd) -> Result<(), SandboxError> {
    let fresh = new_file_system(
        "sysfs",
        &[],
        NOTHING_SPECIAL | MountAttrFlags::MOUNT_ATTR_RDONLY,
    );
    let tree = fresh.or_else(|_| {
        let tree = copy_of_tree(Path::new("/sys"))?;
        set_readonly(&tree, true).map_err(|_| rustix::io::Errno::PERM)?;
        Ok::<_, rustix::io::Errno>(tree)
    });
    match tree {
        Ok(tree) => attach(root, Path::new("/sys"), Kind::Folder, &tree, "sysfs"),
        Err(_) => Ok(()),
    }
}

fn empty(root: &OwnedFd, tmpfs: &Tmpfs) -> Result<(), SandboxError> {
    let mode = format!("{:o}", tmpfs.mode);
    let size = tmpfs.size_bytes.map(|bytes| bytes.to_string());
    let mut options = vec![("mode", mode.as_str())];
    options.extend(size.as_deref().map(|size| ("size", size)));
    let attributes = MountAttrFlags::MOUNT_ATTR_NOSUID | MountAttrFlags::MOUNT_ATTR_NODEV;
    let tree =
        new_file_system("tmpfs", &options, attributes).map_err(|error| SandboxError::Mount {
            kind: "tmpfs".to_owned(),
            target: tmpfs.target.clone(),
            cause: error.into(),
        })?;
    attach(root, &tmpfs.target, Kind::Folder, &tree, "tmpfs")
}

fn show(root: &OwnedFd, bind: &Bind) -> Result<(), SandboxError> {
    let bind_error = |cause| SandboxError::Bind {
        source_path: bind.source.clone(),
        target: bind.target.clone(),
        cause,
    };
    let kind = Kind::of(&bind.source).map_err(|error| bind_error(error.into()))?;
    let tree = copy_of_tree(&bind.source).map_err(|error| bind_error(error.into()))?;
    if bind.readonly {
        set_readonly(&tree, true).map_err(|error| bind_error(error.into()))?;
    }
    let point = MountPoints::default().create(root, &bind.target, kind)?;
    attach_at(&point, &tree).map_err(|error| bind_error(error.into()))
}

/// Writes the shown files into memory and returns a tree of each. Their file system is mounted over the root's path,
/// below the root itself, and is gone with the old root: a file can only be shown from where it is mounted.
fn shown_files(spec: &Spec) -> Result<Vec<OwnedFd>, SandboxError> {
    if spec.files.is_empty() {
        return Ok(Vec::new());
    }
    let make = || -> rustix::io::Result<Vec<OwnedFd>> {
        // Programs may be among them: a build step's script.
        let attributes = MountAttrFlags::MOUNT_ATTR_NOSUID | MountAttrFlags::MOUNT_ATTR_NODEV;
        let memory = new_file_system("tmpfs", &[("mode", "755")], attributes)?;
        move_mount(
            &memory,
            "",
            CWD,
            &spec.root,
            MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH,
        )?;
        let mut trees = Vec::new();
        for (number, file) in spec.files.iter().enumerate() {
            let name = CString::new(number.to_string()).expect("digits");
            let flags = OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY | OFlags::CLOEXEC;
            let written = openat(&memory, &name, flags, Mode::from_raw_mode(0o600))?;
            let mut rest = file.bytes.as_slice();
            while !rest.is_empty() {
                rest = &rest[rustix::io::write(&written, rest)?..];
            }
            let (owner, group) = (Uid::from_raw(file.uid), Gid::from_raw(file.gid));
            match fchown(&written, Some(owner), Some(group)) {
                // With a single identity around us everything is root's.
                Err(rustix::io::Errno::INVAL | rustix::io::Errno::PERM) => {}
                done => done?,
            }
            fchmod(&written, Mode::from_raw_mode(file.mode))?;
            let clone = OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC;
            trees.push(open_tree(&memory, &name, clone)?);
        }
        Ok(trees)
    };
    make().map_err(|error| SandboxError::Mount {
        kind: "files in memory".to_owned(),
        target: spec.files[0].path.clone(),
        cause: error.into(),
    })
}

/// Hides and write-protects parts of `/proc` and `/sys`.
fn hide(root: &OwnedFd) -> Result<(), SandboxError> {
    for path in READ_ONLY {
        protect(root, path).map_err(|cause| mount_error("read-only view", path, cause))?;
    }
    let mut empty: Option<OwnedFd> = None;
    for path in HIDDEN {
        let Ok(point) = find(root, Path::new(path)) else {
            continue;
        };
        let is_folder = rustix::fs::statat(&point, "", AtFlags::EMPTY_PATH)
            .is_ok_and(|status| rustix::fs::FileType::from_raw_mode(status.st_mode).is_dir());
        let covered = (|| {
            if !is_folder {
                return attach_at(&point, &copy_of_tree(Path::new("/dev/null"))?);
            }
            let clone = OpenTreeFlags::OPEN_TREE_CLONE
                | OpenTreeFlags::OPEN_TREE_CLOEXEC
                | OpenTreeFlags::AT_EMPTY_PATH;
            let tree = match &empty {
                Some(attached) => open_tree(attached, "", clone)?,
                None => new_file_system(
                    "tmpfs",
                    &[],
                    NOTHING_SPECIAL | MountAttrFlags::MOUNT_ATTR_RDONLY,
                )?,
            };
            attach_at(&point, &tree)?;
            empty.get_or_insert(tree);
            Ok(())
        })();
        covered
            .map_err(|cause: rustix::io::Errno| mount_error("empty view", path, cause.into()))?;
    }
    Ok(())
}

fn protect(root: &OwnedFd, path: &str) -> Result<(), super::error::Errno> {
    let Ok(point) = find(root, Path::new(path)) else {
        return Ok(());
    };
    let clone = OpenTreeFlags::OPEN_TREE_CLONE
        | OpenTreeFlags::OPEN_TREE_CLOEXEC
        | OpenTreeFlags::AT_RECURSIVE
        | OpenTreeFlags::AT_EMPTY_PATH;
    let tree = open_tree(&point, "", clone)?;
    set_readonly(&tree, true)?;
    Ok(attach_at(&point, &tree)?)
}

fn mount_error(kind: &str, target: &str, cause: super::error::Errno) -> SandboxError {
    SandboxError::Mount {
        kind: kind.to_owned(),
        target: target.into(),
        cause,
    }
}
