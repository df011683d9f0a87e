//! Owner, mode, times and extended attributes of what was unpacked.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, Gid, Mode, Timespec, Timestamps, Uid, XattrFlags};
use rustix::io::Errno;

use super::entry::carries;
use super::failure::LayerError;
use super::read::Header;
use super::unpack::Owners;
use super::whiteout::Whiteouts;
use crate::disk::{DiskError, During as _};

/// Nothing but the last modification: access times are the same, so that a tree does not tell when it was made.
#[derive(Clone, Debug)]
pub(crate) struct Metadata {
    pub mode: u32,
    pub uid: u32,
    pub gid: u32,
    pub mtime: (i64, u32),
    pub xattrs: BTreeMap<OsString, Vec<u8>>,
}

impl Metadata {
    pub(crate) fn of(header: &Header) -> Self {
        Self {
            mode: header.mode,
            uid: header.uid,
            gid: header.gid,
            mtime: header.mtime,
            xattrs: header.xattrs.clone(),
        }
    }

    /// Sets everything on an open file or folder. Gives the number of extended attributes that were refused.
    pub(crate) fn apply(
        &self,
        file: &impl AsFd,
        owners: Owners,
        full: &Path,
    ) -> Result<u64, LayerError> {
        if self.chowns(owners) {
            let (uid, gid) = self.ids();
            self.owned(rustix::fs::fchown(file, uid, gid), full)?;
        }
        // After the owner: changing that takes set-user-id bits and capabilities away.
        rustix::fs::fchmod(file, Mode::from_raw_mode(self.mode)).during("set mode of", full)?;
        let mut left_out = 0;
        for (name, value) in &self.xattrs {
            if !carries(name.as_bytes()) {
                continue;
            }
            match rustix::fs::fsetxattr(file, name.as_os_str(), value, XattrFlags::empty()) {
                Err(Errno::PERM | Errno::NOTSUP | Errno::INVAL) => left_out += 1,
                other => other.during("set attribute of", full)?,
            }
        }
        rustix::fs::futimens(file, &self.times()).during("set time of", full)?;
        Ok(left_out)
    }

    /// Sets everything but extended attributes on what is not to be opened: links, pipes, devices.
    pub(crate) fn apply_at(
        &self,
        parent: BorrowedFd<'_>,
        name: &OsStr,
        has_mode: bool,
        owners: Owners,
        full: &Path,
    ) -> Result<(), LayerError> {
        if self.chowns(owners) {
            let (uid, gid) = self.ids();
            let flags = AtFlags::SYMLINK_NOFOLLOW;
            self.owned(rustix::fs::chownat(parent, name, uid, gid, flags), full)?;
        }
        if has_mode {
            let mode = Mode::from_raw_mode(self.mode);
            rustix::fs::chmodat(parent, name, mode, AtFlags::empty())
                .during("set mode of", full)?;
        }
        let flags = AtFlags::SYMLINK_NOFOLLOW;
        rustix::fs::utimensat(parent, name, &self.times(), flags).during("set time of", full)?;
        Ok(())
    }

    fn chowns(&self, owners: Owners) -> bool {
        owners == Owners::Restore
            && (self.uid != rustix::process::geteuid().as_raw()
                || self.gid != rustix::process::getegid().as_raw())
    }

    fn ids(&self) -> (Option<Uid>, Option<Gid>) {
        (Some(Uid::from_raw(self.uid)), Some(Gid::from_raw(self.gid)))
    }

    fn owned(&self, result: Result<(), Errno>, full: &Path) -> Result<(), LayerError> {
        match result {
            Ok(()) => Ok(()),
            // The id has no partner outside of this user namespace.
            Err(Errno::INVAL) => Err(LayerError::Unmapped {
                path: PathBuf::from(full),
                uid: self.uid,
                gid: self.gid,
            }),
            Err(errno) => Err(DiskError::new("set owner of", full, errno.into()).into()),
        }
    }

    fn times(&self) -> Timestamps {
        let time = Timespec {
            tv_sec: self.mtime.0,
            tv_nsec: self.mtime.1.into(),
        };
        Timestamps {
            last_access: time,
            last_modification: time,
        }
    }
}

/// Marks the folder `name` in `parent` opaque; `ENOTDIR` if it is none.
pub(crate) fn set_opaque(
    parent: BorrowedFd<'_>,
    name: &OsStr,
    style: Whiteouts,
) -> Result<(), Errno> {
    use rustix::fs::OFlags;
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let folder = match rustix::fs::openat(parent, name, flags, Mode::empty()) {
        Err(Errno::LOOP) => return Err(Errno::NOTDIR),
        other => other?,
    };
    rustix::fs::fsetxattr(&folder, style.attribute(), b"y", XattrFlags::empty())
}
