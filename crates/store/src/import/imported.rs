//! From a path to an image in the store, whatever kind of folder or archive it is.

use std::fs::File;
use std::path::Path;

use boatyard_plan::image::Descriptor;

use super::failure::ImportError;
use super::{docker, layout};
use crate::disk::During as _;
use crate::layer::{self, Devices, Owners, Unpack};
use crate::store::Store;

/// An image that is in the store now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// Its manifest, for this machine's platform.
    pub manifest: Descriptor,
    /// What a name should name: the manifest, or an index of it and what is said about it.
    pub top: Descriptor,
    /// What it is called where it came from, as it is written there.
    pub names: Vec<String>,
}

/// Imports the image `name`, or the only one, from a folder or an archive of any of the kinds above. Everything is
/// verified against its digest; of an index the image for this machine is taken. Nothing is tagged.
pub fn path(store: &Store, path: &Path, name: Option<&str>) -> Result<Imported, ImportError> {
    let metadata = std::fs::metadata(path).during("read", path)?;
    if metadata.is_dir() {
        return folder(store, path, path, name);
    }
    let failed = |source| ImportError::Store {
        path: path.to_path_buf(),
        source,
    };
    let scratch = store.scratch().map_err(failed)?;
    let archive = File::open(path).during("open", path)?;
    let how = Unpack {
        owners: Owners::Ours,
        devices: Devices::Refuse,
        ..Unpack::flat()
    };
    layer::unpack(archive, scratch.path(), &how).map_err(|source| match source {
        // Not even the beginning of an archive.
        layer::LayerError::Malformed { at: 0, .. } => ImportError::NotAnImage {
            path: path.to_path_buf(),
        },
        source => ImportError::Archive {
            path: path.to_path_buf(),
            source,
        },
    })?;
    folder(store, scratch.path(), path, name)
}

/// Imports from `folder`; messages speak of `path`.
fn folder(
    store: &Store,
    folder: &Path,
    path: &Path,
    name: Option<&str>,
) -> Result<Imported, ImportError> {
    // Newer versions of docker save write both.
    if folder.join("oci-layout").is_file() && folder.join("index.json").is_file() {
        layout::import(store, folder, path, name)
    } else if folder.join("manifest.json").is_file() {
        docker::import(store, folder, path, name)
    } else {
        Err(ImportError::NotAnImage {
            path: path.to_path_buf(),
        })
    }
}

/// Picks one of several images by their names.
pub(super) fn pick<T>(
    images: Vec<(Vec<String>, T)>,
    path: &Path,
    name: Option<&str>,
) -> Result<(Vec<String>, T), ImportError> {
    let count = images.len();
    let names = images
        .iter()
        .flat_map(|(names, _)| names.iter().map(String::as_str))
        .collect::<Vec<_>>()
        .join(", ");
    let path = path.to_path_buf();
    let mut fitting = images
        .into_iter()
        .filter(|(names, _)| name.is_none_or(|name| names.iter().any(|known| known == name)));
    match (fitting.next(), fitting.next(), name) {
        (Some(found), None, _) | (Some(found), _, Some(_)) => Ok(found),
        (None, _, Some(name)) => Err(ImportError::NoSuchName {
            path,
            name: name.to_owned(),
            names,
        }),
        _ => Err(ImportError::Several { path, count, names }),
    }
}
