//! Reaching files of a root file system from outside, without ever leaving it.
//!
//! Symbolic links of the root are followed as they would be inside it: `/lib -> usr/lib` leads to `ROOT/usr/lib`, and so
//! does `/lib -> /usr/lib` (`openat2` with `RESOLVE_IN_ROOT`, openat2(2)).

use std::cell::RefCell;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::rc::Rc;

use rustix::fs::{
    AtFlags, FileType, Gid, Mode, OFlags, ResolveFlags, Stat, Timespec, Timestamps, Uid,
};
use rustix::io::Errno;

/// Owner, permission bits and time of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attributes {
    /// Number of the owner.
    pub uid: u32,
    /// Number of the group.
    pub gid: u32,
    /// Permission bits.
    pub mode: u32,
    /// Seconds since 1970.
    pub mtime: u64,
}

/// Whether files get the owners that their packages name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owners {
    /// They do. Needs root, or a user namespace with all ids.
    Kept,
    /// Everything belongs to whoever unpacks: the only way with a single id.
    Ignored,
}

/// A root file system. Paths are relative to it, without a slash in front.
#[derive(Debug)]
pub struct Root {
    top: OwnedFd,
    owners: Owners,
    last: RefCell<Option<(String, Rc<OwnedFd>)>>,
}

const FOLDER: OFlags = OFlags::PATH.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

impl Root {
    /// Opens a folder as a root.
    pub fn open(path: &Path, owners: Owners) -> io::Result<Self> {
        let top = rustix::fs::open(path, FOLDER, Mode::empty())?;
        Ok(Self {
            top,
            owners,
            last: RefCell::new(None),
        })
    }

    fn folder(&self, path: &str) -> io::Result<OwnedFd> {
        let path = if path.is_empty() { "." } else { path };
        let resolve = ResolveFlags::IN_ROOT | ResolveFlags::NO_MAGICLINKS;
        loop {
            match rustix::fs::openat2(&self.top, path, FOLDER, Mode::empty(), resolve) {
                // Something was renamed meanwhile: openat2(2) says to try again.
                Err(Errno::AGAIN | Errno::INTR) => {}
                result => return Ok(result?),
            }
        }
    }

    /// The folder that a path is in (made if it is missing), and the path's last part.
    fn parent<'a>(&self, path: &'a str) -> io::Result<(Rc<OwnedFd>, &'a str)> {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        if let Some((last, fd)) = &*self.last.borrow()
            && last == folder
        {
            return Ok((Rc::clone(fd), name));
        }
        let fd = match self.folder(folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.make_folder(folder)?;
                self.folder(folder)?
            }
            other => other?,
        };
        let fd = Rc::new(fd);
        *self.last.borrow_mut() = Some((folder.to_owned(), Rc::clone(&fd)));
        Ok((fd, name))
    }

    /// Makes a folder and those above it. Returns whether it was not there, nor a link to a folder.
    pub fn make_folder(&self, path: &str) -> io::Result<bool> {
        if path.is_empty() {
            return Ok(false);
        }
        let (folder, name) = self.parent(path)?;
        match rustix::fs::mkdirat(&*folder, name, Mode::from_raw_mode(0o755)) {
            Ok(()) => Ok(true),
            Err(Errno::EXIST) => self.folder(path).map(|_| false),
            Err(error) => Err(error.into()),
        }
    }

    /// What a path is, links not followed in its last part. `None` if there is nothing.
    pub fn stat(&self, path: &str) -> io::Result<Option<Stat>> {
        let (folder, name) = self.parent(path)?;
        match rustix::fs::statat(&*folder, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => Ok(Some(stat)),
            Err(Errno::NOENT) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether a path is a folder itself, not a link to one.
    pub fn is_folder(&self, path: &str) -> io::Result<bool> {
        let stat = self.stat(path)?;
        Ok(stat.is_some_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::Directory))
    }

    /// Whether a path can be reached from outside by its plain name without leaving the root: no link on the way, nor in
    /// its place, leads out, as an absolute one does. What is not there leads nowhere.
    pub fn keeps(&self, path: &str) -> io::Result<bool> {
        let flags = OFlags::PATH | OFlags::CLOEXEC;
        let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
        loop {
            match rustix::fs::openat2(&self.top, path, flags, Mode::empty(), resolve) {
                Err(Errno::AGAIN | Errno::INTR) => {}
                Ok(_) | Err(Errno::NOENT | Errno::NOTDIR) => return Ok(true),
                Err(Errno::XDEV | Errno::LOOP) => return Ok(false),
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Removes a file or link, if it is there.
    pub fn remove(&self, path: &str) -> io::Result<()> {
        let (folder, name) = self.parent(path)?;
        match rustix::fs::unlinkat(&*folder, name, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Makes a new empty file in the place of whatever file is there.
    pub fn create(&self, path: &str) -> io::Result<File> {
        let (folder, name) = self.parent(path)?;
        let flags =
            OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let open = || rustix::fs::openat(&*folder, name, flags, Mode::from_raw_mode(0o600));
        match open() {
            Err(Errno::EXIST) => {
                rustix::fs::unlinkat(&*folder, name, AtFlags::empty())?;
                Ok(open()?.into())
            }
            other => Ok(other?.into()),
        }
    }

    /// Gives an open file or folder its attributes.
    pub fn finish(&self, file: impl AsFd, attributes: &Attributes) -> io::Result<()> {
        // In this order: a change of the owner clears the set-user-id bit (chown(2)).
        if self.owners == Owners::Kept {
            let (uid, gid) = (Uid::from_raw(attributes.uid), Gid::from_raw(attributes.gid));
            rustix::fs::fchown(&file, Some(uid), Some(gid))?;
        }
        rustix::fs::fchmod(&file, Mode::from_raw_mode(attributes.mode))?;
        Ok(rustix::fs::futimens(&file, &times(attributes.mtime))?)
    }

    /// Gives a folder its attributes.
    pub fn finish_folder(&self, path: &str, attributes: &Attributes) -> io::Result<()> {
        let (folder, name) = self.parent(path)?;
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let folder = rustix::fs::openat(&*folder, name, flags, Mode::empty())?;
        self.finish(folder, attributes)
    }

    /// Makes a symbolic link in the place of whatever file is there.
    pub fn symlink(&self, target: &[u8], path: &str, attributes: &Attributes) -> io::Result<()> {
        self.remove(path)?;
        let (folder, name) = self.parent(path)?;
        rustix::fs::symlinkat(target, &*folder, name)?;
        self.finish_special(path, attributes)
    }

    /// Makes another name of a file.
    pub fn hardlink(&self, target: &str, path: &str) -> io::Result<()> {
        self.remove(path)?;
        let (from, from_name) = self.parent(target)?;
        let (to, to_name) = self.parent(path)?;
        Ok(rustix::fs::linkat(
            &*from,
            from_name,
            &*to,
            to_name,
            AtFlags::empty(),
        )?)
    }

    /// Makes a device or a pipe.
    pub fn special(
        &self,
        path: &str,
        kind: FileType,
        device: (u32, u32),
        attributes: &Attributes,
    ) -> io::Result<()> {
        self.remove(path)?;
        let (folder, name) = self.parent(path)?;
        let device = rustix::fs::makedev(device.0, device.1);
        rustix::fs::mknodat(&*folder, name, kind, Mode::from_raw_mode(0o600), device)?;
        rustix::fs::chmodat(
            &*folder,
            name,
            Mode::from_raw_mode(attributes.mode),
            AtFlags::empty(),
        )?;
        self.finish_special(path, attributes)
    }

    fn finish_special(&self, path: &str, attributes: &Attributes) -> io::Result<()> {
        let (folder, name) = self.parent(path)?;
        if self.owners == Owners::Kept {
            let (uid, gid) = (Uid::from_raw(attributes.uid), Gid::from_raw(attributes.gid));
            rustix::fs::chownat(
                &*folder,
                name,
                Some(uid),
                Some(gid),
                AtFlags::SYMLINK_NOFOLLOW,
            )?;
        }
        let times = times(attributes.mtime);
        Ok(rustix::fs::utimensat(
            &*folder,
            name,
            &times,
            AtFlags::SYMLINK_NOFOLLOW,
        )?)
    }
}

fn times(mtime: u64) -> Timestamps {
    let time = Timespec {
        tv_sec: i64::try_from(mtime).unwrap_or(i64::MAX),
        tv_nsec: 0,
    };
    Timestamps {
        last_access: time,
        last_modification: time,
    }
}
