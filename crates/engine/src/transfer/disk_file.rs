//! A file on the disk that is copied, in little room.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use super::item::{File, Hash, Item, Owner, Print, What};

/// A file on the disk: an [`Item`] whose paths are elsewhere.
#[derive(Debug)]
pub(super) struct DiskFile {
    /// What it was when it was looked at.
    pub(super) print: Print,
    /// Digest of its content, once that is known.
    pub(super) digest: Option<Hash>,
    /// Nothing is at its path any more, or something else.
    pub(super) is_gone: bool,
    is_dated: bool,
    place: Place,
    mode: u32,
    owner: Owner,
    mtime: i64,
    #[expect(
        clippy::box_collection,
        reason = "few files have any, and a map takes three words"
    )]
    xattrs: Option<Box<BTreeMap<OsString, Vec<u8>>>>,
}

/// Where a name stands in [`Sources`].
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Name {
    start: u32,
    length: u32,
}

/// Where a file is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    folder: u32,
    name: Name,
}

/// Names, and the folders that files are copied from.
#[derive(Debug, Default)]
pub(super) struct Sources {
    names: Vec<u8>,
    folders: Vec<Box<Path>>,
}

/// How many folders are looked through for one that is known: those above the one that is copied.
const NEAR: usize = 8;

impl DiskFile {
    /// `item` but for its kind.
    pub(super) fn new(place: Place, print: Print, digest: Option<Hash>, item: &Item) -> Self {
        Self {
            print,
            digest,
            is_gone: false,
            is_dated: item.mtime.is_some(),
            place,
            mode: item.mode,
            owner: item.owner,
            mtime: item.mtime.unwrap_or(0),
            xattrs: (!item.xattrs.is_empty()).then(|| Box::new(item.xattrs.clone())),
        }
    }

    /// The item that it stands for; it is at `at`.
    pub(super) fn item(&self, at: PathBuf) -> Item {
        let file = File::Disk {
            at: at.into_boxed_path(),
            print: self.print,
            digest: self.digest,
        };
        Item {
            what: What::File(file),
            mode: self.mode,
            owner: self.owner,
            xattrs: self.xattrs.as_deref().cloned().unwrap_or_default(),
            mtime: self.mtime(),
        }
    }

    pub(super) fn mtime(&self) -> Option<i64> {
        self.is_dated.then_some(self.mtime)
    }

    pub(super) fn undate(&mut self) {
        self.is_dated = false;
    }
}

impl Sources {
    /// Keeps a name.
    pub(super) fn keep(&mut self, name: &[u8]) -> Name {
        let number = |length: usize| u32::try_from(length).expect("names of less than 4 GiB");
        let start = number(self.names.len());
        self.names.extend_from_slice(name);
        Name {
            start,
            length: number(name.len()),
        }
    }

    pub(super) fn name(&self, name: Name) -> &[u8] {
        &self.names[name.start as usize..][..name.length as usize]
    }

    /// Keeps where a file is; `named` is what it is called where it lands, mostly the same.
    pub(super) fn place(&mut self, at: &Path, named: Name) -> Place {
        let folder = at.parent().unwrap_or(Path::new("/"));
        let name = at.file_name().unwrap_or_default().as_bytes();
        let name = if self.name(named) == name {
            named
        } else {
            self.keep(name)
        };
        let from = self.folders.len().saturating_sub(NEAR);
        let known = self.folders[from..]
            .iter()
            .rposition(|known| **known == *folder);
        let index = known.map_or(self.folders.len(), |known| from + known);
        if known.is_none() {
            self.folders.push(folder.into());
        }
        Place {
            folder: u32::try_from(index).expect("fewer folders than 2^32"),
            name,
        }
    }

    /// Where a file is.
    pub(super) fn path(&self, file: &DiskFile) -> PathBuf {
        let folder = &self.folders[file.place.folder as usize];
        folder.join(OsStr::from_bytes(self.name(file.place.name)))
    }
}
