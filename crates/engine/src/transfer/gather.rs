//! Copies of a project: things that were chosen elsewhere, by other rules than those of `COPY`.
//!
//! Nothing of who they belong to here comes along: all is root's, folders and what is executable are 0755, the rest 0644, and
//! there is one moment for all.

use std::fs::Metadata;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use boatyard_store::{DiskError, Store};

use super::item::{File, Item, Owner, Print, What};
use super::items::Items;
use super::place::Place;
use super::{Prepared, TransferError, digest};
use crate::snapshot::Above;

/// Something that is copied.
pub(crate) struct Chosen {
    /// Where it goes, absolute.
    pub(crate) path: PathBuf,
    /// Where it comes from.
    pub(crate) source: PathBuf,
    /// What it is there, links not followed: a folder, a file or a link.
    pub(crate) metadata: Metadata,
}

/// What was chosen until now.
pub(crate) struct Gathering {
    items: Items,
}

impl Gathering {
    /// `above` are the folders on the way to where things go.
    pub(crate) fn new(above: &[Above]) -> Self {
        let mut items = Items::new();
        for way in above {
            let owner = Owner {
                uid: way.uid,
                gid: way.gid,
            };
            items.insert(&way.path, Item::folder(way.mode, owner, None));
        }
        Self { items }
    }

    /// Adds something; of two things at one path the first counts.
    pub(crate) fn add(&mut self, chosen: &Chosen) -> Result<(), TransferError> {
        if !self.items.contains(&chosen.path) {
            self.items.insert(&chosen.path, item(chosen)?);
        }
        Ok(())
    }

    /// Reads what was chosen, all of it from `folder`. With a store digests of files are remembered there.
    pub(crate) fn read(
        mut self,
        folder: &Path,
        store: Option<&Store>,
    ) -> Result<Prepared, TransferError> {
        digest::fill(&mut self.items, &Place::folder(folder, None), store)?;
        Ok(Prepared {
            items: self.items,
            notes: Vec::new(),
            fetched: Vec::new(),
            _scratch: Vec::new(),
        })
    }
}

fn item(chosen: &Chosen) -> Result<Item, TransferError> {
    let Chosen {
        source, metadata, ..
    } = chosen;
    let (what, mode) = if metadata.is_dir() {
        (What::Folder { opaque: false }, 0o755)
    } else if metadata.is_symlink() {
        let target = std::fs::read_link(source);
        let target = target.map_err(|error| DiskError::new("read", source, error))?;
        (What::Link { target }, 0o777)
    } else {
        let file = File::Disk {
            at: source.as_path().into(),
            print: Print::of(metadata),
            digest: None,
        };
        let executable = metadata.permissions().mode() & 0o111 != 0;
        (What::File(file), if executable { 0o755 } else { 0o644 })
    };
    Ok(Item {
        what,
        ..Item::folder(mode, Owner::default(), Some(metadata.mtime()))
    })
}
