//! What a build used and made, to where other machines find it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::time::{SystemTime, UNIX_EPOCH};

use boatyard_plan::digest::Digest;
use boatyard_plan::image::{Descriptor, Manifest};

use super::config::{Config, MEDIA_TYPE, Mount, Recorded, blobs_in};
use super::failure::CacheError;
use super::folder::Folder;
use super::place::{Place, has_blob};
use crate::disk::During as _;
use crate::images::{plain_descriptor, to_json};
use crate::layer;
use crate::registry::{self, Options};
use crate::store::Store;

/// What was not used for so long is not carried on: 14 days, in seconds.
const CARRIED_SECS: u64 = 14 * 24 * 60 * 60;

/// Where a cache is written, and what goes into it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Where.
    pub place: Place,
    /// Which steps.
    pub mode: Mode,
    /// Whether cache mounts go with them.
    pub mounts: bool,
    /// At most so many bytes of blobs: this build's steps before older ones, these before cache mounts.
    pub max_bytes: Option<u64>,
}

/// Which steps go into a cache.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Those whose layers are in the images that were built.
    Min,
    /// All.
    #[default]
    Max,
}

/// What was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exported {
    /// Records of actions in the cache.
    pub actions: usize,
    /// Cache mounts in the cache.
    pub mounts: usize,
    /// Bytes of all its blobs.
    pub bytes: u64,
    /// Records and cache mounts that were left out because the cache would have become too large, or because a mount was
    /// in use.
    pub left_out: usize,
}

/// Writes what this handle of the store used and made since it was opened to `target`. What others wrote there and used
/// in the last 14 days stays. `images` are the manifests that were built; `now` dates what was used.
///
/// Nobody sees a half: what leads to the new blobs is replaced last. Fails with [`CacheError::Newer`] or
/// [`CacheError::Foreign`] rather than writing over what a newer program or another one wrote; a damaged cache is replaced.
pub fn export(
    store: &Store,
    images: &[Descriptor],
    target: &Target,
    now: SystemTime,
    options: &Options,
) -> Result<Exported, CacheError> {
    let scratch = store.scratch()?;
    let staging = Store::open(&scratch.path().join("export"))?;
    let folder = match &target.place {
        Place::Folder(path) => Some(Folder::open(path)?),
        Place::Registry(_) => None,
    };
    let old = match target.place.read(&staging, options) {
        Ok(old) => old,
        Err(
            error @ (CacheError::Newer { .. }
            | CacheError::Foreign { .. }
            | CacheError::Registry(_)),
        ) => return Err(error),
        Err(_) => Config::default(),
    };
    let mut gathered = Gathered {
        store,
        staging: &staging,
        target,
        now: now
            .duration_since(UNIX_EPOCH)
            .map_or(0, |age| age.as_secs()),
        config: Config::default(),
        seen: BTreeSet::new(),
        bytes: 0,
        left_out: 0,
    };
    gathered.own(images)?;
    gathered.old(&old)?;
    if target.mounts {
        gathered.mounts(&old)?;
    }
    let Gathered {
        config,
        bytes,
        left_out,
        ..
    } = gathered;
    let manifest = manifest(&staging, &config)?;
    match (&folder, &target.place) {
        (Some(folder), _) => {
            let doubtful = doubtful(store, &config);
            folder.publish(&staging, &manifest, &doubtful)?;
        }
        (None, Place::Registry(reference)) => {
            registry::push(&staging, &manifest, reference, options, &|_| {})?;
        }
        (None, Place::Folder(_)) => {}
    }
    Ok(Exported {
        actions: config.actions.len(),
        mounts: config.mounts.len(),
        bytes,
        left_out,
    })
}

/// Blobs that a cache could not give: they are written again.
fn doubtful(store: &Store, config: &Config) -> BTreeSet<Digest> {
    let refused = store.ledger().refused();
    let records = refused.iter().filter_map(|key| config.actions.get(key));
    records
        .flat_map(|recorded| blobs_in(&recorded.record))
        .map(|blob| blob.digest)
        .collect()
}

fn manifest(staging: &Store, config: &Config) -> Result<Descriptor, CacheError> {
    let bytes = to_json(config);
    let digest = staging.put_blob(&bytes)?;
    let described = plain_descriptor(MEDIA_TYPE, digest, bytes.len() as u64);
    Ok(staging.put_manifest(described, config.blobs())?)
}

/// A cache that is being put together.
struct Gathered<'a> {
    store: &'a Store,
    staging: &'a Store,
    target: &'a Target,
    now: u64,
    config: Config,
    seen: BTreeSet<Digest>,
    bytes: u64,
    left_out: usize,
}

impl Gathered<'_> {
    /// What this handle used and made.
    fn own(&mut self, images: &[Descriptor]) -> Result<(), CacheError> {
        let wanted = match self.target.mode {
            Mode::Max => None,
            Mode::Min => Some(layers_of(self.store, images)?),
        };
        for key in self.store.ledger().used() {
            let Some(record) = self.store.recorded::<serde_json::Value>(&key) else {
                continue;
            };
            let blobs = blobs_in(&record);
            let is_wanted = wanted.as_ref().is_none_or(|wanted| {
                let mut blobs = blobs.iter();
                blobs.all(|blob| wanted.contains(&blob.digest))
            });
            if !is_wanted || !self.store.has_blobs_of(&record) {
                continue;
            }
            if self.add(&blobs) {
                for blob in &blobs {
                    self.link(&blob.digest)?;
                }
                let used = self.now;
                let recorded = Recorded { used, record };
                self.config.actions.insert(key, recorded);
            }
        }
        Ok(())
    }

    /// What others wrote and nobody forgot.
    fn old(&mut self, old: &Config) -> Result<(), CacheError> {
        let mut records: Vec<_> = old.actions.iter().collect();
        records.sort_by_key(|(_, recorded)| std::cmp::Reverse(recorded.used));
        for (key, recorded) in records {
            let is_known = self.config.actions.contains_key(key);
            let blobs = blobs_in(&recorded.record);
            if !is_known && self.stays(recorded.used, &blobs)? && self.add(&blobs) {
                self.config.actions.insert(key.clone(), recorded.clone());
            }
        }
        Ok(())
    }

    /// The cache mounts that were used, then those of others.
    fn mounts(&mut self, old: &Config) -> Result<(), CacheError> {
        let mut mounts = BTreeMap::new();
        for name in self.store.ledger().mounts() {
            match self.pack(&name) {
                Ok(Some(mount)) => {
                    mounts.insert(name, mount);
                }
                // In use, too large, or changed while it was read: the next build has another chance.
                Ok(None) | Err(CacheError::Layer(_)) => self.left_out += 1,
                Err(error) => return Err(error),
            }
        }
        for (name, mount) in &old.mounts {
            let blob = std::slice::from_ref(&mount.layer.blob);
            if !mounts.contains_key(name) && self.stays(mount.used, blob)? {
                mounts.insert(name.clone(), mount.clone());
            }
        }
        for (name, mount) in mounts {
            if self.add(std::slice::from_ref(&mount.layer.blob)) {
                self.config.mounts.insert(name, mount);
            }
        }
        Ok(())
    }

    /// Packs a cache mount as one layer, unless it is in use or cannot fit.
    fn pack(&self, name: &str) -> Result<Option<Mount>, CacheError> {
        let folder = self.store.root().join("cache").join(name);
        let lock_path = folder.with_extension("lock");
        let lock = File::create(&lock_path).during("open", &lock_path)?;
        if lock.try_lock_shared().is_err() || !folder.is_dir() {
            return Ok(None);
        }
        let entries = layer::walk_tree(&folder)?;
        let layer = layer::write(self.staging, entries, &layer::Options::default())?;
        Ok(Some(Mount {
            used: self.now,
            layer,
        }))
    }

    /// Whether what others wrote is carried on.
    fn stays(&self, used: u64, blobs: &[Descriptor]) -> Result<bool, CacheError> {
        let mut is_there = true;
        if let Place::Folder(folder) = &self.target.place {
            for blob in blobs {
                is_there &= has_blob(folder, blob)?;
            }
        }
        Ok(is_there && self.now.saturating_sub(used) <= CARRIED_SECS)
    }

    /// Counts blobs in, if they fit.
    fn add(&mut self, blobs: &[Descriptor]) -> bool {
        let new = blobs
            .iter()
            .filter(|blob| !self.seen.contains(&blob.digest));
        let bytes = self.bytes + new.map(|blob| blob.size).sum::<u64>();
        if self.target.max_bytes.is_some_and(|most| bytes > most) {
            self.left_out += 1;
            return false;
        }
        self.bytes = bytes;
        self.seen
            .extend(blobs.iter().map(|blob| blob.digest.clone()));
        true
    }

    /// Lets the staging store have a blob without copying it.
    fn link(&self, digest: &Digest) -> Result<(), CacheError> {
        let to = self.staging.blob_path(digest);
        match fs::hard_link(self.store.blob_path(digest), &to) {
            Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
                Err(error).during("link", &to).map_err(CacheError::from)
            }
            _ => Ok(()),
        }
    }
}

/// The layers of all images.
fn layers_of(store: &Store, images: &[Descriptor]) -> Result<BTreeSet<Digest>, CacheError> {
    let mut found = BTreeSet::new();
    for image in images {
        let manifest: Manifest = store.manifest(image)?;
        found.extend(manifest.layers.into_iter().map(|layer| layer.digest));
    }
    Ok(found)
}
