//! What a copy puts into its layer, by path: a tree in little room, since there may be hundreds of thousands of files.
//!
//! ```text
//! nodes    name | children | what is there       one for each name, 20 bytes
//! files    what `DiskFile` holds                 one for each file on the disk, 128 bytes
//! others   items as they are                     folders, links, what is in memory
//! names    the bytes of all names                children of a folder stand in their order
//! ```
//! Paths are absolute. A path is in order after the folders above it, and names are compared as bytes: the order of
//! [`Path`].

use std::borrow::Cow;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Component, Path, PathBuf};

use super::disk_file::{DiskFile, Name, Sources};
use super::item::{File, Item, What};

/// What a copy puts into its layer.
#[derive(Debug)]
pub(super) struct Items {
    nodes: Vec<Node>,
    /// What is in folders, each by name.
    children: Vec<Vec<u32>>,
    files: Vec<DiskFile>,
    others: Vec<Option<Box<Item>>>,
    sources: Sources,
}

#[derive(Debug)]
struct Node {
    name: Name,
    /// Where in [`Items::children`]; [`NONE`] if there are none.
    children: u32,
    holds: Holds,
}

/// What is at a path, and where it stands.
#[derive(Clone, Copy, Debug)]
enum Holds {
    /// Nothing by itself: something below it is there.
    Nothing,
    File(u32),
    Other(u32),
}

const NONE: u32 = u32::MAX;
const ROOT: usize = 0;

impl Items {
    pub(super) fn new() -> Self {
        let root = Node {
            name: Name::default(),
            children: NONE,
            holds: Holds::Nothing,
        };
        Self {
            nodes: vec![root],
            children: Vec::new(),
            files: Vec::new(),
            others: Vec::new(),
            sources: Sources::default(),
        }
    }

    /// The item at `path`.
    pub(super) fn get(&self, path: &Path) -> Option<Cow<'_, Item>> {
        self.held(self.find(path)?)
    }

    pub(super) fn contains(&self, path: &Path) -> bool {
        let found = self.find(path);
        found.is_some_and(|node| !matches!(self.nodes[node].holds, Holds::Nothing))
    }

    /// Puts an item at `path`, instead of the one that is there.
    pub(super) fn insert(&mut self, path: &Path, item: Item) {
        let node = self.make(path);
        let name = self.nodes[node].name;
        let before = self.nodes[node].holds;
        self.nodes[node].holds = if let What::File(File::Disk { at, print, digest }) = &item.what {
            let place = self.sources.place(at, name);
            let file = DiskFile::new(place, *print, *digest, &item);
            if let Holds::File(index) = before {
                self.files[index as usize] = file;
                before
            } else {
                self.files.push(file);
                Holds::File(count(self.files.len() - 1))
            }
        } else if let Holds::Other(index) = before {
            self.others[index as usize] = Some(Box::new(item));
            before
        } else {
            self.others.push(Some(Box::new(item)));
            Holds::Other(count(self.others.len() - 1))
        };
        if std::mem::discriminant(&before) != std::mem::discriminant(&self.nodes[node].holds) {
            self.drop(before);
        }
    }

    /// Changes the item at `path`; whether there is one.
    pub(super) fn change(&mut self, path: &Path, change: impl FnOnce(&mut Item)) -> bool {
        let Some(mut item) = self.get(path).map(Cow::into_owned) else {
            return false;
        };
        change(&mut item);
        self.insert(path, item);
        true
    }

    /// Takes the item at `path` away.
    pub(super) fn remove(&mut self, path: &Path) {
        if let Some(node) = self.find(path) {
            let before = std::mem::replace(&mut self.nodes[node].holds, Holds::Nothing);
            self.drop(before);
        }
    }

    /// Where there are items at `path` and below it, in order.
    pub(super) fn within(&self, path: &Path) -> Vec<PathBuf> {
        let start = self.find(path);
        let walk = start.map(|node| Walk::from(self, node, path.to_path_buf()));
        walk.into_iter().flatten().map(|(path, _)| path).collect()
    }

    /// All items, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (PathBuf, Cow<'_, Item>)> {
        let walk = Walk::from(self, ROOT, PathBuf::from("/"));
        walk.filter_map(|(path, node)| Some((path, self.held(node)?)))
    }

    /// Files on the disk, in no order, and where they are.
    pub(super) fn files(&self) -> impl Iterator<Item = (&DiskFile, PathBuf)> {
        let files = self.files.iter().filter(|file| !file.is_gone);
        files.map(|file| (file, self.sources.path(file)))
    }

    /// The same, to be changed.
    pub(super) fn files_mut(&mut self) -> (impl Iterator<Item = &mut DiskFile>, &Sources) {
        let files = self.files.iter_mut().filter(|file| !file.is_gone);
        (files, &self.sources)
    }

    /// Everything else, in no order.
    pub(super) fn others(&self) -> impl Iterator<Item = &Item> {
        self.others.iter().flatten().map(Box::as_ref)
    }

    /// Dates nothing any more.
    pub(super) fn undate(&mut self) {
        self.files.iter_mut().for_each(DiskFile::undate);
        for item in self.others.iter_mut().flatten() {
            item.mtime = None;
        }
    }

    fn held(&self, node: usize) -> Option<Cow<'_, Item>> {
        match self.nodes[node].holds {
            Holds::Nothing => None,
            Holds::Other(index) => self.others[index as usize].as_deref().map(Cow::Borrowed),
            Holds::File(index) => {
                let file = &self.files[index as usize];
                Some(Cow::Owned(file.item(self.sources.path(file))))
            }
        }
    }

    fn drop(&mut self, holds: Holds) {
        match holds {
            Holds::Nothing => {}
            Holds::File(index) => self.files[index as usize].is_gone = true,
            Holds::Other(index) => self.others[index as usize] = None,
        }
    }

    fn find(&self, path: &Path) -> Option<usize> {
        let mut node = ROOT;
        for name in names(path) {
            let children = self.below(node);
            node = children[self.position(children, name).ok()?] as usize;
        }
        Some(node)
    }

    /// The node at `path`, made if it is not there.
    fn make(&mut self, path: &Path) -> usize {
        let mut node = ROOT;
        for name in names(path) {
            let children = self.below(node);
            // What comes in order goes to the end.
            let last = children.last().map(|last| self.name(*last));
            let place = if last.is_some_and(|last| last < name.as_bytes()) {
                Err(children.len())
            } else {
                self.position(children, name)
            };
            node = match place {
                Ok(at) => children[at] as usize,
                Err(at) => self.add(node, at, name),
            };
        }
        node
    }

    fn add(&mut self, parent: usize, at: usize, name: &OsStr) -> usize {
        let node = self.nodes.len();
        self.nodes.push(Node {
            name: self.sources.keep(name.as_bytes()),
            children: NONE,
            holds: Holds::Nothing,
        });
        if self.nodes[parent].children == NONE {
            self.nodes[parent].children = count(self.children.len());
            self.children.push(Vec::new());
        }
        self.children[self.nodes[parent].children as usize].insert(at, count(node));
        node
    }

    fn below(&self, node: usize) -> &[u32] {
        let list = self.children.get(self.nodes[node].children as usize);
        list.map_or(&[], Vec::as_slice)
    }

    fn position(&self, children: &[u32], name: &OsStr) -> Result<usize, usize> {
        children.binary_search_by(|child| self.name(*child).cmp(name.as_bytes()))
    }

    fn name(&self, node: u32) -> &[u8] {
        self.sources.name(self.nodes[node as usize].name)
    }
}

/// Nodes that hold something, with their paths, in order.
struct Walk<'i> {
    items: &'i Items,
    /// Folders that are not done: their children, and which is next.
    open: Vec<(&'i [u32], usize)>,
    path: PathBuf,
    start: Option<usize>,
}

impl<'i> Walk<'i> {
    fn from(items: &'i Items, start: usize, path: PathBuf) -> Self {
        Self {
            items,
            open: Vec::new(),
            path,
            start: Some(start),
        }
    }

    fn step(&mut self) -> Option<usize> {
        if let Some(start) = self.start.take() {
            self.open.push((self.items.below(start), 0));
            return Some(start);
        }
        loop {
            let (children, next) = self.open.last_mut()?;
            if let Some(&child) = children.get(*next) {
                *next += 1;
                self.path.push(OsStr::from_bytes(self.items.name(child)));
                self.open.push((self.items.below(child as usize), 0));
                return Some(child as usize);
            }
            self.open.pop();
            self.path.pop();
        }
    }
}

impl Iterator for Walk<'_> {
    type Item = (PathBuf, usize);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let node = self.step()?;
            if !matches!(self.items.nodes[node].holds, Holds::Nothing) {
                return Some((self.path.clone(), node));
            }
        }
    }
}

fn names(path: &Path) -> impl Iterator<Item = &OsStr> {
    path.components().filter_map(|component| match component {
        Component::Normal(name) => Some(name),
        _ => None,
    })
}

/// A count as it is kept. A copy of four thousand million things does not fit into memory anyway.
fn count(count: usize) -> u32 {
    u32::try_from(count).expect("fewer things than 2^32")
}

#[cfg(test)]
mod tests;
