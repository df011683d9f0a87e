//! What can go wrong with the store.

use std::io;
use std::path::PathBuf;

use boatyard_plan::digest::Digest;
use boatyard_plan::failure::{Failure, Fault};

use crate::disk::DiskError;
use crate::layer::LayerError;

/// The store cannot do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A file operation failed.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// A blob that something points at is not there.
    #[error("blob {digest} is not in the store")]
    MissingBlob {
        /// The blob.
        digest: Digest,
    },
    /// The bytes on disk are not those that were stored.
    #[error("blob {expected} in the store is damaged: its content is {found}")]
    DamagedBlob {
        /// What its name says.
        expected: Digest,
        /// What its content is.
        found: Digest,
    },
    /// What came in is not what was promised.
    #[error(
        "expected {expected} with {expected_size} bytes, received {found} with {found_size} bytes"
    )]
    NotAsPromised {
        /// Promised digest.
        expected: Digest,
        /// Promised size, bytes.
        expected_size: u64,
        /// Digest of what came.
        found: Digest,
        /// Size of what came, bytes; reading stops one byte past the promise.
        found_size: u64,
    },
    /// The source of a blob broke off.
    #[error("cannot read the bytes of a blob that comes in")]
    Incoming {
        /// What it said.
        source: io::Error,
    },
    /// A blob does not hold what it should.
    #[error("{digest} is not {expected}")]
    MalformedBlob {
        /// The blob.
        digest: Digest,
        /// What it should be, with its article.
        expected: &'static str,
        /// Where it stops making sense.
        source: serde_json::Error,
    },
    /// A file of the store's own makes no sense.
    #[error("{} makes no sense", path.display())]
    MalformedFile {
        /// The file.
        path: PathBuf,
        /// Where it stops making sense.
        source: serde_json::Error,
    },
    /// A descriptor points at something that is neither a manifest nor an index.
    #[error("{digest} is {media_type}, not an image")]
    NotAnImage {
        /// The blob.
        digest: Digest,
        /// What its descriptor says it is.
        media_type: String,
    },
    /// An index has nothing for this platform.
    #[error("{digest} has no image for {wanted}; it has {offered}")]
    NoPlatform {
        /// The index.
        digest: Digest,
        /// The platform looked for.
        wanted: String,
        /// What there is, separated by commas.
        offered: String,
    },
    /// A configuration has fewer or more layers than its manifest.
    #[error("manifest has {manifest} layers, its configuration {config}")]
    LayerCount {
        /// In the manifest.
        manifest: usize,
        /// In the configuration.
        config: usize,
    },
    /// An action key that cannot be a file name.
    #[error(
        "{key:?} is not an action key; expected 3 to 128 letters, digits, dots, hyphens and underscores"
    )]
    BadKey {
        /// The key.
        key: String,
    },
    /// Somebody else uses the store.
    #[error("the store {} is in use by another boatyard", root.display())]
    InUse {
        /// The store.
        root: PathBuf,
    },
    /// A layer cannot be unpacked.
    #[error("cannot unpack layer {diff_id}")]
    Unpack {
        /// The layer.
        diff_id: Digest,
        /// Why.
        source: Box<LayerError>,
    },
    /// A layer unpacks to something else than its name says.
    #[error("layer {blob} unpacks to {found}, its image says {expected}")]
    WrongLayer {
        /// The compressed blob.
        blob: Digest,
        /// The digest that the image's configuration gives.
        expected: Digest,
        /// What it is.
        found: Digest,
    },
}

impl Failure for StoreError {
    fn fault(&self) -> Fault {
        match self {
            Self::Disk(error) => error.fault(),
            Self::Unpack { source, .. } => source.fault(),
            Self::NoPlatform { .. } | Self::NotAnImage { .. } => Fault::User,
            Self::BadKey { .. } => Fault::Bug,
            _ => Fault::Refused,
        }
    }

    fn help(&self) -> Option<String> {
        match self {
            Self::Disk(error) => error.help(),
            Self::Unpack { source, .. } => source.help(),
            Self::MissingBlob { .. } | Self::DamagedBlob { .. } => Some(
                "remove the image with \"boatyard image rm\" and build or pull it again".to_owned(),
            ),
            Self::NotAsPromised { .. } | Self::Incoming { .. } => Some(
                "try again; if it happens again, the source or a proxy on the way is damaged"
                    .to_owned(),
            ),
            Self::MalformedFile { path, .. } => Some(format!(
                "the disk may be damaged; \"boatyard purge\" begins anew, removing {} forgets its content only",
                path.display()
            )),
            Self::InUse { .. } => {
                Some("wait until it has finished, or stop it with \"boatyard down\"".to_owned())
            }
            _ => None,
        }
    }
}
