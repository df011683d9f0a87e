//! What can go wrong with a layer.

use std::io;
use std::path::PathBuf;

use boatyard_plan::failure::{Failure, Fault};

use crate::disk::DiskError;
use crate::failure::StoreError;

/// A layer cannot be written, read or unpacked.
#[derive(Debug, thiserror::Error)]
pub enum LayerError {
    /// A file operation failed.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// The store refused the blob.
    #[error(transparent)]
    Store(Box<StoreError>),
    /// The archive's bytes cannot be read or decompressed.
    #[error("cannot read the archive after {at} bytes of content")]
    Stream {
        /// Bytes of the uncompressed archive that were good.
        at: u64,
        /// What the decompressor or the source said.
        source: io::Error,
    },
    /// The archive is empty or ends within an entry.
    #[error("the archive is cut off after {at} bytes of content")]
    CutOff {
        /// Bytes of the uncompressed archive that were there.
        at: u64,
    },
    /// The archive is not one, or is damaged.
    #[error("the archive is damaged at byte {at} of its content: {what}")]
    Malformed {
        /// Where the entry's header begins, in bytes of the uncompressed archive.
        at: u64,
        /// What is wrong.
        what: &'static str,
    },
    /// Packed in a way that we do not read.
    #[error("the archive is packed as {format}, which is not supported")]
    Unsupported {
        /// The format's name.
        format: &'static str,
    },
    /// A name leads out of the folder.
    #[error("the archive's entry {path:?} leads out of its folder")]
    Escapes {
        /// The name, invalid UTF-8 replaced.
        path: String,
    },
    /// More than the limits permit.
    #[error("the archive has more than {limit} {what}")]
    OverLimit {
        /// What is counted.
        what: &'static str,
        /// How much is permitted.
        limit: u64,
    },
    /// More than there is room for.
    #[error("the archive has more than the {room} bytes that are free where it is unpacked")]
    NoRoom {
        /// What may be taken of what is free, bytes.
        room: u64,
    },
    /// A hard link to something that is not there or is a folder.
    #[error("the archive's hard link {} has no target {}", path.display(), target.display())]
    BadHardlink {
        /// The link.
        path: PathBuf,
        /// Its target.
        target: PathBuf,
    },
    /// A device node where none are permitted.
    #[error("the archive's entry {} is a device node, which is not permitted here", path.display())]
    Device {
        /// The entry.
        path: PathBuf,
    },
    /// The kernel does not know this owner here.
    #[error("{} belongs to {uid}:{gid}, which this user namespace has no room for", path.display())]
    Unmapped {
        /// The entry.
        path: PathBuf,
        /// Its user.
        uid: u32,
        /// Its group.
        gid: u32,
    },
    /// A file got shorter or longer while it was read.
    #[error("{} changed while it was read", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// A name that means something else in a layer.
    #[error("{} cannot be in a layer: names that begin with .wh. mark removals there", path.display())]
    Reserved {
        /// The name.
        path: PathBuf,
    },
    /// A folder that overlayfs renamed without copying it.
    #[error("{} refers to another folder by overlayfs' redirect_dir or metacopy", path.display())]
    Redirected {
        /// The folder or file.
        path: PathBuf,
    },
    /// Two entries with one name.
    #[error("a layer cannot hold {} twice", path.display())]
    Duplicate {
        /// The name.
        path: PathBuf,
    },
}

impl From<StoreError> for LayerError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Disk(error) => Self::Disk(error),
            other => Self::Store(Box::new(other)),
        }
    }
}

impl Failure for LayerError {
    fn fault(&self) -> Fault {
        match self {
            Self::Disk(error) => error.fault(),
            Self::Store(error) => error.fault(),
            Self::Duplicate { .. } | Self::Redirected { .. } => Fault::Bug,
            Self::Changed { .. } | Self::Reserved { .. } => Fault::Work,
            _ => Fault::Refused,
        }
    }

    fn help(&self) -> Option<String> {
        let help = match self {
            Self::Disk(error) => return error.help(),
            Self::Store(error) => return error.help(),
            Self::Stream { .. } | Self::CutOff { .. } | Self::Malformed { .. } => {
                "get the image again; if that does not help, whoever made it must mend it"
            }
            Self::Escapes { .. } | Self::BadHardlink { .. } | Self::Device { .. } => {
                "do not use this image unless you know why it holds such an entry"
            }
            Self::OverLimit { .. } => {
                "this may be an archive made to fill disks: look at what is in it"
            }
            Self::NoRoom { .. } => "make room, for example with \"boatyard clean\"",
            Self::Unmapped { .. } => {
                "give this user more subordinate ids (/etc/subuid, /etc/subgid), 65536 are usual"
            }
            Self::Changed { .. } => "build again when nothing writes to the folder",
            Self::Reserved { .. } => "rename it, or remove it in the step that makes it",
            Self::Unsupported { .. } | Self::Duplicate { .. } | Self::Redirected { .. } => {
                return None;
            }
        };
        Some(help.to_owned())
    }
}
