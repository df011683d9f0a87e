//! Folders that outlive the build: `RUN --mount=type=cache`.
//!
//! ```text
//! $BOATYARD_HOME/cache/mount-DIGEST-N        the folder; DIGEST of its name, N counts those of one name
//! $BOATYARD_HOME/cache/mount-DIGEST-N.lock   locked by who uses it: shared, or alone
//! ```

use std::fs::{self, File, TryLockError};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::{Path, PathBuf};

use boatyard_plan::digest::Digest;
use boatyard_plan::dockerfile::CacheSharing;
use boatyard_plan::event::Level;
use boatyard_store::{layer, remove_tree};

use super::DockerfileError;
use crate::build::Bench;
use crate::host::Isolation;
use crate::sink::notice;

/// A cache in use, until dropped.
pub(super) struct Cache {
    /// The folder.
    pub(super) folder: PathBuf,
    _lock: File,
}

/// How a cache looks when it is new.
pub(super) struct New<'a> {
    pub(super) uid: u32,
    pub(super) gid: u32,
    pub(super) mode: u32,
    /// What it starts with: a folder to copy.
    pub(super) content: Option<&'a Path>,
}

/// Takes a cache, and makes it if there is none. Waits where somebody else has it alone.
pub(super) fn take(
    bench: &Bench<'_>,
    name: &str,
    sharing: CacheSharing,
    new: &New<'_>,
) -> Result<Cache, DockerfileError> {
    let above = bench.store.root().join("cache");
    fs::create_dir_all(&above).map_err(|source| failed("make", &above, source))?;
    let place = |number: u32| {
        let digest = Digest::of(name.as_bytes());
        above.join(format!("mount-{}-{number}", digest.short()))
    };
    // Without mounts a cache is moved into the root of the one who uses it.
    let alone = bench.host.isolation == Isolation::Chroot;
    let (folder, lock) = match sharing {
        CacheSharing::Private => first_free(place)?,
        CacheSharing::Shared if !alone => {
            let folder = place(0);
            let lock = wait(bench, name, &folder, false)?;
            (folder, lock)
        }
        CacheSharing::Shared | CacheSharing::Locked => {
            let folder = place(0);
            let lock = wait(bench, name, &folder, true)?;
            (folder, lock)
        }
    };
    let file_name = folder.file_name().and_then(|name| name.to_str());
    let file_name = file_name.unwrap_or_default();
    bench.store.uses_mount(file_name);
    if !folder.exists() {
        make(bench, file_name, &folder, new)?;
    }
    Ok(Cache {
        folder,
        _lock: lock,
    })
}

/// The first cache of a name that nobody uses, locked.
fn first_free(place: impl Fn(u32) -> PathBuf) -> Result<(PathBuf, File), DockerfileError> {
    let mut number = 0;
    loop {
        let folder = place(number);
        let lock = open_lock(&folder)?;
        match lock.try_lock() {
            Ok(()) => return Ok((folder, lock)),
            Err(TryLockError::WouldBlock) => number += 1,
            Err(TryLockError::Error(source)) => return Err(failed("lock", &folder, source)),
        }
    }
}

fn wait(
    bench: &Bench<'_>,
    name: &str,
    folder: &Path,
    alone: bool,
) -> Result<File, DockerfileError> {
    let lock = open_lock(folder)?;
    let tried = if alone {
        lock.try_lock()
    } else {
        lock.try_lock_shared()
    };
    match tried {
        Ok(()) => return Ok(lock),
        Err(TryLockError::WouldBlock) => {}
        Err(TryLockError::Error(source)) => return Err(failed("lock", folder, source)),
    }
    notice(
        bench.sink,
        Level::Info,
        format!("waiting for the cache {name}: another step has it"),
        None,
    );
    let locked = if alone {
        lock.lock()
    } else {
        lock.lock_shared()
    };
    locked.map_err(|source| failed("lock", folder, source))?;
    Ok(lock)
}

fn open_lock(folder: &Path) -> Result<File, DockerfileError> {
    let path = folder.with_extension("lock");
    File::create(&path).map_err(|source| failed("make", &path, source))
}

/// Makes the folder whole or not at all, with what another machine kept of it if a cache has that. Two who share it may
/// both try: the first wins.
fn make(
    bench: &Bench<'_>,
    name: &str,
    folder: &Path,
    new: &New<'_>,
) -> Result<(), DockerfileError> {
    let mut draft = folder.as_os_str().to_owned();
    draft.push(format!(
        ".{}-{:?}",
        std::process::id(),
        std::thread::current().id()
    ));
    let draft = PathBuf::from(draft);
    remove_tree(&draft)?;
    fs::create_dir(&draft).map_err(|source| failed("make", &draft, source))?;
    let restored = bench.store.restore_mount(name, &draft)?;
    if let Some(content) = new.content
        && !restored
    {
        layer::flatten(&[content.to_path_buf()], &draft)?;
    }
    let (uid, gid, mode) = match new.content {
        // Nothing is said, so that it is as its content was.
        Some(content) if (new.uid, new.gid, new.mode) == (0, 0, 0o755) => {
            let metadata =
                fs::metadata(content).map_err(|source| failed("read", content, source))?;
            (metadata.uid(), metadata.gid(), metadata.mode() & 0o7777)
        }
        _ => (new.uid, new.gid, new.mode),
    };
    // With one identity around us everything is root's.
    let _ = chown(&draft, Some(uid), Some(gid));
    let mode = fs::Permissions::from_mode(mode);
    fs::set_permissions(&draft, mode)
        .map_err(|source| failed("set the mode of", &draft, source))?;
    match fs::rename(&draft, folder) {
        Err(_) if folder.is_dir() => Ok(remove_tree(&draft)?),
        done => done.map_err(|source| failed("keep", folder, source)),
    }
}

fn failed(doing: &'static str, path: &Path, source: std::io::Error) -> DockerfileError {
    DockerfileError::Io {
        doing,
        path: path.to_path_buf(),
        source,
    }
}
