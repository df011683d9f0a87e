//! Why an image cannot be put on another base.

use boatyard_plan::digest::Digest;
use boatyard_plan::failure::{Failure, Fault};
use boatyard_plan::reference::Reference;

use crate::failure::StoreError;

/// An image cannot be put on another base.
#[derive(Debug, thiserror::Error)]
pub enum RebaseError {
    /// The store refused something.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Nothing tells which base the image was built on.
    #[error("cannot tell which base the image is built on: no {onto} in the store is below it")]
    UnknownBase {
        /// The new base's name, without tag.
        onto: String,
    },
    /// The image does not start with the layers of the old base.
    #[error(
        "the image is not built on that base: its layer {layer} of {layers} is {found}, the base's is {expected}"
    )]
    NotOnBase {
        /// Which layer differs first, from 1.
        layer: usize,
        /// How many the base has.
        layers: usize,
        /// What the image has there, or `nothing`.
        found: String,
        /// What the base has there, unpacked.
        expected: Digest,
    },
    /// Two of the three are for different machines.
    #[error("the image is for {image}, the new base for {base}")]
    OtherPlatform {
        /// System and architecture.
        image: String,
        /// System and architecture.
        base: String,
    },
}

impl RebaseError {
    /// No base was found by itself.
    pub(super) fn unknown(onto: &Reference) -> Self {
        let registry = onto.registry.as_ref();
        let registry = registry.map_or(String::new(), |registry| format!("{registry}/"));
        Self::UnknownBase {
            onto: format!("{registry}{}", onto.repository),
        }
    }
}

impl Failure for RebaseError {
    fn fault(&self) -> Fault {
        match self {
            Self::Store(error) => error.fault(),
            _ => Fault::User,
        }
    }

    fn help(&self) -> Option<String> {
        let help = match self {
            Self::Store(error) => return error.help(),
            Self::UnknownBase { .. } => {
                "name the base that it was built on: --from NAME, or --from NAME@sha256:... if the name has moved on"
            }
            Self::NotOnBase { .. } => {
                "name the very base that it was built on with --from, by its digest if the name has moved on; or build again"
            }
            Self::OtherPlatform { .. } => "pull the base for that platform: --platform",
        };
        Some(help.to_owned())
    }
}
