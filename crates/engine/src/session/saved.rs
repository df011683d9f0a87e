//! Data kept aside: a copy of all volumes of a project, to go back to, or for another copy of the project to begin with.
//!
//! ```text
//! $BOATYARD_HOME/saved/<name>/        whole, or not there; whoever reads it holds a shared flock on it
//!     record.json                     of which project, when, how much
//!     volumes/<volume>/               as in volumes/<place>/, of this machine
//!     tars/<claim>.tar                or of a cluster: its volumes
//! ```
//! Files are copied, not databases: each project has a server of its own with a volume of its own, so there is no server that
//! could clone a database for another one; a copy of files is one also of what is no database, and where the file system
//! shares blocks (`FICLONE`: btrfs, xfs) it costs next to nothing. Nothing runs meanwhile, so the files are those of a server
//! that was stopped.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use boatyard_store::layer::{Kind, flatten, walk_tree};
use boatyard_store::{Scratch, Store, remove_tree};
use rustix::fs::{CWD, RenameFlags, renameat_with};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Place;
use super::unsaved::SavedError;

const RECORD: &str = "record.json";
const VOLUMES: &str = "volumes";

/// What is kept aside under a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saved {
    /// The name.
    pub name: String,
    /// The project that it is data of.
    pub project: String,
    /// When it was saved, seconds since 1970.
    pub at_secs: u64,
    /// How much it is.
    pub size_bytes: u64,
    /// What is known of the tars of volumes of a cluster; none: it is data of this machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tars: Option<Value>,
}

/// How data is saved.
#[derive(Clone, Copy, Debug, Default)]
pub struct Saving {
    /// What has that name already goes, once the new is whole.
    pub replaces: bool,
    /// How much it may be at most.
    pub room_bytes: Option<u64>,
}

/// Keeps the data of `project` in `place` aside as `name`. Nothing of it may run.
///
/// # Errors
/// If the project runs, the name is taken, there is no room, or files cannot be copied; there is nothing new then.
pub fn save(
    store: &Store,
    place: &Place,
    project: &str,
    name: &str,
    saving: Saving,
) -> Result<Saved, SavedError> {
    let _stopped = stopped(place)?;
    let source = place.volumes();
    put(store, project, name, saving, |draft, room| {
        let size_bytes = size(&source)?;
        if size_bytes > room {
            return Err(SavedError::NoRoom { size_bytes, room });
        }
        copy(&source, &draft.join(VOLUMES))?;
        Ok((size_bytes, None))
    })
}

/// Keeps aside as `name` what `fill` makes in an empty folder, of at most as many bytes as it is told: how many they are, and what
/// is known of them.
fn put<E: From<SavedError>>(
    store: &Store,
    project: &str,
    name: &str,
    saving: Saving,
    fill: impl FnOnce(&Path, u64) -> Result<(u64, Option<Value>), E>,
) -> Result<Saved, E> {
    let shelf = shelf(store.root());
    let target = shelf.join(name);
    if target.exists() && !saving.replaces {
        return Err(SavedError::Taken { name: name.into() }.into());
    }
    let free = free(store.root())?;
    let room = saving.room_bytes.unwrap_or(u64::MAX).min(free);
    let scratch = store.scratch().map_err(SavedError::from)?;
    let draft = scratch.new_dir("saved").map_err(SavedError::from)?;
    let (size_bytes, tars) = fill(&draft, room)?;
    let saved = Saved {
        name: name.to_owned(),
        project: project.to_owned(),
        at_secs: SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_secs()),
        size_bytes,
        tars,
    };
    Ok(shelve(&shelf, &target, &draft, saved)?)
}

/// Puts what is whole onto the shelf.
fn shelve(shelf: &Path, target: &Path, draft: &Path, saved: Saved) -> Result<Saved, SavedError> {
    let record = draft.join(RECORD);
    let text = serde_json::to_vec(&saved).expect("a record is text and numbers");
    fs::write(&record, text).map_err(failed("write", &record))?;
    fs::create_dir_all(shelf).map_err(failed("make", shelf))?;
    sync(draft)?;
    let before = alone(target)?;
    swap(draft, target)?;
    sync(shelf)?;
    drop(before);
    Ok(saved)
}

/// Replaces the data of `project` in `place` by what is kept aside as `name`. Nothing of it may run.
///
/// # Errors
/// If the project runs, there is nothing of that name, it is of another project or of another release of a server than the data
/// that is here, or files cannot be copied; the data is what it was then.
pub fn restore(
    store: &Store,
    place: &Place,
    project: &str,
    name: &str,
) -> Result<Saved, SavedError> {
    let _stopped = stopped(place)?;
    let Held { saved, folder, .. } = &take(store.root(), project, name)?;
    if saved.tars.is_some() {
        let (name, of, here) = (name.to_owned(), "a cluster", "this machine");
        return Err(SavedError::OtherKind { name, of, here });
    }
    release::check(name, &folder.join(VOLUMES), &place.volumes())?;
    let free = free(store.root())?;
    if saved.size_bytes > free {
        let (size_bytes, room) = (saved.size_bytes, free);
        return Err(SavedError::NoRoom { size_bytes, room });
    }
    let scratch = store.scratch()?;
    let draft = scratch.new_path();
    copy(&folder.join(VOLUMES), &draft)?;
    let volumes = place.volumes();
    let parent = store.root().join("volumes");
    fs::create_dir_all(&parent).map_err(failed("make", &parent))?;
    sync(&draft)?;
    swap(&draft, &volumes)?;
    sync(&parent)?;
    Ok(saved.clone())
}

/// What is kept aside, which stays there as long as this is held.
struct Held {
    saved: Saved,
    folder: PathBuf,
    _lock: File,
}

/// Takes what is kept aside as `name` in `home`, if it is data of `project`.
fn take(home: &Path, project: &str, name: &str) -> Result<Held, SavedError> {
    let folder = shelf(home).join(name);
    let lock = shared(&folder)?.ok_or_else(|| SavedError::NotThere {
        name: name.to_owned(),
        known: names(home),
    })?;
    let saved = read(&folder)?;
    if saved.project != project {
        return Err(SavedError::OtherProject {
            name: name.to_owned(),
            of: saved.project,
            project: project.to_owned(),
        });
    }
    Ok(Held {
        saved,
        folder,
        _lock: lock,
    })
}

/// Removes what is kept aside as `name`. False: there is nothing of that name.
///
/// # Errors
/// If it cannot be removed.
pub fn forget(store: &Store, name: &str) -> Result<bool, SavedError> {
    let folder = shelf(store.root()).join(name);
    let Some(_alone) = alone(&folder)? else {
        return Ok(false);
    };
    // Half of it is never taken for all.
    let scratch: Scratch = store.scratch()?;
    let gone = scratch.new_path();
    fs::rename(&folder, &gone).map_err(failed("remove", &folder))?;
    remove_tree(&gone)?;
    Ok(true)
}

/// All that is kept aside in `home`, by name.
pub fn all(home: &Path) -> Vec<Saved> {
    let names = names(home).into_iter();
    names
        .filter_map(|name| read(&shelf(home).join(name)).ok())
        .collect()
}

fn names(home: &Path) -> Vec<String> {
    let entries = shelf(home).read_dir().into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    names.sort();
    names
}

fn shelf(home: &Path) -> PathBuf {
    home.join("saved")
}

fn read(folder: &Path) -> Result<Saved, SavedError> {
    let record = folder.join(RECORD);
    let text = fs::read(&record).map_err(failed("read", &record))?;
    serde_json::from_slice(&text).map_err(|error| failed("read", &record)(error.into()))
}

/// Nothing runs as long as this is held, and nothing is started.
fn stopped(place: &Place) -> Result<File, SavedError> {
    place.lock()?.ok_or_else(|| SavedError::Runs {
        place: place.name().to_owned(),
    })
}

/// What is kept aside there, held against whoever wants to remove it. `None`: there is nothing.
fn shared(folder: &Path) -> Result<Option<File>, SavedError> {
    held(folder, File::lock_shared)
}

/// What is kept aside there, once nobody reads it. `None`: there is nothing.
fn alone(folder: &Path) -> Result<Option<File>, SavedError> {
    held(folder, File::lock)
}

fn held(
    folder: &Path,
    lock: impl Fn(&File) -> std::io::Result<()>,
) -> Result<Option<File>, SavedError> {
    loop {
        let file = match File::open(folder) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed("open", folder)(error)),
        };
        lock(&file).map_err(failed("lock", folder))?;
        // Another may have taken its place while we waited.
        if is_same(&file, folder) {
            return Ok(Some(file));
        }
    }
}

fn is_same(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    match (file.metadata(), fs::metadata(path)) {
        (Ok(held), Ok(found)) => held.ino() == found.ino() && held.dev() == found.dev(),
        _ => false,
    }
}

/// Copies a tree, owners and modes included. Where there is none, there is an empty one then.
fn copy(from: &Path, to: &Path) -> Result<(), SavedError> {
    fs::create_dir(to).map_err(failed("make", to))?;
    if from.exists() {
        flatten(&[from.to_path_buf()], to)?;
    }
    Ok(())
}

/// How much is in a tree.
fn size(tree: &Path) -> Result<u64, SavedError> {
    if !tree.exists() {
        return Ok(0);
    }
    let entries = walk_tree(tree)?;
    let files = entries.iter().filter(|entry| entry.kind == Kind::File);
    Ok(files.map(|entry| entry.size).sum())
}

fn free(home: &Path) -> Result<u64, SavedError> {
    let found = rustix::fs::statvfs(home).map_err(|errno| failed("look at", home)(errno.into()))?;
    Ok(found.f_bavail.saturating_mul(found.f_frsize))
}

/// Puts `new` in the place of `old` in one moment; what was there is where `new` was.
fn swap(new: &Path, old: &Path) -> Result<(), SavedError> {
    let flags = if old.exists() {
        RenameFlags::EXCHANGE
    } else {
        RenameFlags::NOREPLACE
    };
    renameat_with(CWD, new, CWD, old, flags)
        .map_err(|errno| failed("put the copy in the place of", old)(errno.into()))
}

/// Has all of its file system on the disk: afterwards a name leads to what it should also after a power cut.
fn sync(path: &Path) -> Result<(), SavedError> {
    let synced = File::open(path).and_then(|file| Ok(rustix::fs::syncfs(&file)?));
    synced.map_err(failed("write out", path))
}

fn failed(doing: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> SavedError {
    let path = path.to_path_buf();
    move |source| SavedError::Io {
        doing,
        path,
        source,
    }
}

mod release;
pub mod tars;
#[cfg(test)]
mod tests;
