//! The destination while it is written to: what was put there, over the tree below.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use boatyard_store::DiskError;

use super::TransferError;
use super::item::{File, Item, Owner, Print, What};
use super::items::Items;
use super::xattr;
use crate::snapshot::{Seen, Stack, follow};

/// What is at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum There {
    Folder,
    Link(PathBuf),
    Other,
}

/// The destination. Paths are absolute and without links, unless said otherwise.
pub(super) struct Target {
    /// The tree below; none with `--link`.
    below: Option<Stack>,
    items: Items,
    /// Folders of the tree below that something replaced.
    gone: BTreeSet<PathBuf>,
    /// Files that have other names among the items.
    linked: BTreeSet<PathBuf>,
}

impl Target {
    pub(super) fn new(below: Option<Stack>) -> Self {
        Self {
            below,
            items: Items::new(),
            gone: BTreeSet::new(),
            linked: BTreeSet::new(),
        }
    }

    /// Everything that was put, with every folder on the way to it.
    pub(super) fn into_items(self) -> Items {
        self.items
    }

    /// What is at `path`.
    pub(super) fn look(&self, path: &Path) -> Result<Option<There>, DiskError> {
        if path.parent().is_none() {
            return Ok(Some(There::Folder));
        }
        if let Some(item) = self.items.get(path) {
            return Ok(Some(match &item.what {
                What::Folder { .. } => There::Folder,
                What::Link { target } => There::Link(target.clone()),
                _ => There::Other,
            }));
        }
        let Some(found) = self.underneath(path)? else {
            return Ok(None);
        };
        Ok(Some(match found.link()? {
            Some(target) => There::Link(target),
            None if found.metadata.is_dir() => There::Folder,
            None => There::Other,
        }))
    }

    /// Where `path`, below `root`, leads once links are followed; `root` is the root for them.
    pub(super) fn resolve(&self, root: &Path, path: &Path) -> Result<PathBuf, DiskError> {
        follow(root, path, |at| {
            Ok(match self.look(at)? {
                Some(There::Link(target)) => Some(target),
                _ => None,
            })
        })
    }

    /// Makes the folder at `path` and those above it, unless they are there.
    pub(super) fn make_folders(
        &mut self,
        path: &Path,
        mode: u32,
        owner: Owner,
    ) -> Result<(), TransferError> {
        match self.look(path)? {
            Some(There::Folder) => return Ok(()),
            Some(_) => {
                return Err(TransferError::NoFolder {
                    path: path.to_path_buf(),
                });
            }
            None => {}
        }
        if let Some(parent) = path.parent() {
            self.make_folders(parent, mode, owner)?;
        }
        self.put(path, Item::folder(mode, owner, None))
    }

    /// Puts something at `path`, whose folder is there. A folder is merged with the one that is there, and keeps the
    /// extended attributes that it does not have itself; anything else is replaced.
    pub(super) fn put(&mut self, path: &Path, mut item: Item) -> Result<(), TransferError> {
        self.way(path)?;
        if let What::Folder { opaque } = &mut item.what {
            let there = self.items.get(path);
            if let Some(there) = there.as_deref()
                && let What::Folder { opaque: before } = there.what
            {
                *opaque |= before;
                for (name, value) in &there.xattrs {
                    item.xattrs
                        .entry(name.clone())
                        .or_insert_with(|| value.clone());
                }
            } else if self.gone.contains(path) {
                *opaque = true;
            } else if let Some(found) = self.underneath(path)?
                && found.metadata.is_dir()
            {
                for (name, value) in xattr::read(&found.at)? {
                    item.xattrs.entry(name).or_insert(value);
                }
            }
        }
        self.unlink(path);
        if let What::HardLink { target } = &item.what {
            self.linked.insert(target.clone());
        }
        self.items.insert(path, item);
        Ok(())
    }

    /// Before something else is put at `path`: if a file is there that has other names, the first of them is the file
    /// from now on.
    fn unlink(&mut self, path: &Path) {
        if !self.linked.remove(path) {
            return;
        }
        let Some(file) = self.items.get(path).map(|item| item.what.clone()) else {
            return;
        };
        let is_name =
            |item: &Item| matches!(&item.what, What::HardLink { target } if target == path);
        let names = self.items.iter().filter(|(_, item)| is_name(item));
        let mut names = names.map(|(at, _)| at).collect::<Vec<_>>().into_iter();
        let Some(heir) = names.next() else {
            return;
        };
        self.items.change(&heir, |item| item.what = file);
        for name in names {
            self.linked.insert(heir.clone());
            self.items.change(&name, |item| {
                item.what = What::HardLink {
                    target: heir.clone(),
                };
            });
        }
    }

    /// Takes away what is at `path` and below it: something else is put there next.
    pub(super) fn remove(&mut self, path: &Path) -> Result<(), TransferError> {
        if self
            .underneath(path)?
            .is_some_and(|found| found.metadata.is_dir())
        {
            self.gone.insert(path.to_path_buf());
        }
        for at in self.items.within(path) {
            self.unlink(&at);
            self.items.remove(&at);
        }
        Ok(())
    }

    /// Changes the metadata of the folder at `path`, which is there; not that of the root.
    pub(super) fn change_folder(
        &mut self,
        path: &Path,
        change: impl FnOnce(&mut Item),
    ) -> Result<(), TransferError> {
        self.way(path)?;
        if path.parent().is_some() {
            self.keep(path)?;
        }
        self.items.change(path, change);
        Ok(())
    }

    /// The item at `path`, if one was put there.
    pub(super) fn item(&self, path: &Path) -> Option<Cow<'_, Item>> {
        self.items.get(path)
    }

    /// Gives the file that was put at `path` the mode and owner of another name of it.
    pub(super) fn own_as(&mut self, path: &Path, name: &Item) {
        self.items.change(path, |file| {
            file.mode = name.mode;
            file.owner = name.owner;
        });
    }

    /// The content of a regular file of the tree below.
    pub(super) fn file_below(&self, path: &Path) -> Result<Option<File>, DiskError> {
        let found = self.underneath(path)?;
        Ok(found
            .filter(|found| found.metadata.is_file())
            .map(|found| File::Disk {
                print: Print::of(&found.metadata),
                at: found.at.into(),
                digest: None,
            }))
    }

    /// Gives every folder on the way to `path` an item: a layer would hide the metadata of those that it leaves out.
    fn way(&mut self, path: &Path) -> Result<(), TransferError> {
        let above: Vec<&Path> = path
            .ancestors()
            .skip(1)
            .filter(|at| at.parent().is_some())
            .take_while(|at| !self.items.contains(at))
            .collect();
        for at in above.into_iter().rev() {
            self.keep(at)?;
        }
        Ok(())
    }

    /// Gives the folder of the tree below at `path` an item, unless it has one.
    fn keep(&mut self, path: &Path) -> Result<(), TransferError> {
        if self.items.contains(path) {
            return Ok(());
        }
        if let Some(found) = self.underneath(path)? {
            let owner = Owner {
                uid: found.metadata.uid(),
                gid: found.metadata.gid(),
            };
            let mut item = Item::folder(found.metadata.mode() & 0o7777, owner, None);
            item.xattrs = xattr::read(&found.at)?;
            self.items.insert(path, item);
        }
        Ok(())
    }

    /// What the tree below shows at `path`, unless something replaced a folder on the way.
    fn underneath(&self, path: &Path) -> Result<Option<Seen>, DiskError> {
        let Some(below) = &self.below else {
            return Ok(None);
        };
        // Only then: what is put over anything but a folder has nothing below it in the tree, either.
        let hidden = !self.gone.is_empty() && path.ancestors().any(|at| self.gone.contains(at));
        if hidden {
            return Ok(None);
        }
        below.look(path)
    }
}
