//! What `docker save` writes.
//!
//! ```text
//! manifest.json   [{"Config":"<hex>.json","RepoTags":["app:latest"],"Layers":["<id>/layer.tar",...]}]
//! ```
//! Layers are plain tars; a layer that occurs twice may be a symbolic link to the other.

use std::fs::{self, File};
use std::io::{BufReader, Read as _};
use std::path::{Path, PathBuf};

use boatyard_plan::digest::Digest;
use boatyard_plan::image::{ImageConfig, media};
use serde::Deserialize;
use sha2::Digest as _;

use super::failure::ImportError;
use super::imported::{Imported, pick};
use crate::disk::During as _;
use crate::images::plain_descriptor;
use crate::layer;
use crate::store::Store;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Saved {
    config: String,
    repo_tags: Option<Vec<String>>,
    layers: Vec<String>,
}

pub(super) fn import(
    store: &Store,
    folder: &Path,
    path: &Path,
    name: Option<&str>,
) -> Result<Imported, ImportError> {
    let list = folder.join("manifest.json");
    let bytes = fs::read(&list).during("read", &list)?;
    let saved: Vec<Saved> =
        serde_json::from_slice(&bytes).map_err(|source| ImportError::Malformed {
            path: path.to_path_buf(),
            file: "manifest.json".into(),
            source,
        })?;
    let images = saved
        .into_iter()
        .map(|image| (image.repo_tags.clone().unwrap_or_default(), image));
    let (names, image) = pick(images.collect(), path, name)?;
    let failed = |source| ImportError::Store {
        path: path.to_path_buf(),
        source,
    };

    let config_path = inside(folder, path, &image.config)?;
    let config_bytes = fs::read(&config_path).during("read", &config_path)?;
    let digest = store.put_blob(&config_bytes).map_err(failed)?;
    let config: ImageConfig = store
        .read_json(&digest, "an image configuration")
        .map_err(failed)?;
    if config.rootfs.diff_ids.len() != image.layers.len() {
        return Err(failed(crate::StoreError::LayerCount {
            manifest: image.layers.len(),
            config: config.rootfs.diff_ids.len(),
        }));
    }
    let mut layers = Vec::new();
    for (expected, file) in config.rootfs.diff_ids.iter().zip(&image.layers) {
        let file = inside(folder, path, file)?;
        let (found, media_type) = examine(&file)?;
        if found != *expected {
            return Err(ImportError::WrongLayer {
                path: path.to_path_buf(),
                expected: expected.clone(),
                found,
            });
        }
        let opened = File::open(&file).during("open", &file)?;
        let (digest, size) = store.import_blob(opened, None).map_err(failed)?;
        layers.push(plain_descriptor(media_type, digest, size));
    }
    let config = plain_descriptor(media::CONFIG, digest, config_bytes.len() as u64);
    let manifest = store.put_manifest(config, layers).map_err(failed)?;
    let top = manifest.clone();
    Ok(Imported {
        manifest,
        top,
        names,
    })
}

/// The file `name` in `folder`, links followed, if it is in there.
fn inside(folder: &Path, path: &Path, name: &str) -> Result<PathBuf, ImportError> {
    let missing = || ImportError::MissingFile {
        path: path.to_path_buf(),
        file: name.to_owned(),
    };
    let root = folder.canonicalize().during("read", folder)?;
    let file = root.join(name).canonicalize().map_err(|_| missing())?;
    if file.starts_with(&root) && file.is_file() {
        Ok(file)
    } else {
        Err(missing())
    }
}

/// The digest of a layer once unpacked, and what it is as it stands.
fn examine(file: &Path) -> Result<(Digest, &'static str), ImportError> {
    let mut start = [0; 4];
    let opened = File::open(file).during("open", file)?;
    let length = rustix::io::pread(&opened, &mut start, 0).during("read", file)?;
    let media_type = match &start[..length] {
        [0x1f, 0x8b, ..] => media::LAYER_GZIP,
        [0x28, 0xb5, 0x2f, 0xfd] => media::LAYER_ZSTD,
        _ => media::LAYER_TAR,
    };
    let mut plain = layer::plain(BufReader::new(opened)).during("read", file)?;
    let mut hash = sha2::Sha256::new();
    let mut chunk = vec![0; 1 << 18];
    loop {
        match plain.read(&mut chunk).during("read", file)? {
            0 => return Ok((Digest::from_hash(&hash.finalize()), media_type)),
            count => hash.update(&chunk[..count]),
        }
    }
}
