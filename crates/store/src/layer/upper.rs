//! The upper folder of an overlay to the layer that a comparison of whole trees would give.
//!
//! Layers must not depend on whether a host has overlays. So what an overlay copied up without a change is left out
//! (`chmod 600` of a file that is 0600 is enough to have a copy of it in the upper folder), and a folder that hides what
//! is below names what it hides.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::compare::{same_content, same_entry};
use super::entry::{Entry, Kind};
use super::failure::LayerError;
use super::walk::{entry_at, walk_upper};
use crate::disk::DiskError;

/// What lies below an upper folder, merged. Paths are relative to the root.
pub trait Below {
    /// The unpacked layer that shows `path`, if one does.
    fn layer_of(&self, path: &Path) -> Result<Option<PathBuf>, DiskError>;

    /// The paths in a folder, and which of them are folders; none if there is no such folder.
    fn list(&self, folder: &Path) -> Result<Vec<(PathBuf, bool)>, DiskError>;
}

/// What changed: the entries of `upper`, sorted. Files with several names are there even if they are the same. Times
/// count as a layer says them that is dated to `epoch` at most, as in [`super::compare`].
pub fn changes(
    upper: &Path,
    below: &dyn Below,
    epoch: Option<i64>,
) -> Result<Vec<Entry>, LayerError> {
    let entries = spelled_out(walk_upper(upper)?, below)?;
    without_untouched(entries, upper, below, epoch)
}

/// Whiteouts instead of opaque marks.
fn spelled_out(mut entries: Vec<Entry>, below: &dyn Below) -> Result<Vec<Entry>, LayerError> {
    let opaque: Vec<PathBuf> = entries
        .iter()
        .filter(|entry| entry.kind == Kind::Opaque)
        .map(|entry| entry.path.clone())
        .collect();
    if opaque.is_empty() {
        return Ok(entries);
    }
    entries.retain(|entry| entry.kind != Kind::Opaque);
    let present: BTreeMap<&Path, bool> = entries
        .iter()
        .map(|entry| (entry.path.as_path(), entry.kind == Kind::Directory))
        .collect();
    let mut hidden = BTreeSet::new();
    let mut folders = opaque;
    while let Some(folder) = folders.pop() {
        for (path, is_folder) in below.list(&folder)? {
            match present.get(path.as_path()) {
                None => {
                    hidden.insert(path);
                }
                // Nothing of it shows either.
                Some(true) if is_folder => folders.push(path),
                Some(_) => {}
            }
        }
    }
    let whiteouts = hidden
        .into_iter()
        .map(|path| Entry::new(path, Kind::Whiteout, 0));
    entries.extend(whiteouts);
    entries.sort_by(Entry::order);
    Ok(entries)
}

/// Leaves out what is the same below, and folders that are the same and have nothing left in them.
fn without_untouched(
    entries: Vec<Entry>,
    upper: &Path,
    below: &dyn Below,
    epoch: Option<i64>,
) -> Result<Vec<Entry>, LayerError> {
    let linked: BTreeSet<PathBuf> = entries
        .iter()
        .filter_map(|entry| match &entry.kind {
            Kind::Hardlink { target } => Some(target.clone()),
            _ => None,
        })
        .collect();
    let mut kept: Vec<Entry> = Vec::with_capacity(entries.len());
    // Backwards: what is in a folder comes before the folder.
    for entry in entries.into_iter().rev() {
        let candidate = match entry.kind {
            Kind::File | Kind::Symlink { .. } => !linked.contains(&entry.path),
            Kind::Directory => !kept
                .last()
                .is_some_and(|next| next.path.starts_with(&entry.path)),
            _ => false,
        };
        if !(candidate && is_untouched(&entry, upper, below, epoch)?) {
            kept.push(entry);
        }
    }
    kept.reverse();
    Ok(kept)
}

fn is_untouched(
    entry: &Entry,
    upper: &Path,
    below: &dyn Below,
    epoch: Option<i64>,
) -> Result<bool, LayerError> {
    let Some(layer) = below.layer_of(&entry.path)? else {
        return Ok(false);
    };
    let Some(old) = entry_at(&layer, &entry.path)? else {
        return Ok(false);
    };
    Ok(same_entry(&old, entry, epoch) && same_content(&layer, upper, entry, None)?)
}
