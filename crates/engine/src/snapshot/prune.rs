//! What a step wrote, made into what its layer says. Snapshots are found by what is in their layer, whatever they are put on,
//! and overlays leave more behind than that: copies of what was touched but not changed, and marks that hide all that is below.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use boatyard_store::DiskError;
use rustix::io::Errno;

use super::stack::Stack;
use super::workspace::{OPAQUE, is_opaque};

/// Takes away from `upper` what is not among `paths`, the layer's, relative. Whether it then is what the layer says: a folder
/// that replaced another is not, since the layer names what it hides.
pub(super) fn prune(
    upper: &Path,
    paths: &BTreeSet<PathBuf>,
    below: &Stack,
) -> Result<bool, DiskError> {
    folder(upper, Path::new(""), paths, below)
}

fn folder(
    upper: &Path,
    at: &Path,
    paths: &BTreeSet<PathBuf>,
    below: &Stack,
) -> Result<bool, DiskError> {
    let here = upper.join(at);
    let failed = |error| DiskError::new("list", &here, error);
    let before = fs::metadata(&here).map_err(failed)?;
    let (mut exact, mut changed) = (true, false);
    for entry in fs::read_dir(&here).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let path = at.join(entry.file_name());
        let is_folder = entry.file_type().map_err(failed)?.is_dir();
        if is_folder {
            exact &= folder(upper, &path, paths, below)?;
            exact &= marks(&entry.path(), &path, below)?;
        }
        if !paths.contains(&path) {
            let removed = if is_folder {
                fs::remove_dir(entry.path())
            } else {
                fs::remove_file(entry.path())
            };
            removed.map_err(|error| DiskError::new("remove", &entry.path(), error))?;
            changed = true;
        }
    }
    if changed && let Ok(modified) = before.modified() {
        let folder = fs::File::open(&here).map_err(failed)?;
        folder.set_modified(modified).map_err(failed)?;
    }
    Ok(exact)
}

/// Takes away the mark that hides what is below, where nothing is; overlays set it on every new folder.
fn marks(folder: &Path, path: &Path, below: &Stack) -> Result<bool, DiskError> {
    if !is_opaque(folder)? {
        return Ok(true);
    }
    let hidden = below.look(&Path::new("/").join(path))?;
    if hidden.is_some_and(|found| found.metadata.is_dir()) {
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
