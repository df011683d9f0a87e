//! Where things are copied from.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use boatyard_plan::dockerfile::ignore::Ignore;
use boatyard_store::{DiskError, Store, StoreError};

use crate::snapshot::{Seen, Stack, Tree, follow};

/// Where things are copied from. Paths in it are absolute, `/` being its root; links never lead out of it.
pub struct Place<'a> {
    pub(super) root: Root,
    ignore: Option<&'a Ignore>,
}

/// What a place is on the disk.
pub(super) enum Root {
    /// A folder of the user's; everything in it counts as root's.
    Folder(PathBuf),
    /// Unpacked layers, lowest first; owners are as they are there.
    Layers(Vec<PathBuf>),
}

impl<'a> Place<'a> {
    /// A folder on the disk: the context or a named one.
    pub fn folder(path: &Path, ignore: Option<&'a Ignore>) -> Self {
        Self {
            root: Root::Folder(path.to_path_buf()),
            ignore,
        }
    }

    /// A stage or an image. Unpacks the layers that are not.
    pub fn tree(store: &Store, tree: &Tree) -> Result<Self, StoreError> {
        Ok(Self {
            root: Root::Layers(tree.snapshots(store)?),
            ignore: None,
        })
    }

    /// A look into it.
    pub(super) fn view(&self) -> View<'_> {
        let (stack, owners) = match &self.root {
            Root::Folder(path) => (Stack::folder(path), false),
            Root::Layers(layers) => (Stack::layers(layers), true),
        };
        View {
            stack,
            ignore: self.ignore,
            owners,
        }
    }
}

/// Why something does not show.
pub(super) struct LeftOut {
    /// The line of `.dockerignore`, from 1, if that is known.
    pub(super) line: Option<usize>,
}

/// A look into a [`Place`]: what is left out is not there.
pub(super) struct View<'a> {
    stack: Stack,
    ignore: Option<&'a Ignore>,
    /// Whether owners on the disk count.
    pub(super) owners: bool,
}

impl View<'_> {
    /// A look into a folder of ours that is no place of the user's.
    pub(super) fn plain(stack: Stack) -> Self {
        Self {
            stack,
            ignore: None,
            owners: false,
        }
    }

    /// What is at `path`, links not followed.
    pub(super) fn look(&self, path: &Path) -> Result<Option<Seen>, DiskError> {
        match self.stack.look(path)? {
            Some(found) if self.shows(path, &found)? => Ok(Some(found)),
            _ => Ok(None),
        }
    }

    /// What is in a folder, by name.
    pub(super) fn list(&self, path: &Path) -> Result<BTreeMap<OsString, Seen>, DiskError> {
        let mut shown = BTreeMap::new();
        for (name, found) in self.stack.list(path)? {
            if self.shows(&path.join(&name), &found)? {
                shown.insert(name, found);
            }
        }
        Ok(shown)
    }

    /// Where `path` leads once links are followed.
    pub(super) fn resolve(&self, path: &Path) -> Result<PathBuf, DiskError> {
        follow(Path::new("/"), path, |at| {
            self.look(at)?.map_or(Ok(None), |found| found.link())
        })
    }

    /// Why `path` does not show although it is there.
    pub(super) fn left_out(&self, path: &Path) -> Result<Option<LeftOut>, DiskError> {
        let Some(ignore) = self.ignore else {
            return Ok(None);
        };
        let there = self.stack.look(&self.stack.resolve(path)?)?.is_some();
        let shown = self.look(&self.resolve(path)?)?.is_some();
        Ok((there && !shown).then(|| LeftOut {
            line: ignore.line(&relative(path)),
        }))
    }

    /// Whether something is not left out: a folder that is shows as long as something in it is taken back.
    fn shows(&self, path: &Path, found: &Seen) -> Result<bool, DiskError> {
        let Some(ignore) = self.ignore else {
            return Ok(true);
        };
        let text = relative(path);
        if text.is_empty() || !ignore.ignored(&text) {
            return Ok(true);
        }
        if !found.metadata.is_dir() || !ignore.may_contain_included(&text) {
            return Ok(false);
        }
        for (name, inner) in self.stack.list(path)? {
            if self.shows(&path.join(name), &inner)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// A path of a place as patterns see it.
fn relative(path: &Path) -> String {
    let path = path.strip_prefix("/").unwrap_or(path);
    path.to_string_lossy().into_owned()
}
