//! Paths inside a root: links are followed as a process in that root would follow them.

use std::fs;
use std::io;
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, Mode, OFlags, ResolveFlags, openat2};

/// Where `path` of the root is on this machine. Fails if there is nothing.
pub(super) fn find(root: &Path, path: &Path) -> io::Result<PathBuf> {
    let top = fs::File::open(root)?;
    let below = path.strip_prefix("/").unwrap_or(path);
    let below = if below.as_os_str().is_empty() {
        Path::new(".")
    } else {
        below
    };
    let found = openat2(
        &top,
        below,
        OFlags::PATH | OFlags::CLOEXEC,
        Mode::empty(),
        ResolveFlags::IN_ROOT | ResolveFlags::NO_MAGICLINKS,
    )?;
    Ok(rustix::fs::readlinkat(
        CWD,
        format!("/proc/self/fd/{}", found.as_raw_fd()),
        Vec::new(),
    )
    .map(|text| {
        use std::os::unix::ffi::OsStringExt as _;
        PathBuf::from(std::ffi::OsString::from_vec(text.into_bytes()))
    })?)
}

/// Makes the folder `path` of the root, and those above it, where they are missing. `resolved` is the path with its
/// links followed. What is made belongs to `owner`.
pub(super) fn make_folder(root: &Path, resolved: &Path, owner: (u32, u32)) -> io::Result<()> {
    let mut at = root.to_path_buf();
    for name in resolved.components().skip(1) {
        at.push(name);
        match fs::create_dir(&at) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            made => {
                made?;
                // With one identity around us everything is root's.
                let _ = chown(&at, Some(owner.0), Some(owner.1));
            }
        }
    }
    Ok(())
}
