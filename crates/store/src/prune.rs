//! Keeps the store small, and tells whether it is whole.
//!
//! What is kept: everything that an image with a name, a pin or a kept action leads to. Digests are found wherever
//! they stand in the JSON of manifests, configurations, actions and pins, so that no new kind of record can be
//! forgotten here.
//!
//! ```text
//! pins/<name>      {"digests":["sha256:..."]}   e.g. the snapshots that a running container has mounted
//! ```

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use boatyard_plan::digest::Digest;
use rustix::fs::FlockOperation;
use serde_json::Value;

use crate::disk::{DiskError, During as _};
use crate::failure::StoreError;
use crate::images::to_json;
use crate::remove::remove_tree;
use crate::store::Store;

/// JSON blobs are small; anything larger is a layer.
const JSON_MAX: u64 = 16 << 20;

/// Which recorded actions are worth keeping. By default all are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Keep {
    /// Only those used since then.
    pub used_since: Option<SystemTime>,
    /// Only those that fit when all kept blobs together have at most this many bytes: the latest first, and what images
    /// need anyway. Images with names and pins are kept in any case.
    pub bytes: Option<u64>,
}

/// What was removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Freed {
    /// Blobs.
    pub blobs: u64,
    /// Their size, bytes.
    pub blob_bytes: u64,
    /// Unpacked layers.
    pub snapshots: u64,
    /// Records of actions.
    pub actions: u64,
}

/// Something wrong in the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// A blob's content is not what its name says.
    Damaged {
        /// What its name says.
        digest: Digest,
        /// What its content is.
        found: Digest,
    },
    /// An image needs a blob that is not there.
    Missing {
        /// The blob.
        digest: Digest,
        /// The image's name, or its digest.
        image: String,
    },
}

impl Store {
    /// Keeps blobs and snapshots with these digests until [`Store::unpin`], across restarts. Replaces an older pin of
    /// this name; a name has letters, digits, `.`, `_`, `-` as an action key has.
    pub fn pin(&self, name: &str, digests: &[Digest]) -> Result<(), StoreError> {
        let value = serde_json::json!({ "digests": digests });
        Ok(self.replace_file(&self.pin_path(name)?, &to_json(&value))?)
    }

    /// Forgets a pin; fine if there is none.
    pub fn unpin(&self, name: &str) -> Result<(), StoreError> {
        Ok(remove_tree(&self.pin_path(name)?)?)
    }

    fn pin_path(&self, name: &str) -> Result<PathBuf, StoreError> {
        crate::action::check_key(name)?;
        Ok(self.root().join("pins").join(name))
    }
}

/// Removes what nothing needs. Fails with [`StoreError::InUse`] if another handle, in any process, has the store
/// open; no other thread may use this handle meanwhile.
pub fn gc(store: &Store, keep: &Keep) -> Result<Freed, StoreError> {
    let alone = FlockOperation::NonBlockingLockExclusive;
    let locked = rustix::fs::flock(store.lock(), alone);
    let swept = match locked {
        Ok(()) => {
            store.seen().clear();
            sweep(store, keep)
        }
        Err(_) => Err(StoreError::InUse {
            root: store.root().to_path_buf(),
        }),
    };
    // A failed change of a lock's kind gives up the old one too.
    rustix::fs::flock(store.lock(), FlockOperation::LockShared).during("lock", store.root())?;
    swept
}

/// Bytes of all blobs in the store, needed or not.
pub fn blob_bytes(store: &Store) -> Result<u64, StoreError> {
    Ok(blobs(store)?.iter().map(|(_, size)| size).sum())
}

/// Verifies every blob and everything that images with names need. Reads the whole store.
pub fn fsck(store: &Store) -> Result<Vec<Problem>, StoreError> {
    let mut problems = Vec::new();
    for (digest, _) in blobs(store)? {
        let mut file = store.open_blob(&digest)?;
        let mut hash = HashSink::default();
        std::io::copy(&mut file, &mut hash).during("read", &store.blob_path(&digest))?;
        let found = hash.finish();
        if found != digest {
            problems.push(Problem::Damaged { digest, found });
        }
    }
    for (name, descriptor) in store.images()? {
        let mut needed = vec![descriptor.digest.clone()];
        if let Ok(manifest) = store.manifest(&descriptor) {
            needed.push(manifest.config.digest);
            needed.extend(manifest.layers.into_iter().map(|layer| layer.digest));
        }
        let image = name.to_string();
        problems.extend(
            needed
                .into_iter()
                .filter(|digest| !store.has_blob(digest))
                .map(|digest| Problem::Missing {
                    digest,
                    image: image.clone(),
                }),
        );
    }
    Ok(problems)
}

fn sweep(store: &Store, keep: &Keep) -> Result<Freed, StoreError> {
    let mut marks = Marks {
        store,
        seen: HashSet::new(),
        bytes: 0,
    };
    for manifest in store.index()?.manifests {
        marks.mark(manifest.digest);
    }
    for path in files(&store.root().join("pins"))? {
        marks.mark_all_in(&fs::read(&path).during("read", &path)?);
    }
    let mut freed = Freed::default();
    for (used, path) in actions(store)? {
        let fresh = keep.used_since.is_none_or(|since| used >= since);
        let record = fs::read(&path).during("read", &path)?;
        // What images have anyway costs nothing more.
        let more = marks.more(&record);
        let fits = keep
            .bytes
            .is_none_or(|bytes| more == 0 || marks.bytes + more <= bytes);
        if fresh && fits {
            marks.mark_all_in(&record);
        } else {
            remove_tree(&path)?;
            freed.actions += 1;
        }
    }
    for path in files(&store.root().join("snap"))? {
        if !marks.has_snapshot(&path) {
            remove_tree(&path)?;
            freed.snapshots += 1;
        }
    }
    for (digest, size) in blobs(store)? {
        if !marks.seen.contains(&digest) {
            remove_tree(&store.blob_path(&digest))?;
            freed.blobs += 1;
            freed.blob_bytes += size;
        }
    }
    Ok(freed)
}

struct Marks<'a> {
    store: &'a Store,
    seen: HashSet<Digest>,
    /// Size of all marked blobs.
    bytes: u64,
}

impl Marks<'_> {
    fn mark(&mut self, digest: Digest) {
        let mut todo = vec![digest];
        while let Some(digest) = todo.pop() {
            let size = self.store.blob_size(&digest);
            if !self.seen.insert(digest.clone()) {
                continue;
            }
            self.bytes += size.unwrap_or(0);
            if size.is_some_and(|size| size <= JSON_MAX)
                && let Ok(bytes) = fs::read(self.store.blob_path(&digest))
                && bytes.first() == Some(&b'{')
            {
                todo.extend(digests_in(&bytes));
            }
        }
    }

    fn mark_all_in(&mut self, json: &[u8]) {
        for digest in digests_in(json) {
            self.mark(digest);
        }
    }

    /// Bytes of the blobs that a JSON text names and nothing else did so far.
    fn more(&self, json: &[u8]) -> u64 {
        let new: HashSet<Digest> = digests_in(json).into_iter().collect();
        new.difference(&self.seen)
            .filter_map(|digest| self.store.blob_size(digest))
            .sum()
    }

    fn has_snapshot(&self, path: &Path) -> bool {
        let name = path.file_name().and_then(|name| name.to_str());
        let digest = name.and_then(|name| {
            let hex = name.strip_suffix("-user").unwrap_or(name);
            format!("sha256:{hex}").parse().ok()
        });
        digest.is_some_and(|digest: Digest| self.seen.contains(&digest))
    }
}

/// Every string in a JSON text that is a digest.
fn digests_in(json: &[u8]) -> Vec<Digest> {
    let mut found = Vec::new();
    let mut todo: Vec<Value> = serde_json::from_slice(json).into_iter().collect();
    while let Some(value) = todo.pop() {
        match value {
            Value::String(text) => found.extend(text.parse::<Digest>().ok()),
            Value::Array(items) => todo.extend(items),
            Value::Object(fields) => todo.extend(fields.into_iter().map(|(_, value)| value)),
            _ => {}
        }
    }
    found
}

/// Recorded actions with the time of their last use, latest first.
fn actions(store: &Store) -> Result<Vec<(SystemTime, PathBuf)>, DiskError> {
    let mut found = Vec::new();
    for folder in files(&store.root().join("actions"))? {
        for path in files(&folder)? {
            if path.extension().is_none_or(|end| end != "lock") {
                let metadata = fs::metadata(&path).during("read", &path)?;
                found.push((metadata.modified().during("read", &path)?, path));
            }
        }
    }
    found.sort_by(|a, b| b.cmp(a));
    Ok(found)
}

/// Blobs with their sizes; files with other names are left alone.
fn blobs(store: &Store) -> Result<Vec<(Digest, u64)>, DiskError> {
    let mut found = Vec::new();
    for path in files(&store.root().join("blobs/sha256"))? {
        let name = path.file_name().and_then(|name| name.to_str());
        if let Some(Ok(digest)) = name.map(|hex| format!("sha256:{hex}").parse()) {
            let metadata = fs::metadata(&path).during("read", &path)?;
            found.push((digest, metadata.len()));
        }
    }
    Ok(found)
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, DiskError> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).during("list", folder)? {
        found.push(entry.during("list", folder)?.path());
    }
    found.sort();
    Ok(found)
}

#[derive(Default)]
struct HashSink(sha2::Sha256);

impl HashSink {
    fn finish(self) -> Digest {
        use sha2::Digest as _;
        Digest::from_hash(&self.0.finalize())
    }
}

impl std::io::Write for HashSink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        use sha2::Digest as _;
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
