//! A copy whose sources were found and read: its key, and its layer.

use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use boatyard_plan::attest::Material;
use boatyard_plan::digest::Digest;
use boatyard_store::layer::{self, Entry, Layer};
use boatyard_store::{DiskError, Scratch, Store};
use sha2::Digest as _;

use super::item::{File, Item, Print, What};
use super::items::Items;
use super::{Note, TransferError};

/// Raised when the same items give other layers because our code changed.
const GENERATION: u64 = 1;

/// A copy whose sources were found and read.
#[derive(Debug)]
pub struct Prepared {
    pub(super) items: Items,
    pub(super) notes: Vec<Note>,
    pub(super) fetched: Vec<Material>,
    /// Holds downloads and what was unpacked until the layer is written.
    pub(super) _scratch: Vec<Scratch>,
}

impl Prepared {
    /// What people should know about it.
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// What came from elsewhere.
    pub fn fetched(&self) -> &[Material] {
        &self.fetched
    }

    /// All that the layer depends on but modification times and how it is written: paths, kinds, modes, owners, extended
    /// attributes and digests, those of the folders on the way included.
    pub fn key(&self) -> Digest {
        let mut sum = Sum(sha2::Sha256::new());
        sum.number(GENERATION);
        for (path, item) in self.items.iter() {
            sum.bytes(path.as_os_str().as_bytes());
            sum.number(item.mode.into());
            sum.number(item.owner.uid.into());
            sum.number(item.owner.gid.into());
            sum.number(item.xattrs.len() as u64);
            for (name, value) in &item.xattrs {
                sum.bytes(name.as_bytes());
                sum.bytes(value);
            }
            sum.what(&item.what);
        }
        Digest::from_hash(&sum.0.finalize())
    }

    /// The newest modification of what is copied, seconds since 1970, folders not counted. `None` if there is nothing.
    pub fn newest(&self) -> Option<i64> {
        let others = self.items.others().filter(|item| !item.is_folder());
        let others = others.filter_map(|item| item.mtime);
        let files = self.items.files().filter_map(|(file, _)| file.mtime());
        files.chain(others).max()
    }

    /// The same copy with one moment for all of it: that of [`layer::Options::epoch`].
    #[must_use]
    pub(crate) fn undated(mut self) -> Self {
        self.items.undate();
        self
    }

    /// Bytes of all files.
    pub fn size_bytes(&self) -> u64 {
        let held = self.items.others().map(|item| match &item.what {
            What::File(File::Bytes(bytes)) => bytes.len() as u64,
            _ => 0,
        });
        let files = self.items.files().map(|(file, _)| file.print.size);
        files.chain(held).sum()
    }

    /// The layer's entries, by path. Folders that the copy makes or passes are dated to the epoch, else to the newest
    /// file.
    pub fn entries(&self, epoch: Option<i64>) -> Vec<Entry> {
        self.each_entry(epoch, |_, _| true).collect()
    }

    /// The entries of those items that `wanted` says, made one after another.
    fn each_entry(
        &self,
        epoch: Option<i64>,
        wanted: impl Fn(&Path, &Item) -> bool,
    ) -> impl Iterator<Item = Entry> {
        let moment = epoch.or_else(|| self.newest()).unwrap_or(0);
        let items = self.items.iter();
        items
            .filter(move |(path, item)| wanted(path, item))
            .flat_map(move |(path, item)| item.entries(&path, moment))
    }

    /// Writes the layer. Fails with [`TransferError::Changed`] if a source is not what it was when its digest was made.
    pub fn layer(&self, store: &Store, options: &layer::Options) -> Result<Layer, TransferError> {
        // There may be many: they are not held a second time.
        let early = |path: &Path, item: &Item| matches!(&item.what, What::HardLink { target } if target.as_path() > path);
        let first = self.each_entry(options.epoch, |path, item| !early(path, item));
        let then = self.each_entry(options.epoch, early);
        let layer = layer::write_in_order(store, first.chain(then), options)?;
        for (file, at) in self.items.files() {
            unchanged(&at, &file.print)?;
        }
        Ok(layer)
    }
}

fn unchanged(at: &Path, print: &Print) -> Result<(), TransferError> {
    let metadata =
        std::fs::symlink_metadata(at).map_err(|error| DiskError::new("read", at, error))?;
    if Print::of(&metadata) == *print {
        Ok(())
    } else {
        Err(TransferError::Changed {
            path: at.to_path_buf(),
        })
    }
}

/// A digest over fields, each of which says how long it is.
struct Sum(sha2::Sha256);

impl Sum {
    fn number(&mut self, number: u64) {
        self.0.update(number.to_le_bytes());
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        self.0.update(bytes);
    }

    fn what(&mut self, what: &What) {
        let mut kind = |letter: u8| self.0.update([letter]);
        match what {
            What::Folder { opaque } => kind(if *opaque { b'o' } else { b'd' }),
            What::File(file) => {
                kind(b'f');
                let digest = match file {
                    File::Bytes(bytes) => Digest::of(bytes),
                    File::Disk { digest, .. } => {
                        Digest::from_hash(&digest.expect("digests are filled in before"))
                    }
                };
                self.bytes(digest.hex().as_bytes());
            }
            What::Link { target } => {
                kind(b'l');
                self.bytes(target.as_os_str().as_bytes());
            }
            What::HardLink { target } => {
                kind(b'h');
                self.bytes(target.as_os_str().as_bytes());
            }
            What::Fifo => kind(b'p'),
            What::CharDevice { major, minor } => {
                kind(b'c');
                self.number((*major).into());
                self.number((*minor).into());
            }
            What::BlockDevice { major, minor } => {
                kind(b'b');
                self.number((*major).into());
                self.number((*minor).into());
            }
        }
    }
}
