//! An OCI image layout on disk.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use boatyard_plan::digest::Digest;
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
    let top = source.beside(&top, &manifest)?;
    Ok(Imported {
        manifest,
        top,
        names,
    })
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

    /// Takes in what the index `top` says about `image`; gives an index of both, or the image if nothing is said.
    fn beside(&self, top: &Descriptor, image: &Descriptor) -> Result<Descriptor, ImportError> {
        let failed = |source| self.failed(source);
        let mut statements = self.store.statements(top, image).map_err(failed)?;
        // Who copies one image out of a layout may have left them there.
        statements.retain(|entry| self.place(&entry.digest).is_file());
        if statements.is_empty() {
            return Ok(image.clone());
        }
        for entry in &statements {
            self.blob(entry)?;
            let manifest: Manifest = self
                .store
                .read_json(&entry.digest, "a manifest of statements")
                .map_err(failed)?;
            self.blob(&manifest.config)?;
            for layer in &manifest.layers {
                self.blob(layer)?;
            }
        }
        self.store.beside(top, image, &statements).map_err(failed)
    }

    /// Where a blob is in the layout.
    fn place(&self, digest: &Digest) -> PathBuf {
        self.folder.join("blobs/sha256").join(digest.hex())
    }

    fn blob(&self, descriptor: &Descriptor) -> Result<(), ImportError> {
        if self.store.blob_size(&descriptor.digest) == Some(descriptor.size) {
            return Ok(());
        }
        let path = self.place(&descriptor.digest);
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
