//! Folders for work in progress: removed when dropped, and by the next run when their owner was killed.
//!
//! ```text
//! tmp/<pid>.<n>/        the owner holds a flock on the folder itself
//! ```
//! Whoever gets that lock without waiting has found a folder whose owner is gone.

use std::fs::{self, File, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::fs::IFlags;

use crate::disk::{DiskError, During as _};
use crate::remove::remove_tree;

static NEXT: AtomicU64 = AtomicU64::new(0);

/// A folder of our own below `tmp/`. Dropping it removes everything in it, whatever the modes.
#[derive(Debug)]
pub struct Scratch {
    path: PathBuf,
    next: AtomicU64,
    _lock: File,
}

impl Scratch {
    /// Makes a folder in `tmp` and locks it.
    pub(crate) fn create(tmp: &Path) -> Result<Self, DiskError> {
        loop {
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            let path = tmp.join(format!("{}.{number}", std::process::id()));
            match fs::DirBuilder::new().mode(0o700).create(&path) {
                Ok(()) => {}
                // A process with our number in another process namespace.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                Err(error) => return Err(DiskError::new("create folder", &path, error)),
            }
            let Ok(lock) = File::open(&path) else {
                continue;
            };
            lock.lock().during("lock", &path)?;
            // A sweeper may have taken it for abandoned between the two calls.
            if lock.metadata().during("read", &path)?.nlink() > 0 && path.exists() {
                return Ok(Self {
                    path,
                    next: AtomicU64::new(0),
                    _lock: lock,
                });
            }
        }
    }

    /// The folder, absolute if the store's root is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Makes an empty folder `name` (mode 0755) in the scratch folder; fails if it exists.
    pub fn new_dir(&self, name: &str) -> Result<PathBuf, DiskError> {
        let path = self.path.join(name);
        fs::DirBuilder::new()
            .mode(0o755)
            .create(&path)
            .during("create folder", &path)?;
        Ok(path)
    }

    /// A path in the scratch folder that was not handed out before. Nothing is created.
    pub fn new_path(&self) -> PathBuf {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        self.path.join(format!("~{number}"))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What stays is swept by the next run, which reports what it cannot remove.
        let _ = remove_tree(&self.path);
    }
}

/// Asks the file system to put the folders in `tmp` far from each other, for they have nothing to do with each other.
///
/// On ext4 (`EXT4_TOPDIR_FL`, chattr(1) `T`) each begins in another group of blocks. Without it a new one begins where the
/// last one was removed, and each file of it is made by a search past all inodes that were freed less than some minutes
/// ago, which ext4 does not use again yet: half of the time that unpacking a base took. Other file systems refuse; that
/// is fine.
pub(crate) fn spread(tmp: &Path) {
    if let Ok(folder) = File::open(tmp)
        && let Ok(flags) = rustix::fs::ioctl_getflags(&folder)
        && !flags.contains(IFlags::TOPDIR)
    {
        let _ = rustix::fs::ioctl_setflags(&folder, flags | IFlags::TOPDIR);
    }
}

/// Removes the folders in `tmp` whose owner is gone. Gives back what could not be removed, which stays.
pub(crate) fn sweep(tmp: &Path) -> Result<Vec<DiskError>, DiskError> {
    let mut failures = Vec::new();
    for entry in fs::read_dir(tmp).during("list", tmp)? {
        let path = entry.during("list", tmp)?.path();
        let Ok(lock) = File::open(&path) else {
            continue;
        };
        match lock.try_lock() {
            Ok(()) => failures.extend(remove_tree(&path).err()),
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) => failures.push(DiskError::new("lock", &path, error)),
        }
    }
    Ok(failures)
}
