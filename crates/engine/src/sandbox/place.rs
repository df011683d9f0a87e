//! Binds without mounts: things are placed in the root for the run and taken out after it.
//!
//! What lay at a target is renamed aside and comes back. What is read-only is copied in. A writable folder is moved
//! in, with a symlink in its old place, and moved back: if neither of us lives to do that, the symlink tells the next
//! run (or [`recover`]) where it is. The moved folder is locked as long as it is in use.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::{MetadataExt, PermissionsExt, lchown, symlink};
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, FlockOperation, flock, renameat, statat};

use super::device_folder::DeviceFolder;
use super::error::{Errno, SandboxError};
use super::modified::Modified;
use super::mount_point::{Kind, MountPoints, open_root};
use super::spec::{Bind, ShownFile, Spec, Tmpfs};

/// Everything that was placed, in order.
#[derive(Debug, Default)]
pub(super) struct Placed {
    things: Vec<Thing>,
    devices: Option<DeviceFolder>,
    folders: MountPoints,
}

/// One thing in the root.
#[derive(Debug)]
struct Thing {
    /// The folder it is in.
    parent: OwnedFd,
    name: OsString,
    /// What lay there before, under its name in the meantime.
    aside: Option<OsString>,
    modified: Modified,
    /// Where it goes back to, and the lock on it.
    moved: Option<(PathBuf, fs::File)>,
}

impl Placed {
    /// Places all that the spec shows, parents before children.
    pub(super) fn place_for(&mut self, spec: &Spec) -> Result<(), SandboxError> {
        let root = open_root(&spec.root)?;
        // Empty, but there, as where they are mounted: what a program makes if it is missing is in no layer.
        for path in ["/proc", "/sys"] {
            self.folders.create(&root, Path::new(path), Kind::Folder)?;
        }
        self.devices(&root)?;
        let mut order: Vec<(&Path, Source<'_>)> = Vec::new();
        order.extend(
            spec.tmpfs
                .iter()
                .map(|tmpfs| (tmpfs.target.as_path(), Source::Empty(tmpfs))),
        );
        order.extend(
            spec.binds
                .iter()
                .map(|bind| (bind.target.as_path(), Source::Bind(bind))),
        );
        order.extend(
            spec.files
                .iter()
                .map(|file| (file.path.as_path(), Source::Text(file))),
        );
        order.sort_by_key(|(target, _)| *target);
        for (target, source) in order {
            let thing = self.make_room(&root, target)?;
            // Known before it is there, so that it is taken out however far we get.
            self.things.push(thing);
            let thing = self.things.last_mut().expect("just pushed");
            let put = source.put(thing);
            thing.modified.again(&thing.parent);
            put.map_err(|error| source.error(target, &error))?;
        }
        Ok(())
    }

    /// The devices that are missing, if we may make any. What cannot be made, [`crate::host::enter`] has said.
    fn devices(&mut self, root: &OwnedFd) -> Result<(), SandboxError> {
        let path = Path::new("/dev");
        let error = |cause: io::Error| SandboxError::MountPoint {
            target: path.to_owned(),
            cause: cause.into(),
        };
        let parent = self.folders.create(root, path, Kind::Folder)?;
        let folder = DeviceFolder::complete(parent).map_err(error)?;
        self.devices = Some(folder);
        Ok(())
    }

    /// Finds the folder of a target, and puts what lies at the target aside.
    fn make_room(&mut self, root: &OwnedFd, target: &Path) -> Result<Thing, SandboxError> {
        let error = |cause: Errno| SandboxError::MountPoint {
            target: target.to_owned(),
            cause,
        };
        let (Some(folder), Some(name)) = (target.parent(), target.file_name()) else {
            return Err(error(Errno(libc::EINVAL)));
        };
        let parent = self.folders.create(root, folder, Kind::Folder)?;
        let aside = statat(&parent, name, AtFlags::SYMLINK_NOFOLLOW)
            .is_ok()
            .then(|| {
                let mut aside = OsString::from(format!(".covered-{}-", self.things.len()));
                aside.push(name);
                aside
            });
        let cleared = Modified::by(&parent, || match &aside {
            Some(aside) => renameat(&parent, name, &parent, aside),
            None => Ok(()),
        });
        let ((), modified) = cleared.map_err(|cause| error(cause.into()))?;
        Ok(Thing {
            parent,
            name: name.to_owned(),
            aside,
            modified,
            moved: None,
        })
    }

    /// Takes everything out again, last first. What cannot be taken out stays; the first failure is told, since it would
    /// become a part of the layer.
    pub(super) fn take_out(mut self) -> Result<(), SandboxError> {
        let mut outcome = Ok(());
        while let Some(thing) = self.things.pop() {
            let name = PathBuf::from(&thing.name);
            let taken = thing.take_out().map_err(|error| SandboxError::Leftover {
                name,
                cause: error.into(),
            });
            outcome = outcome.and(taken);
        }
        if let Some(devices) = self.devices.take() {
            let emptied = devices.empty().map_err(|error| SandboxError::Leftover {
                name: PathBuf::from("/dev"),
                cause: error.into(),
            });
            outcome = outcome.and(emptied);
        }
        outcome.and(self.folders.remove())
    }
}

impl Thing {
    fn path(&self) -> PathBuf {
        beside(&self.parent, &self.name)
    }

    fn take_out(self) -> io::Result<()> {
        let path = self.path();
        let mut outcome = Ok(());
        self.modified.undo(&self.parent, || {
            let removed = match &self.moved {
                // The symlink goes first: a name cannot be both.
                Some((home, _lock)) => fs::remove_file(home).and_then(|()| fs::rename(&path, home)),
                None => remove(&path),
            };
            let removed = match removed {
                // It was not put there, or the program removed it.
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
                removed => removed,
            };
            let brought_back = match &self.aside {
                Some(aside) => fs::rename(beside(&self.parent, aside), &path),
                None => Ok(()),
            };
            outcome = removed.and(brought_back);
        });
        outcome
    }
}

/// A path below an open folder.
pub(super) fn beside(folder: &OwnedFd, name: &OsStr) -> PathBuf {
    PathBuf::from(format!("/proc/self/fd/{}", folder.as_raw_fd())).join(name)
}

/// Removes a file or folder.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    if fs::symlink_metadata(path)?.is_dir() {
        fs::remove_dir_all(path)
    } else {
        fs::remove_file(path)
    }
}

/// What is placed.
enum Source<'a> {
    Empty(&'a Tmpfs),
    Bind(&'a Bind),
    Text(&'a ShownFile),
}

impl Source<'_> {
    fn put(&self, thing: &mut Thing) -> io::Result<()> {
        let path = thing.path();
        match self {
            Self::Empty(tmpfs) => {
                fs::create_dir(&path)?;
                fs::set_permissions(&path, fs::Permissions::from_mode(tmpfs.mode))
            }
            Self::Text(file) => {
                fs::write(&path, &file.bytes)?;
                // Where owners cannot be set, everything is ours anyway.
                let _ = lchown(&path, Some(file.uid), Some(file.gid));
                fs::set_permissions(&path, fs::Permissions::from_mode(file.mode))
            }
            Self::Bind(bind) if bind.readonly => copy(&bind.source, &path),
            Self::Bind(bind) => {
                thing.moved = Some(move_in(&bind.source, &path)?);
                Ok(())
            }
        }
    }

    fn error(&self, target: &Path, error: &io::Error) -> SandboxError {
        let target = target.to_owned();
        let cause = Errno(error.raw_os_error().unwrap_or(libc::EIO));
        match self {
            Self::Bind(bind) => SandboxError::Bind {
                source_path: bind.source.clone(),
                target,
                cause,
            },
            Self::Empty(_) | Self::Text(_) => SandboxError::MountPoint { target, cause },
        }
    }
}

/// Begins the text of our symlinks: a way to write the root folder that no sound path begins with, so that a symlink
/// of the user's own is never taken for one of ours.
const MOVED: &str = "/.";

/// Moves a file or folder into the root, leaving a symlink. Fails with `EBUSY` if another sandbox has it.
fn move_in(source: &Path, to: &Path) -> io::Result<(PathBuf, fs::File)> {
    recover(source)?;
    let home = fs::canonicalize(source)?;
    let lock = lock(&home)?;
    fs::rename(&home, to)?;
    let mut text = OsString::from(MOVED);
    let linked = fs::canonicalize(to).and_then(|away| {
        text.push(away);
        symlink(text, &home)
    });
    match linked {
        Ok(()) => Ok((home, lock)),
        Err(error) => fs::rename(to, &home).and(Err(error)),
    }
}

/// Brings home a file or folder that a sandbox without mounts moved in and did not live to move back. Does nothing
/// for anything else; fails with `EBUSY` while the sandbox runs. To be called before roots are swept.
pub fn recover(source: &Path) -> io::Result<()> {
    let Ok(text) = fs::read_link(source) else {
        return Ok(());
    };
    let ours = text.as_os_str().as_encoded_bytes().starts_with(b"/./");
    if !ours {
        return Ok(());
    }
    let _lock = lock(&text)?;
    fs::remove_file(source)?;
    fs::rename(&text, source)
}

fn lock(path: &Path) -> io::Result<fs::File> {
    let file = fs::File::open(path)?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(file),
        Err(_) => Err(io::Error::from_raw_os_error(libc::EBUSY)),
    }
}

/// Copies a tree with permissions and owners. A symlink at its top is followed, as a mount would. Sockets, pipes and
/// devices are left out.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    copy_entry(&fs::canonicalize(from)?, to)
}

fn copy_entry(from: &Path, to: &Path) -> io::Result<()> {
    let metadata = fs::symlink_metadata(from)?;
    if metadata.is_symlink() {
        symlink(fs::read_link(from)?, to)?;
    } else if metadata.is_dir() {
        fs::create_dir(to)?;
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            copy_entry(&entry.path(), &to.join(entry.file_name()))?;
        }
    } else if metadata.is_file() {
        fs::copy(from, to)?;
    } else {
        return Ok(());
    }
    // Owners matter where we can set them; where we cannot, everything is ours anyway.
    let _ = lchown(to, Some(metadata.uid()), Some(metadata.gid()));
    if !metadata.is_symlink() {
        fs::set_permissions(to, metadata.permissions())?;
    }
    Ok(())
}
