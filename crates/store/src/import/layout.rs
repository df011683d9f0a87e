//! An OCI image layout on disk.

use std::fs::{self, File};
use std::path::Path;

use boatyard_plan::image::{Descriptor, Index, Manifest};

use super::failure::ImportError;
use super::imported::{Imported, pick};
use crate::disk::During as _;
use crate::images::{REF_NAME, host_platform};
use crate::store::Store;

/// Where containerd and newer docker put the whole name.
const CONTAINERD_NAME: &str = "io.containerd.image.name";

pub(super) fn import(
    store: &Store,
    folder: &Path,
    path: &Path,
    name: Option<&str>,
) -> Result<Imported, ImportError> {
    let index_path = folder.join("index.json");
    let bytes = fs::read(&index_path).during("read", &index_path)?;
    let index: Index = serde_json::from_slice(&bytes).map_err(|source| ImportError::Malformed {
        path: path.to_path_buf(),
        file: "index.json".into(),
        source,
    })?;
    let images = index.manifests.into_iter().map(|mut manifest| {
        let names = [CONTAINERD_NAME, REF_NAME]
            .iter()
            .filter_map(|key| manifest.annotations.remove(*key))
            .collect();
        (names, manifest)
    });
    let (names, top) = pick(images.collect(), path, name)?;
    let source = Source {
        store,
        folder,
        path,
    };
    let manifest = source.image(&top)?;
    Ok(Imported { manifest, names })
}

struct Source<'a> {
    store: &'a Store,
    folder: &'a Path,
    path: &'a Path,
}

impl Source<'_> {
    /// Takes in the image at `top`, through indexes; gives its manifest.
    fn image(&self, top: &Descriptor) -> Result<Descriptor, ImportError> {
        let mut current = top.clone();
        loop {
            self.blob(&current)?;
            // Follows one step: the next index or manifest is not in the store yet.
            let selected = self.store.select_step(&current, &host_platform());
            match selected.map_err(|source| self.failed(source))? {
                Some(next) => current = next,
                None => break,
            }
        }
        let manifest: Manifest = self
            .store
            .read_json(&current.digest, "an image manifest")
            .map_err(|source| self.failed(source))?;
        self.blob(&manifest.config)?;
        for layer in &manifest.layers {
            self.blob(layer)?;
        }
        Ok(current)
    }

    fn blob(&self, descriptor: &Descriptor) -> Result<(), ImportError> {
        if self.store.blob_size(&descriptor.digest) == Some(descriptor.size) {
            return Ok(());
        }
        let path = self
            .folder
            .join("blobs/sha256")
            .join(descriptor.digest.hex());
        let file = match File::open(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(ImportError::MissingFile {
                    path: self.path.to_path_buf(),
                    file: format!("blobs/sha256/{}", descriptor.digest.hex()),
                });
            }
            other => other.during("open", &path)?,
        };
        self.store
            .import_blob(file, Some((&descriptor.digest, descriptor.size)))
            .map_err(|source| self.failed(source))?;
        Ok(())
    }

    fn failed(&self, source: crate::failure::StoreError) -> ImportError {
        ImportError::Store {
            path: self.path.to_path_buf(),
            source,
        }
    }
}
