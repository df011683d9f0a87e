//! Removes whole trees: folders without permissions, nested deeper than there are file descriptors, and never
//! what is mounted there from elsewhere.

use std::ffi::{CStr, CString};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, ResolveFlags};
use rustix::io::Errno;

use crate::disk::DiskError;

/// Deeper folders are moved up to the tree's root before they are emptied: bounds stack and descriptors.
const DEPTH_MAX: usize = 100;

/// Removes `path` with everything below it. A path that does not exist is fine. Mounts below it are not entered;
/// they make it fail with `EXDEV` or `EBUSY` after the rest is gone.
pub fn remove_tree(path: &Path) -> Result<(), DiskError> {
    remove(path).map_err(|errno| DiskError::new("remove", path, errno.into()))
}

fn remove(path: &Path) -> Result<(), Errno> {
    let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(Errno::INVAL);
    };
    let parent = if parent.as_os_str().is_empty() {
        Path::new(".")
    } else {
        parent
    };
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let parent = match rustix::fs::open(parent, flags, Mode::empty()) {
        Err(Errno::NOENT) => return Ok(()),
        other => other?,
    };
    let name = CString::new(name.as_bytes()).map_err(|_| Errno::INVAL)?;
    remove_at(parent.as_fd(), &name)
}

/// Removes `name` in `parent` with everything below it, like [`remove_tree`].
pub(crate) fn remove_at(parent: BorrowedFd<'_>, name: &CStr) -> Result<(), Errno> {
    match rustix::fs::unlinkat(parent, name, AtFlags::empty()) {
        Ok(()) | Err(Errno::NOENT) => return Ok(()),
        Err(Errno::ISDIR | Errno::PERM | Errno::ACCESS) => {}
        Err(errno) => return Err(errno),
    }
    let root = open_folder(parent, name)?;
    let mut deep = 0;
    loop {
        let moved = deep;
        empty(root.as_fd(), root.as_fd(), 0, &mut deep)?;
        if moved == deep {
            break;
        }
    }
    rustix::fs::unlinkat(parent, name, AtFlags::REMOVEDIR)
}

/// Removes what is in `folder`; what is nested too deep goes to `root` and waits for the next round.
fn empty(
    folder: BorrowedFd<'_>,
    root: BorrowedFd<'_>,
    depth: usize,
    deep: &mut usize,
) -> Result<(), Errno> {
    let mut first = None;
    // Names are collected first: a listing that changes while it is read may skip some.
    for (name, kind) in names(folder)? {
        let removed = if kind == FileType::Directory {
            remove_folder(folder, root, &name, depth, deep)
        } else {
            rustix::fs::unlinkat(folder, &name, AtFlags::empty())
        };
        match removed {
            Ok(()) | Err(Errno::NOENT) => {}
            Err(errno) => first = first.or(Some(errno)),
        }
    }
    first.map_or(Ok(()), Err)
}

fn remove_folder(
    folder: BorrowedFd<'_>,
    root: BorrowedFd<'_>,
    name: &CStr,
    depth: usize,
    deep: &mut usize,
) -> Result<(), Errno> {
    if rustix::fs::unlinkat(folder, name, AtFlags::REMOVEDIR).is_ok() {
        return Ok(());
    }
    if depth == DEPTH_MAX {
        if !rustix::process::geteuid().is_root() {
            rustix::fs::chmodat(folder, name, Mode::RWXU, AtFlags::empty())?;
        }
        *deep += 1;
        return rustix::fs::renameat(folder, name, root, format!(".deep.{deep}"));
    }
    let inner = open_folder(folder, name)?;
    empty(inner.as_fd(), root, depth + 1, deep)?;
    rustix::fs::unlinkat(folder, name, AtFlags::REMOVEDIR)
}

/// Names and kinds of what is in a folder, without `.` and `..`.
pub(crate) fn names(folder: BorrowedFd<'_>) -> Result<Vec<(CString, FileType)>, Errno> {
    let mut names = Vec::new();
    for entry in Dir::read_from(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        if name == c"." || name == c".." {
            continue;
        }
        let mut kind = entry.file_type();
        if kind == FileType::Unknown {
            let stat = rustix::fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW)?;
            kind = FileType::from_raw_mode(stat.st_mode);
        }
        names.push((name.to_owned(), kind));
    }
    Ok(names)
}

/// Opens a folder that is not a symbolic link and not a mount, and makes sure that we may empty it.
fn open_folder(parent: BorrowedFd<'_>, name: &CStr) -> Result<OwnedFd, Errno> {
    if !rustix::process::geteuid().is_root() {
        let stat = rustix::fs::statat(parent, name, AtFlags::SYMLINK_NOFOLLOW)?;
        if FileType::from_raw_mode(stat.st_mode) == FileType::Directory {
            rustix::fs::chmodat(parent, name, Mode::RWXU, AtFlags::empty())?;
        }
    }
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let resolve = ResolveFlags::NO_XDEV | ResolveFlags::NO_SYMLINKS;
    match rustix::fs::openat2(parent, name, flags, Mode::empty(), resolve) {
        // An old kernel, or a seccomp filter that does not know the call.
        Err(Errno::NOSYS | Errno::PERM) => {
            let folder = rustix::fs::openat(parent, name, flags, Mode::empty())?;
            if rustix::fs::fstat(&folder)?.st_dev != rustix::fs::fstat(parent)?.st_dev {
                return Err(Errno::XDEV);
            }
            Ok(folder)
        }
        other => other,
    }
}

/// Whether there is something at `path`, a dangling link included.
pub(crate) fn exists(path: &Path) -> io::Result<bool> {
    match std::fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn removes_odd_modes_links_and_deep_trees() {
        let home = tempfile::tempdir().unwrap();
        let outside = home.path().join("outside");
        fs::create_dir(&outside).unwrap();
        fs::write(outside.join("kept"), "x").unwrap();
        let tree = home.path().join("tree");
        fs::create_dir_all(tree.join("locked/inner")).unwrap();
        std::os::unix::fs::symlink(&outside, tree.join("link")).unwrap();
        fs::write(tree.join("locked/inner/file"), "x").unwrap();
        fs::set_permissions(tree.join("locked/inner"), fs::Permissions::from_mode(0o000)).unwrap();
        fs::set_permissions(tree.join("locked"), fs::Permissions::from_mode(0o100)).unwrap();
        // Deeper than a path can be long: made by moving the tree into a new folder again and again.
        let mut deep = home.path().join("deep0");
        fs::create_dir(&deep).unwrap();
        for number in 1..1500 {
            let outer = home.path().join(format!("deep{number}"));
            fs::create_dir(&outer).unwrap();
            fs::rename(&deep, outer.join("d")).unwrap();
            deep = outer;
        }
        fs::rename(&deep, tree.join("deep")).unwrap();

        remove_tree(&tree).unwrap();

        assert!(!exists(&tree).unwrap());
        assert!(outside.join("kept").exists());
        remove_tree(&tree).unwrap();
    }
}
