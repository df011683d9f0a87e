//! `/dev` in a root in which nothing can be mounted.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{self, ErrorKind};
use std::os::fd::OwnedFd;

use rustix::fs::{FileType, Mode, OFlags, makedev, mknodat, openat};
use rustix::io::Errno;

use super::device::NODES;
use super::modified::Modified;
use super::place::{beside, remove};

/// A `/dev` with devices, and what was in it before.
#[derive(Debug)]
pub(super) struct DeviceFolder {
    folder: OwnedFd,
    before: BTreeSet<OsString>,
    modified: Modified,
}

impl DeviceFolder {
    /// Adds the devices that are missing. Without the right to make any, `null` is a file that takes what is written to it,
    /// so that programs that throw things away do not leave them in the image.
    pub(super) fn complete(folder: OwnedFd) -> io::Result<Self> {
        let before = names(&folder)?;
        let (made, modified) = Modified::by(&folder, || {
            let mut nodes = NODES.into_iter();
            Ok(nodes
                .try_for_each(|(name, major, minor)| make(&folder, name, makedev(major, minor))))
        })?;
        let devices = Self {
            folder,
            before,
            modified,
        };
        if let Err(error) = made {
            // Half of them must not end up in the image.
            devices.empty()?;
            return Err(error.into());
        }
        Ok(devices)
    }

    /// Removes what was added, and whatever programs left: where `/dev` is mounted it vanishes, too.
    pub(super) fn empty(self) -> io::Result<()> {
        let mut outcome = Ok(());
        self.modified.undo(&self.folder, || {
            outcome = names(&self.folder).and_then(|names| {
                names.difference(&self.before).try_for_each(|name| {
                    match remove(&beside(&self.folder, name)) {
                        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
                        removed => removed,
                    }
                })
            });
        });
        outcome
    }
}

/// One device, unless there is something of its name, or the folder goes away with another sandbox in this root.
fn make(folder: &OwnedFd, name: &str, device: u64) -> rustix::io::Result<()> {
    let mode = Mode::from_raw_mode(0o666);
    let done = match mknodat(folder, name, FileType::CharacterDevice, mode, device) {
        Err(Errno::PERM | Errno::ACCESS) if name == "null" => {
            let flags = OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY | OFlags::CLOEXEC;
            openat(folder, name, flags, mode).map(drop)
        }
        Err(Errno::PERM | Errno::ACCESS) => Ok(()),
        done => done,
    };
    match done {
        Err(Errno::EXIST | Errno::NOENT) => Ok(()),
        done => done,
    }
}

/// What is in a folder.
fn names(folder: &OwnedFd) -> io::Result<BTreeSet<OsString>> {
    let entries = fs::read_dir(beside(folder, OsStr::new("")))?;
    entries.map(|entry| Ok(entry?.file_name())).collect()
}
