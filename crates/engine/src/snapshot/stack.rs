//! A look into folders that lie one over the other, as an overlay mount of them would show, without mounting.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ffi::{OsStr, OsString};
use std::fs::Metadata;
use std::io::ErrorKind;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::path::{Component, Path, PathBuf};
use std::rc::Rc;

use boatyard_store::layer::Below;
use boatyard_store::{DiskError, Names, Store, StoreError};

use super::workspace::is_opaque;

/// How many symbolic links are followed before a path counts as a loop (Linux: 40).
const MAX_LINKS: u32 = 40;

/// Folders one over the other. Paths are absolute in the merged view, `/` being its root.
///
/// Remembers which folders it has merged: nothing may change in them while it lives.
#[derive(Debug)]
pub struct Stack {
    /// Topmost first.
    roots: Vec<PathBuf>,
    /// What is in each of them, where that is known: an image has many layers, of which few have something to say of a path.
    names: Option<Vec<Names>>,
    /// Whether whiteouts and opaque marks mean something.
    layered: bool,
    merged: RefCell<HashMap<PathBuf, Rc<Vec<PathBuf>>>>,
}

/// Something in a [`Stack`], links not followed.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Where its topmost form is on the disk.
    pub at: PathBuf,
    /// What the disk says about it.
    pub metadata: Metadata,
}

impl Seen {
    /// Where it points, if it is a symbolic link.
    pub fn link(&self) -> Result<Option<PathBuf>, DiskError> {
        if !self.metadata.is_symlink() {
            return Ok(None);
        }
        std::fs::read_link(&self.at)
            .map(Some)
            .map_err(|error| DiskError::new("read", &self.at, error))
    }
}

impl Stack {
    /// One plain folder.
    pub fn folder(root: &Path) -> Self {
        Self {
            roots: vec![root.to_path_buf()],
            names: None,
            layered: false,
            merged: RefCell::default(),
        }
    }

    /// Unpacked layers, lowest first, whiteouts as overlayfs has them.
    pub fn layers(lowest_first: &[PathBuf]) -> Self {
        // A layer that is there twice shows what its upper copy shows.
        let mut seen = BTreeSet::new();
        let roots = lowest_first.iter().rev();
        Self {
            roots: roots.filter(|root| seen.insert(*root)).cloned().collect(),
            names: None,
            layered: true,
            merged: RefCell::default(),
        }
    }

    /// Snapshots of a store, lowest first.
    pub fn snapshots(store: &Store, lowest_first: &[PathBuf]) -> Result<Self, StoreError> {
        let stack = Self::layers(lowest_first);
        let names = stack.roots.iter().map(|root| store.snapshot_names(root));
        let names = names.collect::<Result<_, _>>()?;
        Ok(Self {
            names: Some(names),
            ..stack
        })
    }

    /// Where `name` in the folder at `path` may be, topmost first.
    fn places(&self, path: &Path, name: &OsStr) -> Result<Vec<PathBuf>, DiskError> {
        if let (Some(names), None) = (&self.names, path.parent()) {
            let roots = self.roots.iter().zip(names);
            let holding = roots.filter(|(_, names)| names.contains(name));
            return Ok(holding.map(|(root, _)| root.join(name)).collect());
        }
        Ok(self
            .parts(path)?
            .iter()
            .map(|part| part.join(name))
            .collect())
    }

    /// What is at `path`, without following links in it. `None` if there is nothing.
    pub fn look(&self, path: &Path) -> Result<Option<Seen>, DiskError> {
        let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
            let Some(root) = self.roots.first() else {
                return Ok(None);
            };
            return seen(root);
        };
        for at in self.places(folder, name)? {
            if let Some(found) = seen(&at)? {
                return Ok((!self.hides(&found.metadata)).then_some(found));
            }
        }
        Ok(None)
    }

    /// What is in the folder at `path`, by name; empty if there is no folder.
    pub fn list(&self, path: &Path) -> Result<BTreeMap<OsString, Seen>, DiskError> {
        let mut names = BTreeMap::new();
        for part in self.parts(path)?.iter() {
            let failed = |error| DiskError::new("list", part, error);
            for entry in std::fs::read_dir(part).map_err(failed)? {
                let entry = entry.map_err(failed)?;
                let name = entry.file_name();
                if names.contains_key(&name) {
                    continue;
                }
                if let Some(found) = seen(&entry.path())? {
                    names.insert(name, found);
                }
            }
        }
        names.retain(|_, found| !self.hides(&found.metadata));
        Ok(names)
    }

    /// Where `path` leads once links are followed; see [`follow`].
    pub fn resolve(&self, path: &Path) -> Result<PathBuf, DiskError> {
        follow(Path::new("/"), path, |at| {
            self.look(at)?.map_or(Ok(None), |found| found.link())
        })
    }

    /// The folders on the disk that make up the folder at `path`, topmost first; none if there is no folder.
    fn parts(&self, path: &Path) -> Result<Rc<Vec<PathBuf>>, DiskError> {
        let (Some(above), Some(name)) = (path.parent(), path.file_name()) else {
            return Ok(Rc::new(self.roots.clone()));
        };
        if let Some(known) = self.merged.borrow().get(path) {
            return Ok(Rc::clone(known));
        }
        let mut parts = Vec::new();
        for at in self.places(above, name)? {
            let Some(found) = seen(&at)? else {
                continue;
            };
            if !found.metadata.is_dir() {
                break;
            }
            let opaque = self.layered && is_opaque(&at)?;
            parts.push(at);
            if opaque {
                break;
            }
        }
        let parts = Rc::new(parts);
        let kept = Rc::clone(&parts);
        self.merged.borrow_mut().insert(path.to_path_buf(), kept);
        Ok(parts)
    }

    fn hides(&self, metadata: &Metadata) -> bool {
        self.layered && metadata.file_type().is_char_device() && metadata.rdev() == 0
    }
}

fn seen(at: &Path) -> Result<Option<Seen>, DiskError> {
    match std::fs::symlink_metadata(at) {
        Ok(metadata) => Ok(Some(Seen {
            at: at.to_path_buf(),
            metadata,
        })),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Ok(None)
        }
        Err(error) => Err(DiskError::new("read", at, error)),
    }
}

impl Below for Stack {
    fn layer_of(&self, path: &Path) -> Result<Option<PathBuf>, DiskError> {
        let Some(found) = self.look(&Path::new("/").join(path))? else {
            return Ok(None);
        };
        let layer = found.at.ancestors().nth(path.components().count());
        Ok(layer.map(Path::to_path_buf))
    }

    fn list(&self, folder: &Path) -> Result<Vec<(PathBuf, bool)>, DiskError> {
        let found = Self::list(self, &Path::new("/").join(folder))?.into_iter();
        Ok(found
            .map(|(name, seen)| (folder.join(name), seen.metadata.is_dir()))
            .collect())
    }
}

/// Follows the links in `path`, whose names `link` reads (`None` for what is no link), with `root` as the root that
/// neither they nor `..` leave. What does not exist stays as it is written. Past [`MAX_LINKS`] links stay, too.
pub fn follow<E>(
    root: &Path,
    path: &Path,
    link: impl Fn(&Path) -> Result<Option<PathBuf>, E>,
) -> Result<PathBuf, E> {
    let mut pending: Vec<OsString> = names(path).map(OsStr::to_owned).collect();
    pending.reverse();
    let mut at = root.to_path_buf();
    let mut links = 0;
    while let Some(name) = pending.pop() {
        if name == ".." {
            if at != root {
                at.pop();
            }
            continue;
        }
        let next = at.join(&name);
        match link(&next)? {
            Some(target) if links < MAX_LINKS => {
                links += 1;
                if target.is_absolute() {
                    at = root.to_path_buf();
                }
                let names: Vec<OsString> = names(&target).map(OsStr::to_owned).collect();
                pending.extend(names.into_iter().rev());
            }
            _ => at = next,
        }
    }
    Ok(at)
}

/// The names of a path, `..` kept, `.` and the root dropped.
fn names(path: &Path) -> impl Iterator<Item = &OsStr> {
    path.components().filter_map(|part| match part {
        Component::Normal(name) => Some(name),
        Component::ParentDir => Some(OsStr::new("..")),
        _ => None,
    })
}
