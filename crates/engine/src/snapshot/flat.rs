//! Full copies of trees, for machines that do not let us mount.
//!
//! ```text
//! STORE/flat/<chain id>/    the whole file system, written once
//! ```
//! Copies share data where the file system can, and are never hard links: a build step may write in place.

use std::path::{Path, PathBuf};

use boatyard_store::layer;
use boatyard_store::{DiskError, Store};

use super::{SnapshotError, Tree};

fn place(store: &Store, tree: &Tree) -> PathBuf {
    store.root().join("flat").join(tree.chain_id().hex())
}

/// Fills the empty folder `to` with the whole of `tree`: from its flat form if there is one, else from its layers. A
/// tree that nothing is built on, such as a role's, thus never needs a flat form.
pub(super) fn fill(store: &Store, tree: &Tree, to: &Path) -> Result<(), SnapshotError> {
    let flat = place(store, tree);
    if flat.is_dir() {
        layer::flatten(&[flat], to)?;
    } else {
        layer::flatten(&tree.snapshots(store)?, to)?;
    }
    Ok(())
}

/// The folder with the whole of `tree`; makes it if it is missing.
pub(super) fn ensure(store: &Store, tree: &Tree) -> Result<PathBuf, SnapshotError> {
    let place = place(store, tree);
    if place.is_dir() {
        return Ok(place);
    }
    let scratch = store.scratch()?;
    let root = scratch.new_dir("flat")?;
    layer::flatten(&tree.snapshots(store)?, &root)?;
    keep(&root, &place)?;
    Ok(place)
}

/// Keeps a finished workspace as the flat form of `tree`.
pub(super) fn adopt(store: &Store, tree: &Tree, root: &Path) -> Result<(), SnapshotError> {
    keep(root, &place(store, tree))
}

/// Moves `root` to `place`; whoever came first has the same content.
fn keep(root: &Path, place: &Path) -> Result<(), SnapshotError> {
    if let Some(parent) = place.parent() {
        std::fs::create_dir_all(parent).map_err(|error| DiskError::new("make", parent, error))?;
    }
    match std::fs::rename(root, place) {
        Err(error) if !place.is_dir() => Err(DiskError::new("keep", place, error).into()),
        _ => Ok(()),
    }
}
