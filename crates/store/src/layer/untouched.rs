//! What an overlay copied up though nothing about it changed.
//!
//! `chmod 600` of a file that is 0600 already puts a copy of it into the upper folder. A host without overlays, which
//! compares trees, sees no change there; layers must not depend on which of the two made them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::compare::{same_content, same_entry};
use super::entry::{Entry, Kind};
use super::failure::LayerError;
use super::walk::entry_at;

/// Takes out of `entries`, those of the folder `upper`, what is the same below, and folders that are the same and have
/// nothing left in them. `below` gives the unpacked layer that shows a path, if one does.
///
/// Files with several names stay as they are.
pub fn drop_untouched(
    entries: Vec<Entry>,
    upper: &Path,
    below: &dyn Fn(&Path) -> Option<PathBuf>,
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
        if !(candidate && is_untouched(&entry, upper, below)?) {
            kept.push(entry);
        }
    }
    kept.reverse();
    Ok(kept)
}

fn is_untouched(
    entry: &Entry,
    upper: &Path,
    below: &dyn Fn(&Path) -> Option<PathBuf>,
) -> Result<bool, LayerError> {
    let Some(layer) = below(&entry.path) else {
        return Ok(false);
    };
    let Some(old) = entry_at(&layer, &entry.path)? else {
        return Ok(false);
    };
    Ok(same_entry(&old, entry) && same_content(&layer, upper, entry, None)?)
}
