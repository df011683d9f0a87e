//! Where a cache is: reading its list, and its blobs one by one.

use std::fmt;
use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use boatyard_plan::digest::Digest;
use boatyard_plan::image::{Descriptor, Index, Manifest};
use boatyard_plan::reference::Reference;

use super::config::{Config, MEDIA_TYPE, NAME};
use super::failure::CacheError;
use crate::disk::{DiskError, During as _};
use crate::images::REF_NAME;
use crate::registry::{self, Options, RegistryError};
use crate::store::Store;

/// Where a cache is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A folder, absolute.
    Folder(PathBuf),
    /// A name in a registry.
    Registry(Reference),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(path) => write!(f, "{}", path.display()),
            Self::Registry(reference) => write!(f, "{reference}"),
        }
    }
}

impl Place {
    /// What the cache holds. `scratch` takes what a registry sends.
    pub(super) fn read(&self, scratch: &Store, options: &Options) -> Result<Config, CacheError> {
        let bytes = match self {
            Self::Folder(folder) => self.config_in(folder)?,
            Self::Registry(reference) => {
                let found = registry::pull_manifest(scratch, reference, options);
                let manifest = found.map_err(|error| match error {
                    RegistryError::NotFound { .. } => self.absent(),
                    other => other.into(),
                })?;
                let manifest: Manifest = scratch
                    .read_json(&manifest.digest, "a manifest")
                    .map_err(|_| self.foreign())?;
                if manifest.config.media_type != MEDIA_TYPE {
                    return Err(self.foreign());
                }
                registry::pull_blob(scratch, reference, &manifest.config, options)?;
                scratch.read_blob(&manifest.config.digest)?
            }
        };
        Config::parse(&bytes, &self.to_string())
    }

    /// Brings a blob into `store`; anything but the promised bytes is refused.
    pub(super) fn fetch(
        &self,
        store: &Store,
        blob: &Descriptor,
        options: &Options,
    ) -> Result<(), CacheError> {
        match self {
            Self::Folder(folder) => {
                let path = blob_path(folder, &blob.digest);
                let file = File::open(&path).during("open", &path)?;
                store.import_blob(file, Some((&blob.digest, blob.size)))?;
            }
            Self::Registry(reference) => {
                registry::pull_blob(store, reference, blob, options)?;
            }
        }
        Ok(())
    }

    /// The configuration that a folder's index leads to, verified.
    fn config_in(&self, folder: &Path) -> Result<Vec<u8>, CacheError> {
        let index = folder.join("index.json");
        let bytes = match fs::read(&index) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Err(self.absent()),
            read => read.during("read", &index)?,
        };
        let index: Index = serde_json::from_slice(&bytes).map_err(|_| self.foreign())?;
        let [manifest] = &index.manifests[..] else {
            return Err(self.foreign());
        };
        if manifest.annotations.get(REF_NAME).map(String::as_str) != Some(NAME) {
            return Err(self.foreign());
        }
        let manifest = self.verified(folder, &manifest.digest)?;
        let manifest: Manifest = serde_json::from_slice(&manifest)
            .map_err(|_| self.wrong("its manifest makes no sense"))?;
        self.verified(folder, &manifest.config.digest)
    }

    fn verified(&self, folder: &Path, digest: &Digest) -> Result<Vec<u8>, CacheError> {
        let path = blob_path(folder, digest);
        let bytes = fs::read(&path).during("read", &path)?;
        if Digest::of(&bytes) == *digest {
            Ok(bytes)
        } else {
            Err(self.wrong("a blob is not what its name says"))
        }
    }

    fn absent(&self) -> CacheError {
        CacheError::Absent {
            place: self.to_string(),
        }
    }

    fn foreign(&self) -> CacheError {
        CacheError::Foreign {
            place: self.to_string(),
        }
    }

    fn wrong(&self, problem: &'static str) -> CacheError {
        CacheError::Damaged {
            place: self.to_string(),
            problem,
        }
    }
}

/// Where a blob is in a folder.
pub(super) fn blob_path(folder: &Path, digest: &Digest) -> PathBuf {
    folder.join("blobs/sha256").join(digest.hex())
}

/// Whether a folder has a blob, by its size.
pub(super) fn has_blob(folder: &Path, blob: &Descriptor) -> Result<bool, DiskError> {
    let path = blob_path(folder, &blob.digest);
    match fs::metadata(&path) {
        Ok(found) => Ok(found.len() == blob.size),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(DiskError::new("read", &path, error)),
    }
}
