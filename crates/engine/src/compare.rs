//! How the files of two images differ, read through their layers without mounting them.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::File;
use std::io::{BufReader, Read};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use boatyard_plan::image::Manifest;
use boatyard_store::{DiskError, Store, StoreError};

use crate::snapshot::{Seen, Stack, Tree};

/// One side of a difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Side {
    /// `file`, `folder`, `link`, `device`, `pipe` or `socket`.
    pub kind: &'static str,
    /// Permissions, with set-user-id and the like.
    pub mode: u32,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Bytes of a file, else 0.
    pub size: u64,
    /// Where a link points.
    pub link: Option<PathBuf>,
}

/// A path that is not the same in both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Absolute in the image.
    pub path: PathBuf,
    /// In the first image; `None`: not there.
    pub before: Option<Side>,
    /// In the second image; `None`: not there.
    pub after: Option<Side>,
    /// Whether it is a file in both and its bytes are others.
    pub is_content: bool,
}

/// The paths that differ between two images of the store, sorted. What is below a folder that only one of them has is
/// listed, too. Dates do not count.
pub fn files(
    store: &Store,
    before: &Manifest,
    after: &Manifest,
) -> Result<Vec<Change>, StoreError> {
    let stack = |image: &Manifest| {
        let layers = store.layers(image)?;
        let tree = Tree { layers, epoch: 0 };
        tree.stack(store)
    };
    let mut changes = Vec::new();
    let (before, after) = (stack(before)?, stack(after)?);
    folder(&before, &after, Path::new("/"), &mut changes)?;
    changes.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(changes)
}

fn folder(
    before: &Stack,
    after: &Stack,
    path: &Path,
    changes: &mut Vec<Change>,
) -> Result<(), DiskError> {
    let mut names: BTreeMap<OsString, (Option<Seen>, Option<Seen>)> = BTreeMap::new();
    for (name, seen) in before.list(path)? {
        names.entry(name).or_default().0 = Some(seen);
    }
    for (name, seen) in after.list(path)? {
        names.entry(name).or_default().1 = Some(seen);
    }
    for (name, (before_it, after_it)) in names {
        let path = path.join(name);
        let is_folder = |seen: &Option<Seen>| seen.as_ref().is_some_and(|it| it.metadata.is_dir());
        let below = is_folder(&before_it) || is_folder(&after_it);
        let same_place = match (&before_it, &after_it) {
            (Some(one), Some(other)) => one.at == other.at,
            _ => false,
        };
        // A folder may have parts in other layers as well; a file is where it is.
        if !same_place {
            let sides = (side(before_it.as_ref())?, side(after_it.as_ref())?);
            let is_content = match (&sides, &before_it, &after_it) {
                ((Some(one), Some(two)), Some(old), Some(new))
                    if one.kind == "file" && two.kind == "file" =>
                {
                    one.size != two.size || !same_bytes(&old.at, &new.at)?
                }
                _ => false,
            };
            if is_content || sides.0 != sides.1 {
                changes.push(Change {
                    path: path.clone(),
                    before: sides.0,
                    after: sides.1,
                    is_content,
                });
            }
        }
        if below {
            folder(before, after, &path, changes)?;
        }
    }
    Ok(())
}

fn side(seen: Option<&Seen>) -> Result<Option<Side>, DiskError> {
    let Some(seen) = seen else {
        return Ok(None);
    };
    let metadata = &seen.metadata;
    let kind = match metadata.mode() & 0o170_000 {
        0o040_000 => "folder",
        0o100_000 => "file",
        0o120_000 => "link",
        0o010_000 => "pipe",
        0o140_000 => "socket",
        _ => "device",
    };
    Ok(Some(Side {
        kind,
        mode: metadata.mode() & 0o7777,
        uid: metadata.uid(),
        gid: metadata.gid(),
        size: if metadata.is_file() {
            metadata.len()
        } else {
            0
        },
        link: seen.link()?,
    }))
}

fn same_bytes(one: &Path, other: &Path) -> Result<bool, DiskError> {
    let open = |path: &Path| {
        File::open(path)
            .map(|file| BufReader::with_capacity(1 << 16, file))
            .map_err(|error| DiskError::new("read", path, error))
    };
    let (mut left, mut right) = (open(one)?, open(other)?);
    let (mut a, mut b) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    loop {
        let count = fill(&mut left, &mut a).map_err(|error| DiskError::new("read", one, error))?;
        let same =
            fill(&mut right, &mut b).map_err(|error| DiskError::new("read", other, error))?;
        if count != same || a[..count] != b[..same] {
            return Ok(false);
        }
        if count == 0 {
            return Ok(true);
        }
    }
}

/// Reads until `buffer` is full or there is no more.
fn fill(from: &mut impl Read, buffer: &mut [u8]) -> std::io::Result<usize> {
    let mut count = 0;
    while count < buffer.len() {
        match from.read(&mut buffer[count..])? {
            0 => break,
            more => count += more,
        }
    }
    Ok(count)
}
