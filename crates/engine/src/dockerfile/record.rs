//! What the store remembers of an instruction.

use boatyard_store::layer::Layer;
use serde::{Deserialize, Serialize};

use crate::build::Bench;
use crate::snapshot::Tree;

/// What the store remembers of an instruction.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Record {
    /// Its layer; none if nothing had to be done.
    pub(super) layer: Option<Layer>,
    /// What it is dated to, seconds since 1970.
    pub(super) epoch: i64,
}

impl Record {
    /// Whether its layer is still there.
    pub(super) fn is_whole(&self, bench: &Bench<'_>) -> bool {
        let layer = self.layer.as_ref();
        layer.is_none_or(|layer| bench.store.has_blob(&layer.blob.digest))
    }

    /// The tree with what it made.
    pub(super) fn on(&self, parent: &Tree) -> Tree {
        let tree = match &self.layer {
            Some(layer) => parent.with(layer.clone()),
            None => parent.clone(),
        };
        Tree {
            epoch: self.epoch.max(parent.epoch),
            ..tree
        }
    }
}
