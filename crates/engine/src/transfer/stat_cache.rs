//! Digests of files that were read before, so that a copy in which nothing changed reads none.
//!
//! ```text
//! STORE/stat/<digest of the folder's path>
//!     "boatyard-stat-3\n"
//!     for each file, by device and inode:
//!         device, inode, size, modified (s, ns), changed (s, ns): 7 x 8 bytes, little endian; SHA-256
//!     SHA-256 of the records (32 bytes)
//! ```
//! A file is taken for unchanged when all seven numbers are the same. Timestamps are coarse, so a file that was changed
//! shortly before it was read may change again without a trace (Git calls it racy): such files are not recorded.
//!
//! There may be hundreds of thousands of files: both they and the records come in the order of their keys, so that records are
//! read one by one and none is held.

use std::fs::File;
use std::io::{BufReader, BufWriter, ErrorKind, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use boatyard_plan::digest::Digest;
use boatyard_store::{DiskError, Store, StoreError};
use sha2::Digest as _;

use super::disk_file::DiskFile;
use super::item::{Hash, Print};

const MAGIC: &[u8] = b"boatyard-stat-3\n";
const NUMBERS: usize = 7 * 8;
const RECORD: usize = NUMBERS + 32;
const BUFFER: usize = 64 << 10;

/// Files younger than this when they are read are not recorded: twice the coarsest timestamps that there are (FAT: 2 s).
const RACY_SECS: i64 = 4;

/// Device and inode.
type Key = (u64, u64);

/// Where a file's record stands.
pub(super) fn key(print: &Print) -> Key {
    (print.device, print.inode)
}

/// What is known of the files of one folder.
#[derive(Debug)]
pub(super) struct StatCache {
    path: PathBuf,
    /// The file, if there is one that can be believed.
    file: Option<File>,
    /// Which records were asked for.
    used: Vec<bool>,
    began: i64,
}

impl StatCache {
    /// Opens what is known of the files of `folder`.
    pub(super) fn open(store: &Store, folder: &Path) -> Self {
        use std::os::unix::ffi::OsStrExt as _;
        let name = Digest::of(folder.as_os_str().as_bytes());
        let path = store.root().join("stat").join(name.hex());
        Self {
            file: File::open(&path).ok(),
            path,
            used: Vec::new(),
            began: now(),
        }
    }

    /// Fills in the digests of those `files`, which are in the order of their keys, that are as they were when they were
    /// read. What cannot be read, or is not what was written, is nothing.
    pub(super) fn fill(&mut self, files: &mut [&mut DiskFile]) {
        let Some(file) = &self.file else {
            return;
        };
        let mut filled = Vec::new();
        let mut used = Vec::new();
        let mut next = 0;
        let sound = each(file, &mut |record| {
            let place = record_key(record);
            while files.get(next).is_some_and(|file| key(&file.print) < place) {
                next += 1;
            }
            let mut is_used = false;
            // One file may be copied twice.
            while let Some(file) = files.get_mut(next).filter(|file| key(&file.print) == place) {
                if record[..NUMBERS] == numbers(&file.print) {
                    file.digest = record[NUMBERS..].try_into().ok();
                    filled.push(u32::try_from(next).unwrap_or(u32::MAX));
                    is_used = true;
                }
                next += 1;
            }
            used.push(is_used);
            Ok(())
        });
        if sound.is_ok() {
            self.used = used;
            return;
        }
        for index in filled {
            if let Some(file) = files.get_mut(index as usize) {
                file.digest = None;
            }
        }
        self.file = None;
    }

    /// Keeps what is known, with what was read now: `new`, in the order of its keys. Files that nobody asked for are forgotten
    /// once they are the most.
    pub(super) fn keep(self, store: &Store, new: &[&mut DiskFile]) -> Result<(), StoreError> {
        if !new.iter().any(|file| self.is_sure(&file.print)) {
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

    /// Every record to keep, in order.
    fn write(&self, draft: &Path, new: &[&mut DiskFile]) -> std::io::Result<()> {
        let mut file = BufWriter::with_capacity(BUFFER, File::create(draft)?);
        file.write_all(MAGIC)?;
        let mut sum = sha2::Sha256::new();
        let mut take = |record: &[u8]| {
            sum.update(record);
            file.write_all(record)
        };
        let used = self.used.iter().filter(|used| **used).count() + new.len();
        let forgets = self.used.len() > used * 4 + 1024;
        let mut fresh = new
            .iter()
            .filter(|file| self.is_sure(&file.print))
            .filter_map(|file| Some((key(&file.print), &file.print, file.digest.as_ref()?)))
            .peekable();
        let mut last = None;
        let mut put = |(place, print, hash): (Key, &Print, &Hash),
                       take: &mut dyn FnMut(&[u8]) -> std::io::Result<()>| {
            // One file may be copied twice.
            if last.replace(place) == Some(place) {
                return Ok(());
            }
            let mut record = [0; RECORD];
            record[..NUMBERS].copy_from_slice(&numbers(print));
            record[NUMBERS..].copy_from_slice(hash);
            take(&record)
        };
        if let Some(old) = &self.file {
            let mut index = 0;
            each(old, &mut |record| {
                let place = record_key(record);
                let kept = !forgets || self.used.get(index).is_some_and(|used| *used);
                index += 1;
                let mut is_new = false;
                while let Some(one) = fresh.next_if(|(at, _, _)| *at <= place) {
                    is_new |= one.0 == place;
                    put(one, &mut take)?;
                }
                if kept && !is_new {
                    take(record)?;
                }
                Ok(())
            })?;
        }
        fresh.try_for_each(|one| put(one, &mut take))?;
        file.write_all(&sum.finalize())?;
        file.flush()
    }

    /// Whether a file that was read would have another time if it changed.
    fn is_sure(&self, print: &Print) -> bool {
        let [modified, changed] = print.secs;
        self.began.saturating_sub(modified.max(changed)) >= RACY_SECS
    }
}

/// Gives every record of a file of ours to `take`. Fails, at the end, if the file is not what was written.
fn each(
    file: &File,
    take: &mut dyn FnMut(&[u8; RECORD]) -> std::io::Result<()>,
) -> std::io::Result<()> {
    let unsound = || std::io::Error::from(ErrorKind::InvalidData);
    let around = MAGIC.len() as u64 + 32;
    let length = file.metadata()?.len().checked_sub(around);
    let length = length.filter(|length| length % RECORD as u64 == 0);
    let mut from = file;
    from.seek(SeekFrom::Start(0))?;
    let mut from = BufReader::with_capacity(BUFFER, from);
    let mut magic = [0; MAGIC.len()];
    from.read_exact(&mut magic)?;
    if magic != MAGIC {
        return Err(unsound());
    }
    let mut sum = sha2::Sha256::new();
    let mut record = [0; RECORD];
    for _ in 0..length.ok_or_else(unsound)? / RECORD as u64 {
        from.read_exact(&mut record)?;
        sum.update(record);
        take(&record)?;
    }
    let mut expected = [0; 32];
    from.read_exact(&mut expected)?;
    if sum.finalize().as_slice() == expected {
        Ok(())
    } else {
        Err(unsound())
    }
}

fn now() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .ok()
        .and_then(|since| i64::try_from(since.as_secs()).ok())
        .unwrap_or(0)
}

/// Where a record stands.
fn record_key(record: &[u8; RECORD]) -> Key {
    let number = |at: usize| {
        let bytes = record[at..at + 8].try_into().expect("eight bytes");
        u64::from_le_bytes(bytes)
    };
    (number(0), number(8))
}

/// The numbers of a record.
fn numbers(print: &Print) -> [u8; NUMBERS] {
    let mut numbers = [0; NUMBERS];
    let fields = [print.device, print.inode, print.size].map(u64::to_le_bytes);
    let pairs = print.secs.into_iter().zip(print.nanos);
    let times = pairs.flat_map(|(secs, nanos)| [secs, i64::from(nanos)].map(i64::to_le_bytes));
    for (room, field) in numbers
        .chunks_exact_mut(8)
        .zip(fields.into_iter().chain(times))
    {
        room.copy_from_slice(&field);
    }
    numbers
}
