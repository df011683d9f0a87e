//! Where things are copied from.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use boatyard_plan::dockerfile::ignore::Ignore;
use boatyard_plan::dockerfile::pattern::Within;
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
    /// Unpacked layers of a store, lowest first; owners are as they are there.
    Layers(Store, Vec<PathBuf>),
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
            root: Root::Layers(store.clone(), tree.snapshots(store)?),
            ignore: None,
        })
    }

    /// A look into it.
    pub(super) fn view(&self) -> Result<View<'_>, StoreError> {
        let (stack, owners) = match &self.root {
            Root::Folder(path) => (Stack::folder(path), false),
            Root::Layers(store, layers) => (Stack::snapshots(store, layers)?, true),
        };
        Ok(View {
            stack,
            ignore: self.ignore,
            folders: RefCell::default(),
            owners,
        })
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
    /// What is known of folders by now.
    folders: RefCell<HashMap<PathBuf, Rc<Folder<'a>>>>,
    /// Whether owners on the disk count.
    pub(super) owners: bool,
}

/// What is known of a folder of a place.
struct Folder<'a> {
    /// What is left out within it.
    within: Within<'a>,
    /// Whether it shows, once that is known.
    shows: Cell<Option<bool>>,
}

impl<'a> View<'a> {
    /// A look into a folder of ours that is no place of the user's.
    pub(super) fn plain(stack: Stack) -> Self {
        Self {
            stack,
            ignore: None,
            folders: RefCell::default(),
            owners: false,
        }
    }

    /// What is at `path`, links not followed.
    pub(super) fn look(&self, path: &Path) -> Result<Option<Seen>, DiskError> {
        let Some(found) = self.stack.look(path)? else {
            return Ok(None);
        };
        let (Some(ignore), Some(above), Some(name)) =
            (self.ignore, path.parent(), path.file_name())
        else {
            return Ok(Some(found));
        };
        let above = self.folder(ignore, above);
        Ok(self
            .shows(ignore, &above, path, &name.to_string_lossy(), &found)?
            .then_some(found))
    }

    /// What is in a folder, by name.
    pub(super) fn list(&self, path: &Path) -> Result<BTreeMap<OsString, Seen>, DiskError> {
        let mut list = self.stack.list(path)?;
        if let Some(ignore) = self.ignore {
            let folder = self.folder(ignore, path);
            let mut hidden = Vec::new();
            for (name, found) in &list {
                let text = name.to_string_lossy();
                if !self.shows(ignore, &folder, &path.join(name), &text, found)? {
                    hidden.push(name.clone());
                }
            }
            for name in hidden {
                list.remove(&name);
            }
        }
        Ok(list)
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

    /// Whether `name` in the folder `above`, which is at `path`, is not left out: a folder that is shows as long as something
    /// in it is taken back.
    fn shows(
        &self,
        ignore: &'a Ignore,
        above: &Folder<'a>,
        path: &Path,
        name: &str,
        found: &Seen,
    ) -> Result<bool, DiskError> {
        if !above.within.matches(name) {
            return Ok(true);
        }
        if !found.metadata.is_dir() {
            return Ok(false);
        }
        let folder = self.folder(ignore, path);
        if let Some(known) = folder.shows.get() {
            return Ok(known);
        }
        let mut shows = false;
        if folder.within.may_spare_below() {
            for (name, inner) in self.stack.list(path)? {
                let text = name.to_string_lossy();
                if self.shows(ignore, &folder, &path.join(&name), &text, &inner)? {
                    shows = true;
                    break;
                }
            }
        }
        folder.shows.set(Some(shows));
        Ok(shows)
    }

    /// What is known of the folder at `path`.
    fn folder(&self, ignore: &'a Ignore, path: &Path) -> Rc<Folder<'a>> {
        if let Some(known) = self.folders.borrow().get(path) {
            return Rc::clone(known);
        }
        let within = match (path.parent(), path.file_name()) {
            (Some(above), Some(name)) => {
                let above = self.folder(ignore, above);
                above.within.enter(&name.to_string_lossy())
            }
            _ => ignore.top(),
        };
        let folder = Rc::new(Folder {
            within,
            shows: Cell::new(None),
        });
        let kept = Rc::clone(&folder);
        self.folders.borrow_mut().insert(path.to_path_buf(), kept);
        folder
    }
}

/// A path of a place as patterns see it.
fn relative(path: &Path) -> String {
    let path = path.strip_prefix("/").unwrap_or(path);
    path.to_string_lossy().into_owned()
}
