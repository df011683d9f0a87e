//! Trying what this machine permits, in a child that takes the traces with it.

use std::ffi::CString;
use std::fs;
use std::io::{Read, Write};
use std::path::Path;

use rustix::fs::{CWD, FileType, Mode, makedev, mknodat};
use rustix::mount::{MountFlags, OpenTreeFlags, mount, open_tree};
use rustix::process::{WaitOptions, waitpid};
use rustix::thread::UnshareFlags;
use serde::{Deserialize, Serialize};

use super::error::HostError;
use crate::sys::{
    self,
    process::{Forked, fork},
};

/// What was tried: done, or why not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Found {
    /// Process namespaces, with a `/proc` of their own.
    pub processes: Result<(), String>,
    /// Overlay mounts.
    pub overlay: Result<(), String>,
    /// Network namespaces, with loopback up.
    pub network: Result<(), String>,
    /// Whether we are in a user namespace.
    pub in_user_namespace: bool,
}

impl Found {
    /// Nothing is permitted and nobody should wonder.
    pub(super) const NOTHING: Self = Self {
        processes: Err(String::new()),
        overlay: Err(String::new()),
        network: Err(String::new()),
        in_user_namespace: false,
    };

    /// Everything is permitted.
    pub(super) fn best(in_user_namespace: bool) -> Self {
        Self {
            processes: Ok(()),
            overlay: Ok(()),
            network: Ok(()),
            in_user_namespace,
        }
    }
}

/// Tries everything. `scratch` is where overlays shall work; `inside` the size of our user namespace, if we are in one.
pub(super) fn probe(scratch: &Path, inside: Option<u32>) -> Result<Found, HostError> {
    let error = |what| move |cause: std::io::Error| HostError::Probe { what, cause };
    let in_user_namespace = inside.is_some();
    let (mut reader, mut writer) = std::io::pipe().map_err(error("open a pipe"))?;
    match fork().map_err(fork_error)? {
        Forked::Child => {
            drop(reader);
            let found = try_all(scratch, in_user_namespace);
            let bytes = serde_json::to_vec(&found).expect("plain data");
            sys::process::exit(i32::from(writer.write_all(&bytes).is_err()))
        }
        Forked::Parent(child) => {
            drop(writer);
            let mut bytes = Vec::new();
            reader
                .read_to_end(&mut bytes)
                .map_err(error("read what a child found"))?;
            let _ = waitpid(Some(child), WaitOptions::empty());
            serde_json::from_slice(&bytes).map_err(|cause| HostError::Probe {
                what: "try namespaces and mounts in a child",
                cause: cause.into(),
            })
        }
    }
}

fn fork_error(cause: std::io::Error) -> HostError {
    if cause.raw_os_error() == Some(libc::EDEADLK) {
        HostError::Threads
    } else {
        HostError::Probe {
            what: "fork",
            cause,
        }
    }
}

fn try_all(scratch: &Path, in_user_namespace: bool) -> Found {
    let own = |what: &str, flags| {
        sys::namespace::unshare(flags).map_err(|error| format!("no {what} ({error})"))
    };
    let mounts = own("mount namespaces", UnshareFlags::NEWNS);
    let overlay = mounts
        .clone()
        .and_then(|()| try_overlay(scratch, in_user_namespace));
    let network = own("network namespaces", UnshareFlags::NEWNET).and_then(|()| {
        sys::network::loopback_up()
            .map_err(|error| format!("no loopback in network namespaces ({error})"))
    });
    let flags = UnshareFlags::NEWPID | UnshareFlags::NEWIPC | UnshareFlags::NEWUTS;
    let processes = mounts
        .and_then(|()| own("process namespaces", flags))
        .and_then(|()| try_processes());
    Found {
        processes,
        overlay,
        network,
        in_user_namespace,
    }
}

/// An overlay of empty folders where the real ones will be. Not every file system can hold an upper folder.
fn try_overlay(scratch: &Path, userxattr: bool) -> Result<(), String> {
    let failed =
        |error: std::io::Error| format!("no overlay mounts in {} ({error})", scratch.display());
    fs::create_dir_all(scratch).map_err(failed)?;
    let folder = scratch.join(format!(".overlay-probe-{}", std::process::id()));
    let tried = (|| {
        fs::create_dir(&folder)?;
        for name in ["lower", "upper", "work", "merged"] {
            fs::create_dir(folder.join(name))?;
        }
        let path = |name: &str| folder.join(name).display().to_string();
        // Without "volatile" its unmounting would write the whole file system below it to disk.
        let userxattr = if userxattr {
            ",volatile,userxattr"
        } else {
            ",volatile"
        };
        let options = format!(
            "lowerdir={},upperdir={},workdir={}{userxattr}",
            path("lower"),
            path("upper"),
            path("work")
        );
        let options = CString::new(options)?;
        mount(
            "overlay",
            folder.join("merged"),
            "overlay",
            MountFlags::empty(),
            options.as_c_str(),
        )?;
        // It can be mounted and yet be read-only, when the upper folder cannot hold its attributes.
        let written = fs::write(folder.join("merged/file"), "");
        let _ = rustix::mount::unmount(folder.join("merged"), rustix::mount::UnmountFlags::DETACH);
        written
    })();
    let _ = fs::remove_dir_all(&folder);
    tried.map_err(failed)
}

/// A process in its own namespace that sees only itself. `/proc` can be refused: where parts of the one around us are
/// hidden, as in containers.
fn try_processes() -> Result<(), String> {
    let failed = |error: std::io::Error| format!("no mounts in process namespaces ({error})");
    match fork().map_err(failed)? {
        Forked::Child => {
            let mounted = mount("proc", "/proc", "proc", MountFlags::empty(), None);
            let outcome = mounted
                .map_err(std::io::Error::from)
                .and_then(|()| try_mounts());
            sys::process::exit(
                outcome.map_or_else(|error| error.raw_os_error().unwrap_or(1), |()| 0),
            )
        }
        Forked::Parent(child) => {
            let status =
                waitpid(Some(child), WaitOptions::empty()).map_err(|error| failed(error.into()))?;
            match status.and_then(|(_, status)| status.exit_status()) {
                Some(0) => Ok(()),
                Some(errno) => Err(failed(std::io::Error::from_raw_os_error(errno))),
                None => Err(failed(std::io::Error::from_raw_os_error(libc::ESRCH))),
            }
        }
    }
}

/// The mount calls that sandboxes use (Linux 5.12).
fn try_mounts() -> std::io::Result<()> {
    let flags = OpenTreeFlags::OPEN_TREE_CLONE
        | OpenTreeFlags::OPEN_TREE_CLOEXEC
        | OpenTreeFlags::AT_RECURSIVE;
    let tree = open_tree(CWD, "/proc", flags)?;
    sys::mount::set_readonly(&tree, true)
}

/// A device like those that sandboxes get where they cannot be mounted.
pub(super) fn try_device(scratch: &Path) -> Result<(), String> {
    let failed = |error: std::io::Error| {
        format!("no devices can be made in {} ({error})", scratch.display())
    };
    fs::create_dir_all(scratch).map_err(failed)?;
    let path = scratch.join(format!(".device-probe-{}", std::process::id()));
    let mode = Mode::from_raw_mode(0o600);
    let outcome = mknodat(CWD, &path, FileType::CharacterDevice, mode, makedev(1, 3));
    outcome.map_err(|error| failed(error.into()))?;
    // Where devices are switched off by a mount option they can be made, and do nothing.
    let works = fs::write(&path, "nothing");
    let _ = fs::remove_file(&path);
    works.map_err(failed)
}
