//! A stack of layers, and a look into it without mounting it.

use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Component, Path, PathBuf};

use boatyard_plan::digest::Digest;
use boatyard_store::layer::Layer;
use boatyard_store::{DiskError, Store, StoreError};
use serde::Serialize;

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
    pub path: PathBuf,
    /// Permissions; 0755 if it is missing.
    pub mode: u32,
    /// Owner; root if it is missing.
    pub uid: u32,
    /// Group; root if it is missing.
    pub gid: u32,
}

/// What is at a path of a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// Nothing.
    Missing,
    /// A folder; where its topmost form is.
    Folder(PathBuf),
    /// A symbolic link and where it points.
    Link(PathBuf),
    /// A regular file; where its bytes are.
    File(PathBuf),
    /// Something else.
    Other,
}

/// How many symbolic links are followed before a path counts as a loop (Linux: 40).
const MAX_LINKS: u32 = 40;

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

    /// Reads the file at the absolute `path`, following links inside the tree. `None` if there is no such file.
    pub fn read(&self, store: &Store, path: &Path) -> Result<Option<Vec<u8>>, StoreError> {
        let folders = self.snapshots(store)?;
        let resolved = resolve(&folders, path);
        match node(&folders, &resolved) {
            Node::File(file) => std::fs::read(&file)
                .map(Some)
                .map_err(|source| DiskError::new("read", &file, source).into()),
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
        let folders = self.snapshots(store)?;
        let resolved = resolve(&folders, path);
        let mut above = Vec::new();
        for at in resolved.ancestors().filter(|at| at.parent().is_some()) {
            let (mode, uid, gid) = match node(&folders, at) {
                Node::Folder(folder) => {
                    let meta = std::fs::symlink_metadata(&folder)
                        .map_err(|error| DiskError::new("read", &folder, error))?;
                    (meta.mode() & 0o7777, meta.uid(), meta.gid())
                }
                Node::Missing => (0o755, 0, 0),
                _ => continue,
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
        let folders = self.snapshots(store)?;
        Ok(node(&folders, &resolve(&folders, path)) != Node::Missing)
    }
}

/// What is at `path` (absolute, no links followed) in a stack of unpacked layers, lowest first.
fn node(folders: &[PathBuf], path: &Path) -> Node {
    for folder in folders.iter().rev() {
        match in_layer(folder, path) {
            InLayer::Here(node) => return node,
            InLayer::Hidden => return Node::Missing,
            InLayer::Silent => {}
        }
    }
    Node::Missing
}

/// What one layer says about a path.
enum InLayer {
    /// It has it.
    Here(Node),
    /// It hides whatever is below.
    Hidden,
    /// Nothing.
    Silent,
}

fn in_layer(folder: &Path, path: &Path) -> InLayer {
    let mut at = folder.to_path_buf();
    let mut opaque = false;
    for component in path.components() {
        let Component::Normal(name) = component else {
            continue;
        };
        let parent = at.clone();
        at.push(name);
        match std::fs::symlink_metadata(&at) {
            Ok(meta) if meta.file_type().is_char_device() && meta.rdev() == 0 => {
                return InLayer::Hidden;
            }
            // A file or link of this layer where the path wants a folder: whatever is below is hidden.
            Ok(meta)
                if !meta.is_dir() && at != folder.join(path.strip_prefix("/").unwrap_or(path)) =>
            {
                return InLayer::Hidden;
            }
            Ok(_) => opaque |= super::workspace::is_opaque(&parent),
            Err(_) => {
                return if opaque || super::workspace::is_opaque(&parent) {
                    InLayer::Hidden
                } else {
                    InLayer::Silent
                };
            }
        }
    }
    let Ok(meta) = std::fs::symlink_metadata(&at) else {
        return InLayer::Silent;
    };
    let kind = meta.file_type();
    InLayer::Here(if kind.is_dir() {
        Node::Folder(at)
    } else if kind.is_file() {
        Node::File(at)
    } else if kind.is_symlink() {
        std::fs::read_link(&at).map_or(Node::Other, Node::Link)
    } else {
        Node::Other
    })
}

/// Follows the links in `path` inside the tree. What does not exist is kept as it is written; `..` never leaves.
fn resolve(folders: &[PathBuf], path: &Path) -> PathBuf {
    let mut pending: Vec<PathBuf> = components(path);
    pending.reverse();
    let mut at = PathBuf::from("/");
    let mut links = 0;
    while let Some(name) = pending.pop() {
        if name.as_os_str() == ".." {
            at.pop();
            continue;
        }
        let next = at.join(&name);
        match node(folders, &next) {
            Node::Link(target) if links < MAX_LINKS => {
                links += 1;
                if target.is_absolute() {
                    at = PathBuf::from("/");
                }
                pending.extend(components(&target).into_iter().rev());
            }
            _ => at = next,
        }
    }
    at
}

/// The names of a path, `..` kept, `.` and the root dropped.
fn components(path: &Path) -> Vec<PathBuf> {
    path.components()
        .filter_map(|part| match part {
            Component::Normal(name) => Some(PathBuf::from(name)),
            Component::ParentDir => Some(PathBuf::from("..")),
            _ => None,
        })
        .collect()
}
