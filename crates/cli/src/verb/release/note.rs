//! The file in which scripts find what was built.

use std::path::Path;

use boatyard_plan::image::Descriptor;
use boatyard_plan::reference::Reference;
use boatyard_plan::release::Outcome;
use boatyard_store::Store;

use super::error::ReleaseWordsError as Error;
use crate::stopped::Stopped;

/// Writes name, digest and sizes of an image to `path`: JSON if it is called so, else YAML.
pub fn write(
    store: &Store,
    path: &Path,
    said: &str,
    manifest: &Descriptor,
    name: &Reference,
) -> Result<(), Stopped> {
    let read = store.manifest(manifest)?;
    let outcome = Outcome::new(said, name, manifest, &read);
    let is_json = path
        .extension()
        .is_some_and(|extension| extension == "json");
    let text = if is_json {
        outcome.json()
    } else {
        outcome.yaml()
    };
    std::fs::write(path, text).map_err(|source| {
        Error::Write {
            path: path.to_path_buf(),
            source,
        }
        .into()
    })
}
