//! One thing that a copy puts into its layer.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use boatyard_store::layer::{Content, Entry, Kind};

/// One thing that a copy puts into its layer.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) what: What,
    pub(super) mode: u32,
    pub(super) owner: Owner,
    pub(super) xattrs: BTreeMap<OsString, Vec<u8>>,
    /// Seconds since 1970. `None` for folders that the copy makes, or that are only on its way. Not in the key.
    pub(super) mtime: Option<i64>,
}

/// What it is.
#[derive(Clone, Debug)]
pub(super) enum What {
    /// A folder. `opaque` hides what the parent has there.
    Folder {
        opaque: bool,
    },
    File(File),
    Link {
        target: PathBuf,
    },
    /// Another name of a file, absolute.
    HardLink {
        target: PathBuf,
    },
    Fifo,
    CharDevice {
        major: u32,
        minor: u32,
    },
    BlockDevice {
        major: u32,
        minor: u32,
    },
}

/// A SHA-256 digest as it is, half as large as its text.
pub(super) type Hash = [u8; 32];

/// A file's content.
#[derive(Clone, Debug)]
pub(super) enum File {
    /// In memory.
    Bytes(Arc<[u8]>),
    /// On the disk.
    Disk {
        at: Box<Path>,
        /// What it was when it was looked at.
        print: Print,
        /// Digest of its content, once that is known.
        digest: Option<Hash>,
    },
}

/// Whom it belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Owner {
    pub(super) uid: u32,
    pub(super) gid: u32,
}

/// What changes when a file's content does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Print {
    pub(super) device: u64,
    pub(super) inode: u64,
    pub(super) size: u64,
    /// When the content was changed, and when that or the metadata: seconds since 1970.
    pub(super) secs: [i64; 2],
    /// The same two: nanoseconds within the second. Apart, since a pair of both is larger.
    pub(super) nanos: [u32; 2],
}

impl Print {
    pub(super) fn of(metadata: &Metadata) -> Self {
        let nanos = |nanos: i64| u32::try_from(nanos).unwrap_or(0);
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            size: metadata.len(),
            secs: [metadata.mtime(), metadata.ctime()],
            nanos: [metadata.mtime_nsec(), metadata.ctime_nsec()].map(nanos),
        }
    }
}

impl Item {
    /// A folder.
    pub(super) fn folder(mode: u32, owner: Owner, mtime: Option<i64>) -> Self {
        Self {
            what: What::Folder { opaque: false },
            mode,
            owner,
            xattrs: BTreeMap::new(),
            mtime,
        }
    }

    pub(super) fn is_folder(&self) -> bool {
        matches!(self.what, What::Folder { .. })
    }

    /// The entries of the layer for this item at `path` (absolute); `moment` is what folders without a time of their
    /// own are dated to.
    pub(super) fn entries(&self, path: &Path, moment: i64) -> Vec<Entry> {
        let relative = |path: &Path| path.strip_prefix("/").unwrap_or(path).to_path_buf();
        let (kind, size, content) = match &self.what {
            What::Folder { .. } => (Kind::Directory, 0, Content::None),
            What::File(File::Bytes(bytes)) => (
                Kind::File,
                bytes.len() as u64,
                Content::Bytes(Arc::clone(bytes)),
            ),
            What::File(File::Disk { at, print, .. }) if print.size > 0 => {
                (Kind::File, print.size, Content::File(at.to_path_buf()))
            }
            What::File(File::Disk { .. }) => (Kind::File, 0, Content::None),
            What::Link { target } => (
                Kind::Symlink {
                    target: target.clone(),
                },
                0,
                Content::None,
            ),
            What::HardLink { target } => (
                Kind::Hardlink {
                    target: relative(target),
                },
                0,
                Content::None,
            ),
            What::Fifo => (Kind::Fifo, 0, Content::None),
            &What::CharDevice { major, minor } => {
                (Kind::CharDevice { major, minor }, 0, Content::None)
            }
            &What::BlockDevice { major, minor } => {
                (Kind::BlockDevice { major, minor }, 0, Content::None)
            }
        };
        let mut entries = vec![Entry {
            uid: self.owner.uid,
            gid: self.owner.gid,
            mtime: self.mtime.unwrap_or(moment),
            xattrs: self.xattrs.clone(),
            size,
            content,
            ..Entry::new(relative(path), kind, self.mode)
        }];
        if matches!(self.what, What::Folder { opaque: true }) {
            entries.push(Entry::new(relative(path), Kind::Opaque, 0));
        }
        entries
    }
}
