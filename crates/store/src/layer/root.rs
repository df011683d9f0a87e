//! A folder as the root of every path: no name, link or `..` leads out of it.
//!
//! The kernel does it (`openat2` with `RESOLVE_IN_ROOT`, Linux 5.6); where it cannot, or a seccomp filter does not
//! know the call, we walk component by component. Nobody else may change the folder meanwhile.

use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Component, Path};

use rustix::fs::{FileType, Mode, OFlags, ResolveFlags};
use rustix::io::Errno;

/// As many as the kernel follows.
const LINKS_MAX: usize = 40;

const FOLDER: OFlags = OFlags::RDONLY
    .union(OFlags::DIRECTORY)
    .union(OFlags::CLOEXEC)
    .union(OFlags::NONBLOCK);

/// A folder that is the root of paths.
pub(crate) struct Root {
    folder: OwnedFd,
    by_kernel: bool,
}

impl Root {
    /// Opens the folder and finds out what the kernel can do.
    pub(crate) fn open(path: &Path) -> Result<Self, Errno> {
        let folder = rustix::fs::open(path, FOLDER, Mode::empty())?;
        let mut root = Self {
            folder,
            by_kernel: true,
        };
        root.by_kernel = match root.folder_by_kernel(Path::new(".")) {
            Ok(_) => true,
            Err(Errno::NOSYS | Errno::PERM | Errno::INVAL) => false,
            Err(errno) => return Err(errno),
        };
        Ok(root)
    }

    /// Never asks the kernel, for tests.
    #[cfg(test)]
    pub(crate) fn open_without_kernel(path: &Path) -> Result<Self, Errno> {
        Ok(Self {
            by_kernel: false,
            ..Self::open(path)?
        })
    }

    /// Opens the folder at `path` below the root, following links within it. An absolute path begins at the root.
    pub(crate) fn folder(&self, path: &Path) -> Result<OwnedFd, Errno> {
        let path = if path.as_os_str().is_empty() {
            Path::new(".")
        } else {
            path
        };
        if self.by_kernel {
            self.folder_by_kernel(path)
        } else {
            self.folder_by_hand(path)
        }
    }

    /// Like [`Root::folder`], making what is missing (mode 0755). `blocked` is asked about a component that is no
    /// folder: it may remove it and say so.
    pub(crate) fn make_folder(
        &self,
        path: &Path,
        blocked: &mut dyn FnMut(BorrowedFd<'_>, &OsStr) -> Result<Unblocked, Errno>,
    ) -> Result<OwnedFd, Errno> {
        match self.folder(path) {
            Err(Errno::NOENT | Errno::NOTDIR) => self.make_missing(path, blocked),
            other => other,
        }
    }

    fn make_missing(
        &self,
        path: &Path,
        blocked: &mut dyn FnMut(BorrowedFd<'_>, &OsStr) -> Result<Unblocked, Errno>,
    ) -> Result<OwnedFd, Errno> {
        let mut todo: VecDeque<OsString> = components(path);
        let mut done = Vec::<OsString>::new();
        let mut links = 0;
        while let Some(name) = todo.pop_front() {
            if name == ".." {
                done.pop();
                continue;
            }
            let parent = self.folder(&done.iter().collect::<std::path::PathBuf>())?;
            match rustix::fs::mkdirat(&parent, &name, Mode::from_raw_mode(0o755)) {
                Ok(()) => {}
                Err(Errno::EXIST) => match kind_at(parent.as_fd(), &name)? {
                    FileType::Directory => {}
                    FileType::Symlink => {
                        links += 1;
                        if links > LINKS_MAX {
                            return Err(Errno::LOOP);
                        }
                        prepend(&mut todo, &mut done, &read_link(parent.as_fd(), &name)?);
                        continue;
                    }
                    _ => {
                        if blocked(parent.as_fd(), &name)? == Unblocked::No {
                            return Err(Errno::NOTDIR);
                        }
                    }
                },
                Err(errno) => return Err(errno),
            }
            done.push(name);
        }
        self.folder(&done.iter().collect::<std::path::PathBuf>())
    }

    fn folder_by_kernel(&self, path: &Path) -> Result<OwnedFd, Errno> {
        let resolve = ResolveFlags::IN_ROOT | ResolveFlags::NO_MAGICLINKS;
        loop {
            match rustix::fs::openat2(&self.folder, path, FOLDER, Mode::empty(), resolve) {
                // A rename somewhere on the machine while `..` was resolved; the manual page says to try again.
                Err(Errno::AGAIN) => {}
                other => return other,
            }
        }
    }

    fn folder_by_hand(&self, path: &Path) -> Result<OwnedFd, Errno> {
        let mut todo = components(path);
        let mut stack = vec![self.folder.try_clone().map_err(|_| Errno::MFILE)?];
        let mut links = 0;
        while let Some(name) = todo.pop_front() {
            let here = stack.last().ok_or(Errno::NOENT)?.as_fd();
            if name == ".." {
                if stack.len() > 1 {
                    stack.pop();
                }
                continue;
            }
            if kind_at(here, &name)? == FileType::Symlink {
                links += 1;
                if links > LINKS_MAX {
                    return Err(Errno::LOOP);
                }
                let target = read_link(here, &name)?;
                if target.has_root() {
                    stack.truncate(1);
                }
                let mut first = components(&target);
                first.append(&mut todo);
                todo = first;
                continue;
            }
            let next = rustix::fs::openat(here, &name, FOLDER | OFlags::NOFOLLOW, Mode::empty())?;
            stack.push(next);
        }
        stack.pop().ok_or(Errno::NOENT)
    }
}

/// What a caller did about something that is in the way of a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unblocked {
    /// There is a folder now.
    Yes,
    /// It stays.
    No,
}

fn components(path: &Path) -> VecDeque<OsString> {
    path.components()
        .filter_map(|component| match component {
            Component::Normal(name) => Some(name.to_owned()),
            Component::ParentDir => Some("..".into()),
            _ => None,
        })
        .collect()
}

fn prepend(todo: &mut VecDeque<OsString>, done: &mut Vec<OsString>, target: &Path) {
    if target.has_root() {
        done.clear();
    }
    let mut first = components(target);
    first.append(todo);
    *todo = first;
}

fn kind_at(folder: BorrowedFd<'_>, name: &OsStr) -> Result<FileType, Errno> {
    let stat = rustix::fs::statat(folder, name, rustix::fs::AtFlags::SYMLINK_NOFOLLOW)?;
    Ok(FileType::from_raw_mode(stat.st_mode))
}

fn read_link(folder: BorrowedFd<'_>, name: &OsStr) -> Result<std::path::PathBuf, Errno> {
    let target = rustix::fs::readlinkat(folder, name, Vec::new())?;
    Ok(OsString::from_vec(target.into_bytes()).into())
}

/// A path of an archive as a path below the root, without `.`, empty components and slashes at its ends; `None` if it
/// has `..` or a NUL.
pub(crate) fn relative(path: &[u8]) -> Option<std::path::PathBuf> {
    let mut clean = std::path::PathBuf::new();
    for name in path.split(|&b| b == b'/') {
        match name {
            b"" | b"." => {}
            b".." => return None,
            _ if name.contains(&0) => return None,
            _ => clean.push(OsStr::from_bytes(name)),
        }
    }
    Some(clean)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{MetadataExt as _, symlink};

    use super::*;

    #[test]
    fn kernel_and_hand_find_the_same_folders_and_none_outside() {
        let home = tempfile::tempdir().unwrap();
        let root = home.path().join("root");
        fs::create_dir_all(root.join("a/b")).unwrap();
        fs::create_dir_all(home.path().join("secret")).unwrap();
        fs::create_dir_all(root.join("secret")).unwrap();
        fs::write(root.join("file"), "").unwrap();
        symlink("/a", root.join("absolute")).unwrap();
        symlink("../../../secret", root.join("a/up")).unwrap();
        symlink("loop", root.join("loop")).unwrap();
        symlink("nowhere", root.join("dangling")).unwrap();
        symlink("/proc/self/root", root.join("magic")).unwrap();
        let cases: [(&str, Option<&str>); 12] = [
            ("", Some("")),
            ("a/b", Some("a/b")),
            ("absolute/b", Some("a/b")),
            ("/absolute", Some("a")),
            ("a/up", Some("secret")),
            ("../../secret", Some("secret")),
            ("a/b/../../a", Some("a")),
            ("loop", None),
            ("dangling", None),
            ("magic", None),
            ("file", None),
            ("file/x", None),
        ];
        for (path, expected) in cases {
            for opened in [Root::open(&root), Root::open_without_kernel(&root)] {
                let opened = opened.unwrap();
                let found = opened.folder(Path::new(path)).ok();
                let found = found.map(|fd| rustix::fs::fstat(&fd).unwrap().st_ino);
                let expected = expected.map(|e| fs::metadata(root.join(e)).unwrap().ino());
                assert_eq!(found, expected, "{path:?} by kernel: {}", opened.by_kernel);
            }
        }
    }

    #[test]
    fn missing_folders_are_made_where_links_lead() {
        let home = tempfile::tempdir().unwrap();
        fs::create_dir(home.path().join("var")).unwrap();
        symlink("/run", home.path().join("var/run")).unwrap();
        let root = Root::open(home.path()).unwrap();
        root.make_folder(Path::new("var/run/app/x"), &mut |_, _| Ok(Unblocked::No))
            .unwrap();
        assert!(home.path().join("run/app/x").is_dir());
    }

    #[test]
    fn names_are_cleaned_or_refused() {
        let cases = [
            ("./etc//passwd", Some("etc/passwd")),
            ("/etc/passwd", Some("etc/passwd")),
            ("./", Some("")),
            ("a/../b", None),
            ("..", None),
            ("a\0b", None),
            ("a/..b", Some("a/..b")),
        ];
        for (name, expected) in cases {
            assert_eq!(
                relative(name.as_bytes()),
                expected.map(Into::into),
                "{name}"
            );
        }
    }
}
