//! Puts the entries of an archive into the destination, by the rules of moby/go-archive's `Unpack`.
//!
//! The destination is the root of every name: links on the way are followed below it and never lead out. An entry
//! replaces whatever is there, but folders are merged. The last of a file's names says its mode and owner.

use std::path::Path;

use boatyard_store::DiskError;
use boatyard_store::layer::{Content, Entry, Kind};

use super::TransferError;
use super::item::{File, Item, Owner, Print, What};
use super::target::{Target, There};
use super::xattr;

/// Puts `entries`, in order, below `dest`, a folder that is there. `owner` is `--chown`; without it everything keeps its
/// own. `archive` is for messages.
pub(super) fn place(
    archive: &str,
    entries: Vec<Entry>,
    dest: &Path,
    owner: Option<Owner>,
    target: &mut Target,
) -> Result<(), TransferError> {
    for entry in entries {
        let Some(name) = entry.path.file_name() else {
            continue;
        };
        let folder = entry.path.parent().unwrap_or(Path::new(""));
        let folder = target.resolve(dest, folder)?;
        target.make_folders(&folder, 0o755, Owner::default())?;
        let at = folder.join(name);
        let Some(what) = what(archive, &entry, dest, target)? else {
            continue;
        };
        let there = target.look(&at)?;
        let merges = there == Some(There::Folder) && entry.kind == Kind::Directory;
        if there.is_some() && !merges {
            target.remove(&at)?;
        }
        let own = Owner {
            uid: entry.uid,
            gid: entry.gid,
        };
        let xattrs = entry
            .xattrs
            .into_iter()
            .filter(|(name, _)| xattr::carries(name.as_encoded_bytes()))
            .collect();
        let item = Item {
            what,
            mode: entry.mode,
            owner: owner.unwrap_or(own),
            xattrs,
            mtime: Some(entry.mtime),
        };
        if let What::HardLink { target: first } = &item.what {
            target.own_as(&first.clone(), &item);
        }
        target.put(&at, item)?;
    }
    Ok(())
}

/// What an entry is; `None` for a hard link to itself.
fn what(
    archive: &str,
    entry: &Entry,
    dest: &Path,
    target: &Target,
) -> Result<Option<What>, TransferError> {
    Ok(Some(match &entry.kind {
        Kind::File => What::File(match &entry.content {
            Content::File(at) => {
                let metadata = std::fs::symlink_metadata(at)
                    .map_err(|error| DiskError::new("read", at, error))?;
                File::Disk {
                    at: at.as_path().into(),
                    print: Print::of(&metadata),
                    digest: None,
                }
            }
            Content::Bytes(bytes) => File::Bytes(bytes.clone()),
            Content::None => File::Bytes([].into()),
        }),
        Kind::Directory => What::Folder { opaque: false },
        Kind::Symlink { target } => What::Link {
            target: target.clone(),
        },
        Kind::Hardlink { target: named } => {
            let dangling = || TransferError::Dangling {
                archive: archive.to_owned(),
                path: entry.path.clone(),
                target: named.clone(),
            };
            let name = named.file_name().ok_or_else(dangling)?;
            let folder = named.parent().unwrap_or(Path::new(""));
            let at = target.resolve(dest, folder)?.join(name);
            if *named == entry.path {
                return Ok(None);
            }
            match target.item(&at).map(|item| item.what.clone()) {
                Some(What::File(_)) => What::HardLink { target: at },
                Some(What::Folder { .. }) => return Err(dangling()),
                // A link to a link is one to its file.
                Some(other) => other,
                None => match target.file_below(&at)? {
                    Some(file) => What::File(file),
                    None => return Err(dangling()),
                },
            }
        }
        Kind::Fifo => What::Fifo,
        // Overlayfs' mark of a removal.
        Kind::CharDevice { major: 0, minor: 0 } => {
            return Err(TransferError::Forged {
                archive: archive.to_owned(),
                path: entry.path.clone(),
            });
        }
        &Kind::CharDevice { major, minor } => What::CharDevice { major, minor },
        &Kind::BlockDevice { major, minor } => What::BlockDevice { major, minor },
        Kind::Whiteout | Kind::Opaque => return Ok(None),
    }))
}
