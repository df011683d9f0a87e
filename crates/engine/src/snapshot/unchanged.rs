//! What a workspace holds although nothing about it is new: folders that a mount point was in for a time, files that
//! were given the mode that they had. It is no part of a layer.

use std::collections::HashSet;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use boatyard_store::layer::{self, Entry, Kind, LayerError};
use rustix::fs::{AtFlags, CWD, Timespec, Timestamps, utimensat};

use super::Stack;

/// Takes out of `entries`, and out of the folder `upper` whose they are, what is the same in the layers below it
/// (unpacked, lowest first). The overlay must not be mounted any more.
pub(super) fn leave_out(
    entries: Vec<Entry>,
    upper: &Path,
    lower: &[PathBuf],
) -> Result<Vec<Entry>, LayerError> {
    let stack = Stack::layers(lower);
    let below = |path: &Path| {
        let found = stack.look(&Path::new("/").join(path)).ok()??;
        // The layer's folder is as many names up as the path has.
        let layer = found.at.ancestors().nth(path.components().count())?;
        Some(layer.to_path_buf())
    };
    let all: Vec<(PathBuf, bool)> = entries
        .iter()
        .filter(|entry| entry.kind != Kind::Opaque)
        .map(|entry| (entry.path.clone(), entry.kind == Kind::Directory))
        .collect();
    let kept = layer::drop_untouched(entries, upper, &below)?;
    let paths: HashSet<&Path> = kept.iter().map(|entry| entry.path.as_path()).collect();
    // What is in a folder before the folder.
    for (path, is_folder) in all
        .iter()
        .rev()
        .filter(|(path, _)| !paths.contains(path.as_path()))
    {
        remove(&upper.join(path), *is_folder);
    }
    Ok(kept)
}

/// Removes a file or an empty folder; the folder that it was in keeps its time. What cannot be removed is what is below.
fn remove(path: &Path, is_folder: bool) {
    let Some(parent) = path.parent() else {
        return;
    };
    let times = fs::symlink_metadata(parent);
    let removed = if is_folder {
        fs::remove_dir(path)
    } else {
        fs::remove_file(path)
    };
    if let (Ok(()), Ok(times)) = (removed, times) {
        let stamps = Timestamps {
            last_access: Timespec {
                tv_sec: times.atime(),
                tv_nsec: times.atime_nsec(),
            },
            last_modification: Timespec {
                tv_sec: times.mtime(),
                tv_nsec: times.mtime_nsec(),
            },
        };
        // The layer's own copy of the time was taken before.
        let _ = utimensat(CWD, parent, &stamps, AtFlags::SYMLINK_NOFOLLOW);
    }
}
