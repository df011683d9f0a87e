//! One entry of a layer, apart from any archive or folder.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use boatyard_plan::digest::Digest;
use boatyard_plan::image::Descriptor;
use serde::{Deserialize, Serialize};

/// A layer in the store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layer {
    /// Digest of the tar stream, not compressed.
    pub diff_id: Digest,
    /// The compressed blob.
    pub blob: Descriptor,
}

/// A change that a layer makes to what is below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Relative, normalised (no `.`, no `..`), any bytes but NUL; empty for the layer's root folder.
    /// Of a whiteout, the name that it hides; of an opaque mark, the folder whose content below it hides.
    pub path: PathBuf,
    /// What it is.
    pub kind: Kind,
    /// Permission bits with set-user-id, set-group-id and sticky, 07777 at most.
    pub mode: u32,
    /// Owner, as seen in this user namespace.
    pub uid: u32,
    /// Group, as seen in this user namespace.
    pub gid: u32,
    /// Last modification, seconds since 1970.
    pub mtime: i64,
    /// Extended attributes by full name.
    pub xattrs: BTreeMap<OsString, Vec<u8>>,
    /// Size of a file's content, bytes; 0 for everything else.
    pub size: u64,
    /// A file's content.
    pub content: Content,
}

/// What an entry is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    File,
    /// A folder.
    Directory,
    /// A symbolic link.
    Symlink {
        /// Where it points, as it stands.
        target: PathBuf,
    },
    /// Another name of a file that is in the same layer.
    Hardlink {
        /// The file, a path like [`Entry::path`].
        target: PathBuf,
    },
    /// A character device.
    CharDevice {
        /// Major number.
        major: u32,
        /// Minor number.
        minor: u32,
    },
    /// A block device.
    BlockDevice {
        /// Major number.
        major: u32,
        /// Minor number.
        minor: u32,
    },
    /// A named pipe.
    Fifo,
    /// The name is gone.
    Whiteout,
    /// The folder shows nothing of what is below.
    Opaque,
}

/// Where a file's content is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Content {
    /// There is none.
    #[default]
    None,
    /// In memory.
    Bytes(Arc<[u8]>),
    /// In this file, which must not change until the layer is written.
    File(PathBuf),
}

impl Entry {
    /// An entry without content, extended attributes and time, owned by root.
    pub fn new(path: impl Into<PathBuf>, kind: Kind, mode: u32) -> Self {
        Self {
            path: path.into(),
            kind,
            mode,
            uid: 0,
            gid: 0,
            mtime: 0,
            xattrs: BTreeMap::new(),
            size: 0,
            content: Content::None,
        }
    }

    /// A file with its content in memory.
    pub fn file(path: impl Into<PathBuf>, mode: u32, bytes: impl Into<Arc<[u8]>>) -> Self {
        let bytes = bytes.into();
        Self {
            size: bytes.len() as u64,
            content: Content::Bytes(bytes),
            ..Self::new(path, Kind::File, mode)
        }
    }

    /// A folder.
    pub fn directory(path: impl Into<PathBuf>, mode: u32) -> Self {
        Self::new(path, Kind::Directory, mode)
    }

    /// A symbolic link.
    pub fn symlink(path: impl Into<PathBuf>, target: impl Into<PathBuf>) -> Self {
        let target = target.into();
        Self::new(path, Kind::Symlink { target }, 0o777)
    }

    /// The order of a layer: by path, component by component, so that a folder comes before what is in it; an opaque
    /// mark right after its folder.
    pub(crate) fn order(&self, other: &Self) -> Ordering {
        let key = |entry: &Self| matches!(entry.kind, Kind::Opaque);
        self.path
            .cmp(&other.path)
            .then_with(|| key(self).cmp(&key(other)))
    }
}

/// Whether an extended attribute belongs into layers: capabilities of programs, and what users set. Not those of
/// overlayfs (they would let a layer redirect lookups), of security modules (labels are the host's) and of access
/// lists (they are in the mode as far as images are concerned).
pub(crate) fn carries(name: &[u8]) -> bool {
    name == b"security.capability"
        || (name.starts_with(b"user.") && !name.starts_with(b"user.overlay."))
}

/// Whether the last component of `path` would be taken for a whiteout in a layer.
pub(crate) fn is_reserved(path: &Path) -> bool {
    use std::os::unix::ffi::OsStrExt as _;
    path.file_name()
        .is_some_and(|name| name.as_bytes().starts_with(b".wh."))
}
