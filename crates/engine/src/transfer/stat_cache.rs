//! Digests of files that were read before, so that a copy in which nothing changed reads none.
//!
//! ```text
//! STORE/stat/<digest of the folder's path>
//!     "boatyard-stat-2\n"  SHA-256 of what follows (32 bytes)
//!     then for each file, by device and inode:
//!         device, inode, size, modified (s, ns), changed (s, ns): 7 x 8 bytes, little endian; SHA-256
//! ```
//! A file is taken for unchanged when all seven numbers are the same. Timestamps are coarse, so a file that was changed
//! shortly before it was read may change again without a trace (Git calls it racy): such files are not recorded.
//!
//! There may be hundreds of thousands of files: records stay as they were read, and go from the copy to the file one by one.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use boatyard_plan::digest::Digest;
use boatyard_store::{DiskError, Store, StoreError};
use sha2::Digest as _;

use super::item::{Hash, Print};

const MAGIC: &[u8] = b"boatyard-stat-2\n";
const HEAD: usize = MAGIC.len() + 32;
const RECORD: usize = 7 * 8 + 32;

/// Files younger than this when they are read are not recorded: twice the coarsest timestamps that there are (FAT: 2 s).
const RACY_SECS: i64 = 4;

/// Device and inode.
type Key = (u64, u64);

/// What is known of the files of one folder.
#[derive(Debug)]
pub(super) struct StatCache {
    path: PathBuf,
    /// The file as it is; empty if there is none that can be believed.
    bytes: Vec<u8>,
    /// Which records were asked for.
    used: Vec<bool>,
    began: i64,
}

/// A file whose digest was not known.
pub(super) struct Unknown<'i> {
    pub(super) at: &'i Path,
    pub(super) print: &'i mut Print,
    pub(super) digest: &'i mut Option<Hash>,
}

impl Unknown<'_> {
    /// Where its record stands.
    pub(super) fn key(&self) -> Key {
        (self.print.device, self.print.inode)
    }
}

impl StatCache {
    /// Reads what is known of the files of `folder`. What cannot be read is unknown.
    pub(super) fn open(store: &Store, folder: &Path) -> Self {
        use std::os::unix::ffi::OsStrExt as _;
        let name = Digest::of(folder.as_os_str().as_bytes());
        let path = store.root().join("stat").join(name.hex());
        let bytes = std::fs::read(&path).unwrap_or_default();
        let bytes = if is_sound(&bytes) { bytes } else { Vec::new() };
        let count = bytes.len().saturating_sub(HEAD) / RECORD;
        Self {
            path,
            bytes,
            used: vec![false; count],
            began: now(),
        }
    }

    fn record(&self, index: usize) -> &[u8] {
        let start = HEAD + index * RECORD;
        &self.bytes[start..start + RECORD]
    }

    /// The digest of a file's content, if it was read as it is.
    pub(super) fn find(&mut self, print: &Print) -> Option<Hash> {
        let wanted = (print.device, print.inode);
        let (mut low, mut high) = (0, self.used.len());
        while low < high {
            let middle = low + (high - low) / 2;
            let record = self.record(middle);
            match key(record).cmp(&wanted) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => {
                    let same = record[..RECORD - 32] == numbers(print);
                    let hash = record[RECORD - 32..].try_into().ok();
                    self.used[middle] |= same;
                    return hash.filter(|_| same);
                }
            }
        }
        None
    }

    /// Keeps what is known, with what was read now, which comes in the order of its keys. Files that nobody asked for are
    /// forgotten once they are the most.
    pub(super) fn keep(self, store: &Store, new: &[Unknown<'_>]) -> Result<(), StoreError> {
        if !new.iter().any(|file| self.is_sure(file.print)) {
            return Ok(());
        }
        let folder = self.path.parent().unwrap_or(store.root());
        std::fs::create_dir_all(folder)
            .map_err(|error| DiskError::new("create folder", folder, error))?;
        let scratch = store.scratch()?;
        let draft = scratch.new_path();
        self.write(&draft, new)
            .map_err(|error| DiskError::new("write", &draft, error))?;
        // Not synced: what a power cut leaves has another digest, and is not believed.
        std::fs::rename(&draft, &self.path)
            .map_err(|error| DiskError::new("rename to", &self.path, error))?;
        Ok(())
    }

    fn write(&self, draft: &Path, new: &[Unknown<'_>]) -> std::io::Result<()> {
        let mut sum = sha2::Sha256::new();
        self.each(new, &mut |record| {
            sum.update(record);
            Ok(())
        })?;
        let mut file = BufWriter::new(File::create(draft)?);
        file.write_all(MAGIC)?;
        file.write_all(&sum.finalize())?;
        self.each(new, &mut |record| file.write_all(record))?;
        file.flush()
    }

    /// Every record to keep, in order.
    fn each(
        &self,
        new: &[Unknown<'_>],
        take: &mut dyn FnMut(&[u8]) -> std::io::Result<()>,
    ) -> std::io::Result<()> {
        let used = self.used.iter().filter(|used| **used).count() + new.len();
        let forgets = self.used.len() > used * 4 + 1024;
        let kept = (0..self.used.len()).filter(|index| !forgets || self.used[*index]);
        let mut old = kept.map(|index| self.record(index)).peekable();
        let mut last = None;
        for file in new {
            let (print, place) = (&*file.print, file.key());
            let (true, Some(hash)) = (self.is_sure(print), file.digest.as_ref()) else {
                continue;
            };
            while let Some(record) = old.next_if(|record| key(record) < place) {
                take(record)?;
            }
            old.next_if(|record| key(record) == place);
            // One file may be copied twice.
            if last != Some(place) {
                let mut record = [0; RECORD];
                record[..RECORD - 32].copy_from_slice(&numbers(print));
                record[RECORD - 32..].copy_from_slice(hash);
                take(&record)?;
            }
            last = Some(place);
        }
        old.try_for_each(take)
    }

    /// Whether a file that was read would have another time if it changed.
    fn is_sure(&self, print: &Print) -> bool {
        let age = self
            .began
            .saturating_sub(print.modified.0.max(print.changed.0));
        age >= RACY_SECS
    }
}

fn now() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .ok()
        .and_then(|since| i64::try_from(since.as_secs()).ok())
        .unwrap_or(0)
}

/// Whether bytes are a file of ours, whole.
fn is_sound(bytes: &[u8]) -> bool {
    let parts = bytes
        .strip_prefix(MAGIC)
        .and_then(|rest| rest.split_at_checked(32));
    parts.is_some_and(|(sum, records)| {
        records.len() % RECORD == 0 && sha2::Sha256::digest(records).as_slice() == sum
    })
}

/// Where a record stands.
fn key(record: &[u8]) -> Key {
    let number = |at: usize| {
        let bytes = record[at..at + 8].try_into().expect("eight bytes");
        u64::from_le_bytes(bytes)
    };
    (number(0), number(8))
}

/// The numbers of a record.
fn numbers(print: &Print) -> [u8; RECORD - 32] {
    let mut numbers = [0; RECORD - 32];
    let ((modified, modified_nanos), (changed, changed_nanos)) = (print.modified, print.changed);
    let fields = [print.device, print.inode, print.size].map(u64::to_le_bytes);
    let times = [modified, modified_nanos, changed, changed_nanos].map(i64::to_le_bytes);
    for (room, field) in numbers
        .chunks_exact_mut(8)
        .zip(fields.into_iter().chain(times))
    {
        room.copy_from_slice(&field);
    }
    numbers
}
