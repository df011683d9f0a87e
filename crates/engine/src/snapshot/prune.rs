//! What a step wrote, made into what its layer says. Snapshots are found by what is in their layer, whatever they are put on,
//! and overlays leave more behind than that: copies of what was touched but not changed, and marks that hide all that is below.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use boatyard_store::DiskError;
use boatyard_store::layer::{Entry, Kind};
use rustix::fs::{FileType, Mode};
use rustix::io::Errno;

use super::stack::Stack;
use super::workspace::{OPAQUE, is_opaque};

/// What a layer says.
pub(super) struct Said {
    /// Everything that it has an entry for, relative.
    pub(super) paths: BTreeSet<PathBuf>,
    /// What of it is gone.
    pub(super) gone: BTreeSet<PathBuf>,
}

impl Said {
    pub(super) fn by(entries: &[Entry]) -> Self {
        let gone = entries.iter().filter(|entry| entry.kind == Kind::Whiteout);
        Self {
            paths: entries.iter().map(|entry| entry.path.clone()).collect(),
            gone: gone.map(|entry| entry.path.clone()).collect(),
        }
    }
}

/// Makes `upper` what its layer says: takes away what the layer does not have, and names what a folder hides that replaced
/// another. False where this kernel does not let us.
pub(super) fn prune(upper: &Path, said: &Said, below: &Stack) -> Result<bool, DiskError> {
    folder(upper, Path::new(""), said, below)
}

fn folder(upper: &Path, at: &Path, said: &Said, below: &Stack) -> Result<bool, DiskError> {
    let here = upper.join(at);
    let failed = |error| DiskError::new("list", &here, error);
    let before = fs::metadata(&here).map_err(failed)?;
    let (mut exact, mut changed) = (true, false);
    for entry in fs::read_dir(&here).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let path = at.join(entry.file_name());
        let is_folder = entry.file_type().map_err(failed)?.is_dir();
        if is_folder {
            exact &= folder(upper, &path, said, below)?;
            exact &= marks(upper, &path, said, below)?;
        }
        if !said.paths.contains(&path) {
            let removed = if is_folder {
                fs::remove_dir(entry.path())
            } else {
                fs::remove_file(entry.path())
            };
            removed.map_err(|error| DiskError::new("remove", &entry.path(), error))?;
            changed = true;
        }
    }
    if changed {
        keep_time(&here, &before)?;
    }
    Ok(exact)
}

/// Gives a folder that was changed the time that it had.
fn keep_time(folder: &Path, before: &fs::Metadata) -> Result<(), DiskError> {
    let Ok(modified) = before.modified() else {
        return Ok(());
    };
    fs::File::open(folder)
        .and_then(|opened| opened.set_modified(modified))
        .map_err(|error| DiskError::new("change", folder, error))
}

/// Names what the folder at `at` hides.
fn spell_out(upper: &Path, at: &Path, gone: &BTreeSet<PathBuf>) -> Result<bool, DiskError> {
    let hidden = gone.range(at.to_path_buf()..);
    for path in hidden.take_while(|path| path.starts_with(at)) {
        let place = upper.join(path);
        let folder = place.parent().unwrap_or(upper);
        let before = fs::metadata(folder).map_err(|error| DiskError::new("read", folder, error))?;
        let kind = FileType::CharacterDevice;
        match rustix::fs::mknodat(rustix::fs::CWD, &place, kind, Mode::empty(), 0) {
            Ok(()) => keep_time(folder, &before)?,
            // The overlay did so itself.
            Err(Errno::EXIST) => {}
            // In a user namespace, before Linux 5.8.
            Err(Errno::PERM) => return Ok(false),
            Err(error) => return Err(DiskError::new("create", &place, error.into())),
        }
    }
    Ok(true)
}

/// Takes away the mark that hides what is below, which overlays set on every new folder, and names it instead.
fn marks(upper: &Path, path: &Path, said: &Said, below: &Stack) -> Result<bool, DiskError> {
    let folder = &upper.join(path);
    if !is_opaque(folder)? {
        return Ok(true);
    }
    let hidden = below.look(&Path::new("/").join(path))?;
    if hidden.is_some_and(|found| found.metadata.is_dir()) && !spell_out(upper, path, &said.gone)? {
        return Ok(false);
    }
    for name in OPAQUE {
        match rustix::fs::lremovexattr(folder, name) {
            Ok(()) | Err(Errno::NODATA | Errno::NOTSUP | Errno::PERM) => {}
            Err(error) => return Err(DiskError::new("change", folder, error.into())),
        }
    }
    Ok(!is_opaque(folder)?)
}
