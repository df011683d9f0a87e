//! Images by name.

use boatyard_plan::failure::{Failure, Fault};
use boatyard_plan::image::Descriptor;
use boatyard_plan::reference::Reference;
use boatyard_store::Store;

use crate::stopped::Stopped;

/// What `reference` names in the store.
pub fn resolve(store: &Store, reference: &Reference) -> Result<Descriptor, Stopped> {
    store.resolve(reference)?.ok_or_else(|| {
        NoImage {
            reference: reference.clone(),
        }
        .into()
    })
}

/// The store has no such image.
#[derive(Debug, thiserror::Error)]
#[error("there is no image {reference}")]
pub(super) struct NoImage {
    pub(super) reference: Reference,
}

impl Failure for NoImage {
    fn fault(&self) -> Fault {
        Fault::User
    }

    fn help(&self) -> Option<String> {
        Some("\"boatyard image ls\" lists what there is".to_owned())
    }
}
