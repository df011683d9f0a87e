//! What can go wrong with an image that somebody saved.

use std::path::PathBuf;

use boatyard_plan::digest::Digest;
use boatyard_plan::failure::{Failure, Fault};

use crate::disk::DiskError;
use crate::failure::StoreError;
use crate::layer::LayerError;

/// A saved image cannot be taken into the store.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// A file operation failed.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// The store refused something.
    #[error("cannot import {}", path.display())]
    Store {
        /// The folder or archive.
        path: PathBuf,
        /// Why.
        source: StoreError,
    },
    /// The archive cannot be unpacked.
    #[error("cannot import {}", path.display())]
    Archive {
        /// The archive.
        path: PathBuf,
        /// Why.
        source: LayerError,
    },
    /// It is something else.
    #[error("{} is not an image: neither an OCI layout nor what \"docker save\" writes", path.display())]
    NotAnImage {
        /// The folder or archive.
        path: PathBuf,
    },
    /// A list in it makes no sense.
    #[error("{} in {} makes no sense", file.display(), path.display())]
    Malformed {
        /// The folder or archive.
        path: PathBuf,
        /// The file in it.
        file: PathBuf,
        /// Where it stops making sense.
        source: serde_json::Error,
    },
    /// A list names a file that is not there or lies elsewhere.
    #[error("{} names {file:?}, which it does not have", path.display())]
    MissingFile {
        /// The folder or archive.
        path: PathBuf,
        /// The name.
        file: String,
    },
    /// It holds none or several images, and no name was given.
    #[error("{} holds {count} images ({names}); which one", path.display())]
    Several {
        /// The folder or archive.
        path: PathBuf,
        /// How many.
        count: usize,
        /// Their names, separated by commas.
        names: String,
    },
    /// It holds no image with this name.
    #[error("{} has no image {name:?}; it has {names}", path.display())]
    NoSuchName {
        /// The folder or archive.
        path: PathBuf,
        /// The name asked for.
        name: String,
        /// Names it has, separated by commas.
        names: String,
    },
    /// A layer is not the one that the configuration names.
    #[error("a layer in {} is {found}, its configuration says {expected}", path.display())]
    WrongLayer {
        /// The folder or archive.
        path: PathBuf,
        /// In the configuration.
        expected: Digest,
        /// The layer.
        found: Digest,
    },
}

impl Failure for ImportError {
    fn fault(&self) -> Fault {
        match self {
            Self::Disk(error) => error.fault(),
            Self::Store { source, .. } => source.fault(),
            Self::Archive { source, .. } => source.fault(),
            Self::NotAnImage { .. } | Self::Several { .. } | Self::NoSuchName { .. } => Fault::User,
            Self::Malformed { .. } | Self::MissingFile { .. } | Self::WrongLayer { .. } => {
                Fault::Refused
            }
        }
    }

    fn help(&self) -> Option<String> {
        match self {
            Self::Disk(error) => error.help(),
            Self::Store { source, .. } => source.help(),
            Self::Archive { source, .. } => source.help(),
            Self::NotAnImage { .. } => Some(
                "give a folder with the file oci-layout, or an archive made by \"boatyard image save\", \"skopeo copy\" or \"docker save\""
                    .to_owned(),
            ),
            Self::Several { path, .. } | Self::NoSuchName { path, .. } => Some(format!(
                "write its name after the path: {}:NAME",
                path.display()
            )),
            Self::Malformed { .. } | Self::MissingFile { .. } | Self::WrongLayer { .. } => {
                Some("save the image again; this copy is damaged".to_owned())
            }
        }
    }
}
