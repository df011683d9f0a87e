//! A cache in a folder. Many machines may write it and read it at once: what is there is replaced whole, under a lock.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use boatyard_plan::digest::Digest;
use boatyard_plan::image::{Descriptor, Index, Manifest, media};

use super::config::NAME;
use super::failure::CacheError;
use super::place::{blob_path, has_blob};
use crate::disk::{DiskError, During as _};
use crate::images::{REF_NAME, to_json};
use crate::remove::remove_tree;
use crate::store::Store;

/// A folder of which we are the only writer, until dropped.
pub(super) struct Folder<'a> {
    path: &'a Path,
    _lock: File,
}

impl<'a> Folder<'a> {
    /// Makes the folder if it is missing, and waits for other writers.
    pub(super) fn open(path: &'a Path) -> Result<Self, DiskError> {
        let blobs = path.join("blobs/sha256");
        fs::create_dir_all(&blobs).during("create folder", &blobs)?;
        let lock_path = path.join(".lock");
        let lock = File::create(&lock_path).during("open", &lock_path)?;
        lock.lock().during("lock", &lock_path)?;
        let folder = Self { path, _lock: lock };
        folder.put("oci-layout", b"{\"imageLayoutVersion\":\"1.0.0\"}")?;
        Ok(folder)
    }

    /// Copies the blobs of a manifest from `staging` that are missing here, or `doubtful`, then the manifest, then lets
    /// the index lead to it, then removes what nothing leads to any more. Gives the bytes that were written.
    pub(super) fn publish(
        &self,
        staging: &Store,
        manifest: &Descriptor,
        doubtful: &BTreeSet<Digest>,
    ) -> Result<u64, CacheError> {
        let found: Manifest = staging.read_json(&manifest.digest, "a manifest")?;
        let mut written = 0;
        let mut needed = BTreeSet::new();
        for blob in found.layers.iter().chain([&found.config, manifest]) {
            needed.insert(blob.digest.hex().to_owned());
            let stays = has_blob(self.path, blob)?
                && !(doubtful.contains(&blob.digest) && staging.has_blob(&blob.digest));
            if !stays {
                self.copy(staging, &blob.digest)?;
                written += blob.size;
            }
        }
        let mut named = manifest.clone();
        named
            .annotations
            .insert(REF_NAME.to_owned(), NAME.to_owned());
        let index = Index {
            schema_version: 2,
            media_type: Some(media::INDEX.to_owned()),
            manifests: vec![named],
            annotations: std::collections::BTreeMap::new(),
        };
        self.put("index.json", &to_json(&index))?;
        self.sweep(&needed)?;
        Ok(written)
    }

    fn copy(&self, staging: &Store, digest: &Digest) -> Result<(), CacheError> {
        let mut from = staging.open_blob(digest)?;
        let draft = self.draft();
        let mut file = File::create(&draft).during("create", &draft)?;
        std::io::copy(&mut from, &mut file).during("write", &draft)?;
        file.sync_all().during("write", &draft)?;
        let path = blob_path(self.path, digest);
        Ok(fs::rename(&draft, &path).during("rename to", &path)?)
    }

    /// Replaces a small file whole.
    fn put(&self, name: &str, bytes: &[u8]) -> Result<(), DiskError> {
        let draft = self.draft();
        fs::write(&draft, bytes).during("write", &draft)?;
        File::open(&draft)
            .and_then(|file| file.sync_all())
            .during("write", &draft)?;
        let path = self.path.join(name);
        fs::rename(&draft, &path).during("rename to", &path)
    }

    /// Where a file is written before it gets its name. One name is enough for the only writer, and what a killed one
    /// left there is written over.
    fn draft(&self) -> PathBuf {
        self.path.join(".draft")
    }

    /// Removes the blobs that are not needed. Readers that still want one of them do the step again.
    fn sweep(&self, needed: &BTreeSet<String>) -> Result<(), DiskError> {
        let blobs = self.path.join("blobs/sha256");
        for entry in fs::read_dir(&blobs).during("list", &blobs)? {
            let entry = entry.during("list", &blobs)?;
            let is_needed = entry
                .file_name()
                .to_str()
                .is_some_and(|name| needed.contains(name));
            if !is_needed {
                remove_tree(&entry.path())?;
            }
        }
        Ok(())
    }
}
