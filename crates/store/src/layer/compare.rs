//! What changed between two whole trees, for hosts without overlay mounts.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::entry::{Entry, Kind};
use super::failure::LayerError;
use super::walk::walk_tree;
use crate::disk::During as _;

/// The layer that makes `tree` out of `parent`: sorted entries as [`walk_tree`] gives them, for what is new or
/// different, for every folder above that, and whiteouts for what is gone (its topmost name only).
///
/// Of a file whose kind, owner, mode, attributes, size and modification time are the same, the content is compared byte
/// by byte, unless its status change time, which no program can set, is before `copied_at`: the status change time of
/// anything made after `tree` was copied from `parent` and before work began in it.
///
/// Times count as the layer will say them: in seconds, `epoch` at most ([`super::Options::epoch`]). Else it would depend
/// on how long a step took whether a folder in which something was made and removed is a part of the layer.
pub fn compare(
    parent: &Path,
    tree: &Path,
    copied_at: Option<SystemTime>,
    epoch: Option<i64>,
) -> Result<Vec<Entry>, LayerError> {
    let before = by_path(walk_tree(parent)?);
    let after = by_path(walk_tree(tree)?);
    let mut changed = BTreeSet::new();
    for (path, entry) in &after {
        let same = match before.get(path) {
            Some(old) => {
                same_entry(old, entry, epoch) && same_content(parent, tree, entry, copied_at)?
            }
            None => false,
        };
        if !same {
            changed.insert(path.clone());
        }
    }
    // One inode, one fate: if any of its names has changed, all are written, so that they stay one file.
    let groups: BTreeSet<PathBuf> = changed.iter().map(|path| leader(&after[path])).collect();
    changed.extend(
        after
            .values()
            .filter(|entry| groups.contains(&leader(entry)))
            .map(|entry| entry.path.clone()),
    );
    let is_folder = |path: &Path| {
        path.as_os_str().is_empty()
            || after
                .get(path)
                .is_some_and(|entry| entry.kind == Kind::Directory)
    };
    let gone: Vec<Entry> = before
        .keys()
        .filter(|path| !after.contains_key(*path) && path.parent().is_some_and(is_folder))
        .map(|path| Entry::new(path, Kind::Whiteout, 0))
        .collect();
    let above: BTreeSet<PathBuf> = changed
        .iter()
        .chain(gone.iter().map(|entry| &entry.path))
        .flat_map(|path| path.ancestors().skip(1))
        .filter(|path| !path.as_os_str().is_empty())
        .map(Path::to_path_buf)
        .collect();
    let kept = after
        .into_values()
        .filter(|entry| changed.contains(&entry.path) || above.contains(&entry.path));
    let mut entries: Vec<Entry> = kept.chain(gone).collect();
    entries.sort_by(Entry::order);
    Ok(entries)
}

fn by_path(entries: Vec<Entry>) -> BTreeMap<PathBuf, Entry> {
    entries
        .into_iter()
        .map(|entry| (entry.path.clone(), entry))
        .collect()
}

/// The first name of a file.
fn leader(entry: &Entry) -> PathBuf {
    match &entry.kind {
        Kind::Hardlink { target } => target.clone(),
        _ => entry.path.clone(),
    }
}

/// Whether a layer that is dated to `epoch` at most says the same of both, content apart.
pub(super) fn same_entry(old: &Entry, new: &Entry, epoch: Option<i64>) -> bool {
    let dated = |entry: &Entry| epoch.map_or(entry.mtime, |epoch| entry.mtime.min(epoch));
    old.kind == new.kind
        && (old.mode, old.uid, old.gid, old.size) == (new.mode, new.uid, new.gid, new.size)
        && old.xattrs == new.xattrs
        && (dated(old) == dated(new) || matches!(new.kind, Kind::Symlink { .. }))
}

/// Whether a file's content is the same. Entries of other kinds have none.
pub(super) fn same_content(
    parent: &Path,
    tree: &Path,
    entry: &Entry,
    copied_at: Option<SystemTime>,
) -> Result<bool, LayerError> {
    if entry.kind != Kind::File || entry.size == 0 {
        return Ok(true);
    }
    let (old, new) = (parent.join(&entry.path), tree.join(&entry.path));
    let new_metadata = fs::symlink_metadata(&new).during("read", &new)?;
    if copied_at.is_some_and(|copied_at| ctime(&new_metadata) < copied_at) {
        return Ok(true);
    }
    let mut old_file = File::open(&old).during("open", &old)?;
    let mut new_file = File::open(&new).during("open", &new)?;
    let (mut old_bytes, mut new_bytes) = (Vec::new(), Vec::new());
    loop {
        old_bytes.clear();
        new_bytes.clear();
        let chunk = 1 << 18;
        let read = old_file.by_ref().take(chunk).read_to_end(&mut old_bytes);
        let count = read.during("read", &old)?;
        let read = new_file.by_ref().take(chunk).read_to_end(&mut new_bytes);
        read.during("read", &new)?;
        if old_bytes != new_bytes {
            return Ok(false);
        }
        if count == 0 {
            return Ok(true);
        }
    }
}

fn ctime(metadata: &fs::Metadata) -> SystemTime {
    let seconds = u64::try_from(metadata.ctime()).unwrap_or(0);
    let nanos = u32::try_from(metadata.ctime_nsec()).unwrap_or(0);
    SystemTime::UNIX_EPOCH + Duration::new(seconds, nanos)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder in which something was made and removed differs by its time only, and by how long that took.
    #[test]
    fn times_count_as_the_layer_says_them() {
        let home = tempfile::tempdir().expect("a folder");
        let (parent, tree) = (home.path().join("parent"), home.path().join("tree"));
        for (root, seconds) in [(&parent, 2_000_u64), (&tree, 3_000)] {
            fs::create_dir_all(root.join("folder")).expect("a file");
            fs::write(root.join("file"), "same").expect("a file");
            let time = SystemTime::UNIX_EPOCH + Duration::new(seconds, 5);
            for name in ["file", "folder"] {
                let file = File::open(root.join(name)).expect("a file");
                file.set_modified(time).expect("a time");
            }
        }
        for (epoch, expected) in [
            (None, 2),
            (Some(4_000), 2),
            (Some(2_500), 2),
            (Some(2_000), 0),
            (Some(1_000), 0),
        ] {
            let changes = compare(&parent, &tree, None, epoch).expect("a file");
            assert_eq!(changes.len(), expected, "{epoch:?}");
        }
    }
}
