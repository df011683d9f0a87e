//! What one handle of a store used and made, and the caches that it may take from.

use std::collections::BTreeSet;
use std::error::Error;
use std::fmt;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use serde_json::Value;

use super::config::{Config, Mount, blobs_in};
use super::failure::CacheError;
use super::place::Place;
use crate::disk::{DiskError, During as _};
use crate::layer::{self, Devices, Unpack};
use crate::registry::Options;
use crate::remove::remove_tree;
use crate::store::Store;

/// Takes a warning, from any thread.
pub type Warn = Arc<dyn Fn(String) + Send + Sync>;

/// What a handle used and made, and where it may take from.
#[derive(Default)]
pub(crate) struct Ledger {
    /// Keys of actions that were found or recorded.
    used: Mutex<BTreeSet<String>>,
    /// Keys that a cache has but could not give.
    refused: Mutex<BTreeSet<String>>,
    /// Names of the folders of cache mounts.
    mounts: Mutex<BTreeSet<String>>,
    sources: OnceLock<Sources>,
    taken_actions: AtomicU64,
    taken_mounts: AtomicU64,
}

struct Sources {
    caches: Vec<(Place, Config)>,
    options: Options,
    warn: Warn,
}

/// What a handle took from caches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// Records of actions.
    pub actions: u64,
    /// Cache mounts.
    pub mounts: u64,
}

impl fmt::Debug for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ledger").finish_non_exhaustive()
    }
}

impl Ledger {
    /// Takes note of an action that was found or recorded.
    pub(crate) fn uses(&self, key: &str) {
        let mut used = locked(&self.used);
        if !used.contains(key) {
            used.insert(key.to_owned());
        }
    }

    pub(crate) fn has_sources(&self) -> bool {
        self.sources.get().is_some()
    }

    pub(super) fn used(&self) -> BTreeSet<String> {
        locked(&self.used).clone()
    }

    pub(super) fn refused(&self) -> BTreeSet<String> {
        locked(&self.refused).clone()
    }

    pub(super) fn mounts(&self) -> BTreeSet<String> {
        locked(&self.mounts).clone()
    }
}

impl Store {
    /// Lets this handle and its clones take from caches what the store does not have, the first cache first. What
    /// cannot be read is told to `warn` and passed over. May be said once.
    pub fn take_from(&self, places: &[Place], options: Options, warn: Warn) {
        let read = |place: &Place| -> Result<(Place, Config), CacheError> {
            let scratch = self.scratch()?;
            let staging = Store::open(&scratch.path().join("list"))?;
            Ok((place.clone(), place.read(&staging, &options)?))
        };
        let mut caches = Vec::new();
        for place in places {
            match read(place) {
                Ok(cache) => caches.push(cache),
                Err(error) => warn(format!("not used: {}", told(&error))),
            }
        }
        let sources = Sources {
            caches,
            options,
            warn,
        };
        // A second call would change what a build under way may use.
        let _ = self.ledger().sources.set(sources);
    }

    /// What was taken from caches so far.
    pub fn taken(&self) -> Taken {
        Taken {
            actions: self.ledger().taken_actions.load(Ordering::Relaxed),
            mounts: self.ledger().taken_mounts.load(Ordering::Relaxed),
        }
    }

    /// Takes note of the folder of a cache mount (`cache/<name>`) that a build uses.
    pub fn uses_mount(&self, name: &str) {
        locked(&self.ledger().mounts).insert(name.to_owned());
    }

    /// Fills the empty folder `into` with the cache mount `name`, if a cache has it. A mount that cannot be had leaves
    /// the folder empty and is told as a warning. True if it was filled.
    pub fn restore_mount(&self, name: &str, into: &Path) -> Result<bool, DiskError> {
        let Some(sources) = self.ledger().sources.get() else {
            return Ok(false);
        };
        for (place, config) in &sources.caches {
            let Some(mount) = config.mounts.get(name) else {
                continue;
            };
            match self.unpack_mount(place, mount, into, &sources.options) {
                Ok(()) => {
                    self.ledger().taken_mounts.fetch_add(1, Ordering::Relaxed);
                    return Ok(true);
                }
                Err(error) => {
                    (sources.warn)(format!(
                        "cannot take a cache mount from {place}: {}",
                        told(&error)
                    ));
                    remove_tree(into)?;
                    fs::create_dir(into).during("create folder", into)?;
                }
            }
        }
        Ok(false)
    }

    fn unpack_mount(
        &self,
        place: &Place,
        mount: &Mount,
        into: &Path,
        options: &Options,
    ) -> Result<(), CacheError> {
        let scratch = self.scratch()?;
        let staging = Store::open(&scratch.path().join("mount"))?;
        let blob = &mount.layer.blob;
        place.fetch(&staging, blob, options)?;
        let how = Unpack {
            devices: Devices::Refuse,
            ..Unpack::flat()
        };
        let found = layer::unpack(staging.open_blob(&blob.digest)?, into, &how)?.diff_id;
        if found == mount.layer.diff_id {
            return Ok(());
        }
        Err(CacheError::WrongMount {
            expected: mount.layer.diff_id.clone(),
            found,
        })
    }

    /// The record of an action from a cache, recorded here, with its blobs. What fails is told once and then a miss.
    pub(crate) fn bring_action(&self, key: &str) -> Option<Value> {
        let sources = self.ledger().sources.get()?;
        if locked(&self.ledger().refused).contains(key) {
            return None;
        }
        for (place, config) in &sources.caches {
            let Some(recorded) = config.actions.get(key) else {
                continue;
            };
            let bring = || -> Result<(), CacheError> {
                for blob in blobs_in(&recorded.record) {
                    if self.blob_size(&blob.digest) != Some(blob.size) {
                        place.fetch(self, &blob, &sources.options)?;
                    }
                }
                Ok(self.put_action(key, &recorded.record)?)
            };
            match bring() {
                Ok(()) => {
                    self.ledger().taken_actions.fetch_add(1, Ordering::Relaxed);
                    return Some(recorded.record.clone());
                }
                Err(error) => {
                    let first = locked(&self.ledger().refused).insert(key.to_owned());
                    if first {
                        (sources.warn)(format!(
                            "cannot take a step from {place}, it is done again: {}",
                            told(&error)
                        ));
                    }
                }
            }
        }
        None
    }

    /// Whether the store has every blob that a record names.
    pub(crate) fn has_blobs_of(&self, record: &Value) -> bool {
        blobs_in(record)
            .iter()
            .all(|blob| self.has_blob(&blob.digest))
    }
}

/// An error with its causes, in one line.
fn told(error: &CacheError) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
