//! Snapshots: the tree of one layer, unpacked, ready to be a lower folder of an overlay mount.
//!
//! ```text
//! snap/<diff id>[-user]/fs       the tree, whiteouts as overlayfs has them (`-user`: opaque marks in `user.`)
//! snap/<diff id>[-user]/stamp    {"boot":"<boot id>","durable":false}
//! ```
//! Snapshots can be rebuilt from their blobs, so they are not synced: they count until the machine boots again, then
//! they are thrown away. That is cheaper than syncing each of them, and closes the hole of files that are empty after
//! a power cut.

use std::collections::{HashMap, HashSet};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use boatyard_plan::digest::Digest;
use serde::{Deserialize, Serialize};

use crate::disk::During as _;
use crate::failure::StoreError;
use crate::images::to_json;
use crate::layer::{self, Layer, Unpack, Whiteouts};
use crate::remove::exists;
use crate::scratch::Scratch;
use crate::store::Store;

#[derive(Serialize, Deserialize)]
struct Stamp {
    boot: String,
    durable: bool,
}

/// Names in the root folder of a layer.
pub type Names = Arc<HashSet<OsString>>;

/// The snapshots that a handle has seen. No program takes one away while a handle lives, but [`crate::prune::gc`]; so each is
/// read once, however many steps are put on it.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    trusted: Mutex<HashMap<Digest, PathBuf>>,
    names: Mutex<HashMap<PathBuf, Names>>,
}

impl Seen {
    /// Forgets all.
    pub(crate) fn clear(&self) {
        held(&self.trusted).clear();
        held(&self.names).clear();
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Store {
    /// The tree of a layer if it is unpacked and can be trusted. Never change what is in it.
    pub fn snapshot(&self, diff_id: &Digest) -> Option<PathBuf> {
        let known = held(&self.seen().trusted).get(diff_id).cloned();
        // A person who needs space may have taken it away.
        if let Some(known) = known.filter(|known| known.is_dir()) {
            return Some(known);
        }
        let place = self.place(diff_id);
        let bytes = fs::read(place.join("stamp")).ok()?;
        let stamp: Stamp = serde_json::from_slice(&bytes).ok()?;
        if !stamp.durable && stamp.boot != self.boot() {
            return None;
        }
        let tree = place.join("fs");
        held(&self.seen().trusted).insert(diff_id.clone(), tree.clone());
        Some(tree)
    }

    /// What is in the root folder of `snapshot`, which [`Store::snapshot`] or [`Store::ensure_snapshot`] gave.
    pub fn snapshot_names(&self, snapshot: &Path) -> Result<Names, StoreError> {
        if let Some(known) = held(&self.seen().names).get(snapshot) {
            return Ok(Arc::clone(known));
        }
        let mut names = HashSet::new();
        for entry in fs::read_dir(snapshot).during("list", snapshot)? {
            names.insert(entry.during("list", snapshot)?.file_name());
        }
        let names = Arc::new(names);
        held(&self.seen().names).insert(snapshot.to_path_buf(), Arc::clone(&names));
        Ok(names)
    }

    /// Makes `tree` (on the store's file system, best from [`Store::scratch`]) the snapshot of `diff_id` by renaming
    /// it. If there is one already, `tree` is removed instead.
    pub fn adopt_snapshot(&self, diff_id: &Digest, tree: &Path) -> Result<PathBuf, StoreError> {
        let _turn = self.snapshot_turn(diff_id)?;
        self.adopt(diff_id, tree)
    }

    /// The tree of a layer, unpacked now if it was not. Several processes unpack a layer once.
    pub fn ensure_snapshot(&self, layer: &Layer) -> Result<PathBuf, StoreError> {
        if let Some(found) = self.snapshot(&layer.diff_id) {
            return Ok(found);
        }
        let _turn = self.snapshot_turn(&layer.diff_id)?;
        if let Some(found) = self.snapshot(&layer.diff_id) {
            return Ok(found);
        }
        let scratch = self.scratch()?;
        let tree = scratch.new_dir("fs")?;
        let blob = self.open_blob(&layer.blob.digest)?;
        let unpacked = layer::unpack(blob, &tree, &Unpack::snapshot()).map_err(|source| {
            StoreError::Unpack {
                diff_id: layer.diff_id.clone(),
                source: Box::new(source),
            }
        })?;
        if unpacked.diff_id != layer.diff_id {
            return Err(StoreError::WrongLayer {
                blob: layer.blob.digest.clone(),
                expected: layer.diff_id.clone(),
                found: unpacked.diff_id,
            });
        }
        self.adopt(&layer.diff_id, &tree)
    }

    fn adopt(&self, diff_id: &Digest, tree: &Path) -> Result<PathBuf, StoreError> {
        if let Some(found) = self.snapshot(diff_id) {
            self.discard(tree)?;
            return Ok(found);
        }
        let place = self.place(diff_id);
        let scratch = self.scratch()?;
        if exists(&place).during("read", &place)? {
            let old = scratch.path().join("old");
            fs::rename(&place, &old).during("move away", &place)?;
        }
        self.settle(&scratch, tree, &place)?;
        Ok(place.join("fs"))
    }

    fn settle(&self, scratch: &Scratch, tree: &Path, place: &Path) -> Result<(), StoreError> {
        let made = scratch.new_dir("made")?;
        fs::rename(tree, made.join("fs")).during("move", tree)?;
        let stamp = to_json(&Stamp {
            boot: self.boot().to_owned(),
            durable: false,
        });
        let stamp_path = made.join("stamp");
        fs::write(&stamp_path, stamp).during("write", &stamp_path)?;
        // Somebody who needs the space takes `snap/` away as a whole.
        if let Some(all) = place.parent() {
            fs::create_dir_all(all).during("create folder", all)?;
        }
        Ok(fs::rename(&made, place).during("rename to", place)?)
    }

    fn place(&self, diff_id: &Digest) -> PathBuf {
        // Computed once per handle: it reads two files below /proc.
        let suffix = match self.whiteouts() {
            Whiteouts::Trusted => "",
            Whiteouts::User => "-user",
        };
        self.root()
            .join("snap")
            .join(format!("{}{suffix}", diff_id.hex()))
    }

    fn snapshot_turn(&self, diff_id: &Digest) -> Result<crate::action::ActionLock, StoreError> {
        self.lock_action(&format!("snapshot-{}", diff_id.hex()))
    }
}
