//! Digests of files that were read before, so that a copy in which nothing changed reads none.
//!
//! ```text
//! STORE/stat/<digest of the folder's path>
//!     "boatyard-stat-1\n"  SHA-256 of what follows (32 bytes)
//!     then for each file: device, inode, size, modified (s, ns), changed (s, ns): 7 x 8 bytes, little endian; SHA-256
//! ```
//! A file is taken for unchanged when all seven numbers are the same. Timestamps are coarse, so a file that was changed
//! shortly before it was read may change again without a trace (Git calls it racy): such files are not recorded.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use boatyard_plan::digest::Digest;
use boatyard_store::{DiskError, Store, StoreError};
use sha2::Digest as _;

use super::item::Print;

const MAGIC: &[u8] = b"boatyard-stat-1\n";
const RECORD: usize = 7 * 8 + 32;

/// Files younger than this when they are read are not recorded: twice the coarsest timestamps that there are (FAT: 2 s).
const RACY_SECS: i64 = 4;

/// What is known of the files of one folder.
#[derive(Debug)]
pub(super) struct StatCache {
    path: PathBuf,
    known: HashMap<(u64, u64), Known>,
    began: i64,
    changed: bool,
}

#[derive(Debug)]
struct Known {
    print: Print,
    hash: [u8; 32],
    used: bool,
}

impl StatCache {
    /// Reads what is known of the files of `folder`. What cannot be read is unknown.
    pub(super) fn open(store: &Store, folder: &Path) -> Self {
        use std::os::unix::ffi::OsStrExt as _;
        let name = Digest::of(folder.as_os_str().as_bytes());
        let path = store.root().join("stat").join(name.hex());
        let known = std::fs::read(&path)
            .ok()
            .and_then(|bytes| decode(&bytes))
            .unwrap_or_default();
        Self {
            path,
            known,
            began: now(),
            changed: false,
        }
    }

    /// The digest of a file's content, if it was read as it is.
    pub(super) fn find(&mut self, print: &Print) -> Option<Digest> {
        let known = self.known.get_mut(&(print.device, print.inode))?;
        if known.print != *print {
            return None;
        }
        known.used = true;
        Some(Digest::from_hash(&known.hash))
    }

    /// Notes the digest of a file that was read.
    pub(super) fn note(&mut self, print: &Print, hash: [u8; 32]) {
        if self
            .began
            .saturating_sub(print.modified.0.max(print.changed.0))
            < RACY_SECS
        {
            return;
        }
        self.changed = true;
        self.known.insert(
            (print.device, print.inode),
            Known {
                print: *print,
                hash,
                used: true,
            },
        );
    }

    /// Keeps what is known, if something new is. Files that nobody asked for are forgotten once they are the most.
    pub(super) fn keep(mut self, store: &Store) -> Result<(), StoreError> {
        if !self.changed {
            return Ok(());
        }
        let used = self.known.values().filter(|known| known.used).count();
        if self.known.len() > used * 4 + 1024 {
            self.known.retain(|_, known| known.used);
        }
        let folder = self.path.parent().unwrap_or(store.root());
        std::fs::create_dir_all(folder)
            .map_err(|error| DiskError::new("create folder", folder, error))?;
        let scratch = store.scratch()?;
        let draft = scratch.new_path();
        std::fs::write(&draft, encode(&self.known))
            .map_err(|error| DiskError::new("write", &draft, error))?;
        // Not synced: what a power cut leaves has another digest, and is not believed.
        std::fs::rename(&draft, &self.path)
            .map_err(|error| DiskError::new("rename to", &self.path, error))?;
        Ok(())
    }
}

fn now() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .ok()
        .and_then(|since| i64::try_from(since.as_secs()).ok())
        .unwrap_or(0)
}

fn encode(known: &HashMap<(u64, u64), Known>) -> Vec<u8> {
    let mut records = Vec::with_capacity(known.len() * RECORD);
    for Known { print, hash, .. } in known.values() {
        for number in [print.device, print.inode, print.size] {
            records.extend(number.to_le_bytes());
        }
        for (seconds, nanos) in [print.modified, print.changed] {
            records.extend(seconds.to_le_bytes());
            records.extend(nanos.to_le_bytes());
        }
        records.extend(hash);
    }
    let mut bytes = MAGIC.to_vec();
    bytes.extend(sha2::Sha256::digest(&records));
    bytes.extend(records);
    bytes
}

fn decode(bytes: &[u8]) -> Option<HashMap<(u64, u64), Known>> {
    let (sum, records) = bytes.strip_prefix(MAGIC)?.split_at_checked(32)?;
    if sha2::Sha256::digest(records).as_slice() != sum || records.len() % RECORD != 0 {
        return None;
    }
    let records = records.chunks_exact(RECORD);
    Some(records.filter_map(decode_record).collect())
}

fn decode_record(record: &[u8]) -> Option<((u64, u64), Known)> {
    let bytes = |index: usize| record.get(index * 8..index * 8 + 8)?.try_into().ok();
    let number = |index| bytes(index).map(u64::from_le_bytes);
    let signed = |index| bytes(index).map(i64::from_le_bytes);
    let print = Print {
        device: number(0)?,
        inode: number(1)?,
        size: number(2)?,
        modified: (signed(3)?, signed(4)?),
        changed: (signed(5)?, signed(6)?),
    };
    let known = Known {
        print,
        hash: record.get(56..)?.try_into().ok()?,
        used: false,
    };
    Some(((print.device, print.inode), known))
}
