//! A stack of layers, and a look into it without mounting it.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use boatyard_plan::digest::Digest;
use boatyard_store::layer::Layer;
use boatyard_store::{DiskError, Store, StoreError};
use serde::Serialize;

use super::Stack;

/// A file system as a stack of layers, lowest first, and the moment its content is dated to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    /// Layers, lowest first.
    pub layers: Vec<Layer>,
    /// Seconds since 1970 that later layers without sources of their own are dated to.
    pub epoch: i64,
}

/// A folder on the way to a path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Above {
    /// Absolute, links followed.
    #[serde(serialize_with = "crate::build::named")]
    pub path: PathBuf,
    /// Permissions; 0755 if it is missing.
    pub mode: u32,
    /// Owner; root if it is missing.
    pub uid: u32,
    /// Group; root if it is missing.
    pub gid: u32,
}

impl Tree {
    /// This tree with one more layer.
    #[must_use]
    pub fn with(&self, layer: Layer) -> Self {
        let mut layers = self.layers.clone();
        layers.push(layer);
        Self {
            layers,
            epoch: self.epoch,
        }
    }

    /// Identifies the content: a digest over the layers' diff ids, as OCI's chain id.
    pub fn chain_id(&self) -> Digest {
        let mut text = String::new();
        for layer in &self.layers {
            text.push_str(layer.diff_id.hex());
            text.push('\n');
        }
        Digest::of(text.as_bytes())
    }

    /// The unpacked folder of each layer, lowest first; unpacks those that are missing.
    pub fn snapshots(&self, store: &Store) -> Result<Vec<PathBuf>, StoreError> {
        self.layers
            .iter()
            .map(|layer| store.ensure_snapshot(layer))
            .collect()
    }

    /// A look into the tree; unpacks the layers that are missing.
    pub(crate) fn stack(&self, store: &Store) -> Result<Stack, StoreError> {
        Stack::snapshots(store, &self.snapshots(store)?)
    }

    /// Reads the file at the absolute `path`, following links inside the tree. `None` if there is no such file.
    pub fn read(&self, store: &Store, path: &Path) -> Result<Option<Vec<u8>>, StoreError> {
        let stack = self.stack(store)?;
        match stack.look(&stack.resolve(path)?)? {
            Some(found) if found.metadata.is_file() => std::fs::read(&found.at)
                .map(Some)
                .map_err(|source| DiskError::new("read", &found.at, source).into()),
            _ => Ok(None),
        }
    }

    /// Where the absolute `path` really is once the tree's links are followed, and every folder on the way there, itself
    /// included if it is one or is missing, outermost first. A layer that holds something below needs them all: it
    /// would hide the modes of those that it leaves out.
    pub fn destination(
        &self,
        store: &Store,
        path: &Path,
    ) -> Result<(PathBuf, Vec<Above>), StoreError> {
        let stack = self.stack(store)?;
        let resolved = stack.resolve(path)?;
        let mut above = Vec::new();
        for at in resolved.ancestors().filter(|at| at.parent().is_some()) {
            let (mode, uid, gid) = match stack.look(at)?.map(|found| found.metadata) {
                Some(meta) if meta.is_dir() => (meta.mode() & 0o7777, meta.uid(), meta.gid()),
                Some(_) => continue,
                None => (0o755, 0, 0),
            };
            above.push(Above {
                path: at.to_path_buf(),
                mode,
                uid,
                gid,
            });
        }
        above.reverse();
        Ok((resolved, above))
    }

    /// Whether the absolute `path` exists once links are followed.
    pub fn exists(&self, store: &Store, path: &Path) -> Result<bool, StoreError> {
        let stack = self.stack(store)?;
        Ok(stack.look(&stack.resolve(path)?)?.is_some())
    }
}
