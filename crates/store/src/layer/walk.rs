//! Folders to entries.

use std::collections::{BTreeMap, HashMap};
use std::ffi::{OsStr, OsString};
use std::fs::{self, Metadata};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

use rustix::io::Errno;

use super::entry::{Content, Entry, Kind, carries};
use super::failure::LayerError;
use crate::disk::During as _;

/// The entries of an overlay mount's upper folder: what changed over the layers below. Character devices 0:0 become
/// whiteouts, opaque folders (`trusted.` or `user.overlay.opaque`) get an opaque mark.
///
/// Sorted; without the root folder itself and without sockets; of several names of one file the first is the file.
/// Fails on folders that were renamed with overlayfs' `redirect_dir`: mount with `redirect_dir=off`.
pub fn walk_upper(upper: &Path) -> Result<Vec<Entry>, LayerError> {
    Walk::new(upper, true).run()
}

/// The entries of a whole tree, as they are. Otherwise like [`walk_upper`].
pub fn walk_tree(tree: &Path) -> Result<Vec<Entry>, LayerError> {
    Walk::new(tree, false).run()
}

/// The entry of one path of a tree; `None` for a socket.
pub(super) fn entry_at(tree: &Path, path: &Path) -> Result<Option<Entry>, LayerError> {
    let mut walk = Walk::new(tree, false);
    walk.visit(path)?;
    Ok(walk.entries.pop())
}

struct Walk<'a> {
    root: &'a Path,
    overlay: bool,
    entries: Vec<Entry>,
    /// First name of every file that has several.
    links: HashMap<(u64, u64), PathBuf>,
    names: Vec<u8>,
}

impl<'a> Walk<'a> {
    fn new(root: &'a Path, overlay: bool) -> Self {
        Self {
            root,
            overlay,
            entries: Vec::new(),
            links: HashMap::new(),
            names: vec![0; 1024],
        }
    }

    fn run(mut self) -> Result<Vec<Entry>, LayerError> {
        // A stack of listings instead of recursion: trees may be deep.
        let mut stack = vec![self.list(Path::new(""))?];
        while let Some(listing) = stack.last_mut() {
            let Some(path) = listing.pop() else {
                stack.pop();
                continue;
            };
            if self.visit(&path)? {
                stack.push(self.list(&path)?);
            }
        }
        Ok(self.entries)
    }

    /// Paths in a folder, last one first.
    fn list(&self, folder: &Path) -> Result<Vec<PathBuf>, LayerError> {
        let full = self.root.join(folder);
        let mut paths = Vec::new();
        for entry in fs::read_dir(&full).during("list", &full)? {
            let name = entry.during("list", &full)?.file_name();
            paths.push(folder.join(name));
        }
        paths.sort_by(|a, b| b.file_name().cmp(&a.file_name()));
        Ok(paths)
    }

    /// Adds the entry for `path`; says whether it is a folder to go into.
    fn visit(&mut self, path: &Path) -> Result<bool, LayerError> {
        let full = self.root.join(path);
        let metadata = fs::symlink_metadata(&full).during("read", &full)?;
        let Some(kind) = self.kind(path, &full, &metadata)? else {
            return Ok(false);
        };
        let is_folder = kind == Kind::Directory;
        let mut entry = Entry {
            mode: metadata.mode() & 0o7777,
            uid: metadata.uid(),
            gid: metadata.gid(),
            mtime: metadata.mtime(),
            ..Entry::new(path, kind, 0)
        };
        match entry.kind {
            Kind::Whiteout => {
                entry.mode = 0;
                entry.mtime = 0;
                (entry.uid, entry.gid) = (0, 0);
            }
            Kind::File => {
                entry.size = metadata.len();
                if entry.size > 0 {
                    entry.content = Content::File(full.clone());
                }
            }
            _ => {}
        }
        let mut opaque = false;
        if matches!(entry.kind, Kind::File | Kind::Directory) {
            (entry.xattrs, opaque) = self.xattrs(&full)?;
        }
        self.entries.push(entry);
        if is_folder && opaque {
            self.entries.push(Entry::new(path, Kind::Opaque, 0));
        }
        Ok(is_folder)
    }

    fn kind(
        &mut self,
        path: &Path,
        full: &Path,
        metadata: &Metadata,
    ) -> Result<Option<Kind>, LayerError> {
        let kind = metadata.file_type();
        if kind.is_dir() {
            return Ok(Some(Kind::Directory));
        }
        let (major, minor) = (
            rustix::fs::major(metadata.rdev()),
            rustix::fs::minor(metadata.rdev()),
        );
        // Overlayfs shares one inode between all whiteouts.
        if self.overlay && kind.is_char_device() && (major, minor) == (0, 0) {
            return Ok(Some(Kind::Whiteout));
        }
        if kind.is_socket() {
            return Ok(None);
        }
        if metadata.nlink() > 1 {
            let inode = (metadata.dev(), metadata.ino());
            if let Some(target) = self.links.get(&inode) {
                return Ok(Some(Kind::Hardlink {
                    target: target.clone(),
                }));
            }
            self.links.insert(inode, path.to_path_buf());
        }
        Ok(Some(if kind.is_file() {
            Kind::File
        } else if kind.is_symlink() {
            let target = fs::read_link(full).during("read", full)?;
            Kind::Symlink { target }
        } else if kind.is_char_device() {
            Kind::CharDevice { major, minor }
        } else if kind.is_block_device() {
            Kind::BlockDevice { major, minor }
        } else {
            Kind::Fifo
        }))
    }

    /// The attributes that belong into a layer, and whether overlayfs' opaque mark is set.
    fn xattrs(&mut self, full: &Path) -> Result<(BTreeMap<OsString, Vec<u8>>, bool), LayerError> {
        let mut carried = BTreeMap::new();
        let mut opaque = false;
        let length = loop {
            match rustix::fs::llistxattr(full, &mut self.names[..]) {
                Ok(length) => break length,
                Err(Errno::RANGE) => self.names.resize(self.names.len() * 4, 0),
                Err(Errno::NOTSUP) => break 0,
                Err(errno) => {
                    return Err(Err::<(), _>(errno).during("read", full).unwrap_err().into());
                }
            }
        };
        for name in self.names[..length].split(|&b| b == 0) {
            let overlay = name
                .strip_prefix(b"trusted.overlay.")
                .or_else(|| name.strip_prefix(b"user.overlay."));
            match overlay {
                Some(b"opaque") if self.overlay => {
                    opaque |= read_xattr(full, name)?.as_deref() == Some(b"y");
                }
                Some(b"redirect" | b"metacopy") if self.overlay => {
                    return Err(LayerError::Redirected {
                        path: full.to_path_buf(),
                    });
                }
                _ if carries(name) => {
                    if let Some(value) = read_xattr(full, name)? {
                        carried.insert(OsString::from_vec(name.to_vec()), value);
                    }
                }
                _ => {}
            }
        }
        Ok((carried, opaque))
    }
}

/// The value of an attribute, unless it has gone.
fn read_xattr(path: &Path, name: &[u8]) -> Result<Option<Vec<u8>>, LayerError> {
    // The kernel's limit (XATTR_SIZE_MAX).
    let mut value = vec![0; 1 << 16];
    match rustix::fs::lgetxattr(path, OsStr::from_bytes(name), &mut value[..]) {
        Ok(length) => {
            value.truncate(length);
            Ok(Some(value))
        }
        Err(Errno::NODATA) => Ok(None),
        other => Ok(other.map(|_| None).during("read", path)?),
    }
}
