//! Unpacking packages into a root, as dpkg would: several at once, in any order, always with the same result.
//!
//! Configuration files go to `PATH.dpkg-new`, from where `dpkg --configure` takes them. Where two packages have the same
//! file, the one that says that it replaces the other wins. A folder has the attributes that the first package (in the
//! order of the list) gives it; one that was there before keeps its own.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use rustix::fs::FileType;

use super::ar;
use super::deb::Control;
use super::filter::Filter;
use super::owner::Names;
use super::root::{Attributes, Owners, Root};
use super::status::Status;
use super::tar::{self, Entry, Kind};
use super::unpack_error::UnpackError;

/// How to unpack.
#[derive(Clone, Debug)]
pub struct Unpacking {
    /// What is left out.
    pub filter: Filter,
    /// Whose files they become.
    pub owners: Owners,
}

/// A package that was unpacked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unpacked {
    /// Its control part.
    pub control: Control,
    /// Its paths, with a slash in front, in the order of the archive; what was left out is among them.
    pub paths: Vec<String>,
}

/// Unpacks packages and writes dpkg's records of them. They are "unpacked" then, not configured.
pub fn unpack(
    debs: &[PathBuf],
    root: &Path,
    unpacking: &Unpacking,
) -> Result<Vec<Unpacked>, UnpackError> {
    let unpacker = Unpacker::new(root, unpacking)?;
    let next = std::sync::atomic::AtomicUsize::new(0);
    let work = || -> Result<(), UnpackError> {
        let worker = unpacker.worker()?;
        while let Some((order, deb)) = {
            let order = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            debs.get(order).map(|deb| (order, deb))
        } {
            worker.unpack(
                order,
                deb,
                Control::read(deb).map_err(|source| UnpackError::Read {
                    deb: deb.clone(),
                    source,
                })?,
            )?;
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let other = scope.spawn(work);
        work().and(other.join().expect("it does not panic"))
    })?;
    unpacker.finish()
}

/// Where the packages are unpacked to, and what is known of their files.
pub struct Unpacker<'a> {
    root: &'a Path,
    unpacking: &'a Unpacking,
    names: Names,
    status: Status,
    /// Paths that packages which were there before own, by path.
    installed: HashMap<String, String>,
    merged: HashSet<String>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Who owns a path, of the packages that are being unpacked.
    claims: HashMap<String, usize>,
    controls: BTreeMap<usize, Control>,
    paths: BTreeMap<usize, Vec<String>>,
    /// Folders that we made, with the package that gives them their attributes.
    folders: BTreeMap<String, Option<(usize, Attributes)>>,
    /// Paths that a package lost to another one: its `info` name, and the path.
    lost: HashSet<(String, String)>,
}

impl<'a> Unpacker<'a> {
    /// Prepares a root: reads what dpkg knows of it.
    pub fn new(root: &'a Path, unpacking: &'a Unpacking) -> Result<Self, UnpackError> {
        let status = Status::read(root)?;
        let merged = ["bin", "sbin", "lib", "lib32", "lib64", "libx32"]
            .into_iter()
            .filter(|name| root.join(name).is_symlink())
            .map(ToOwned::to_owned)
            .collect();
        Ok(Self {
            root,
            unpacking,
            names: Names::of(root),
            installed: status.owners(root)?,
            status,
            merged,
            state: Mutex::default(),
        })
    }

    /// One thread's view of the root.
    pub fn worker(&self) -> Result<Worker<'_>, UnpackError> {
        let root =
            Root::open(self.root, self.unpacking.owners).map_err(|source| UnpackError::State {
                path: self.root.to_owned(),
                source,
            })?;
        Ok(Worker {
            unpacker: self,
            root,
        })
    }

    /// Gives folders their attributes, and writes dpkg's records.
    pub fn finish(self) -> Result<Vec<Unpacked>, UnpackError> {
        let worker = self.worker()?;
        let mut state = std::mem::take(&mut *self.state.lock().expect("nothing panics with it"));
        // From the inside outwards: what is done inside a folder changes its time.
        for (path, attributes) in state.folders.iter().rev() {
            if let Some((order, attributes)) = attributes {
                worker
                    .root
                    .finish_folder(path, attributes)
                    .map_err(|source| UnpackError::Write {
                        package: state.controls[order].name.clone(),
                        path: path.clone(),
                        source,
                    })?;
            }
        }
        let mut unpacked: Vec<Unpacked> = Vec::new();
        for (order, control) in std::mem::take(&mut state.controls) {
            let mut paths = state.paths.remove(&order).unwrap_or_default();
            let info = control.info_name();
            paths.retain(|path| !state.lost.contains(&(info.clone(), path.clone())));
            unpacked.push(Unpacked { control, paths });
        }
        self.status.add(self.root, &unpacked, &state.lost)?;
        Ok(unpacked)
    }

    /// The path below `/usr` where a folder of the root is a link there, so that one file has one name.
    fn canonical(&self, path: &str) -> String {
        let first = path.split('/').next().unwrap_or_default();
        match self.merged.contains(first) && first.len() < path.len() {
            true => format!("usr/{path}"),
            false => path.to_owned(),
        }
    }

    /// Whether the package gets the path. Called with the state locked until the file is made.
    fn claim(&self, state: &mut State, order: usize, path: &str) -> Result<bool, UnpackError> {
        let control = &state.controls[&order];
        let overlap = |other: &str| UnpackError::Overlap {
            path: format!("/{path}"),
            package: control.name.clone(),
            other: other.to_owned(),
        };
        let key = self.canonical(path);
        if let Some(holder) = state.claims.get(&key).filter(|holder| **holder != order) {
            let other = &state.controls[holder];
            let takes = |from: &Control, to: &Control| {
                to.replaces
                    .iter()
                    .any(|relation| relation.met_by(&from.name, &from.version, &[]))
            };
            let written = format!("/{path}");
            if takes(other, control) {
                state.lost.insert((other.info_name(), written));
            } else if takes(control, other) {
                state.lost.insert((control.info_name(), written));
                return Ok(false);
            } else {
                return Err(overlap(&other.name));
            }
        } else if let Some(info) = self.installed.get(&key) {
            let name = info.split(':').next().unwrap_or(info);
            if name != control.name {
                let version = self.status.version(name).unwrap_or_default();
                if !control
                    .replaces
                    .iter()
                    .any(|relation| relation.met_by(name, version, &[]))
                {
                    return Err(overlap(name));
                }
                state.lost.insert((info.clone(), format!("/{path}")));
            }
        }
        state.claims.insert(key, order);
        Ok(true)
    }
}

/// One thread that unpacks.
pub struct Worker<'a> {
    unpacker: &'a Unpacker<'a>,
    root: Root,
}

impl Worker<'_> {
    /// Unpacks one package. `order` is its place among all.
    pub fn unpack(&self, order: usize, deb: &Path, control: Control) -> Result<(), UnpackError> {
        let unread = |source| UnpackError::Read {
            deb: deb.to_owned(),
            source,
        };
        let package = control.name.clone();
        let conffiles: HashSet<String> = control.conffiles().into_iter().collect();
        self.lock().controls.insert(order, control);
        let mut archive = tar::Archive::new(ar::open_member(deb, "data.tar").map_err(unread)?);
        let mut paths = vec!["/.".to_owned()];
        let mut buffer = vec![0; 128 * 1024];
        while let Some(entry) = archive.next_entry().map_err(unread)? {
            if entry.path.is_empty() {
                continue;
            }
            let listed = format!("/{}", entry.path);
            let may_contain = matches!(entry.kind, Kind::Directory | Kind::Symlink(_));
            let left_out = self
                .unpacker
                .unpacking
                .filter
                .leaves_out(&listed, may_contain);
            let target = self
                .unpacker
                .status
                .diverted(&package, &listed)
                .unwrap_or(&listed)[1..]
                .to_owned();
            let target = if conffiles.contains(&listed) {
                format!("{target}.dpkg-new")
            } else {
                target
            };
            paths.push(listed);
            if left_out {
                continue;
            }
            let unwritten = |source| UnpackError::Write {
                package: package.clone(),
                path: entry.path.clone(),
                source,
            };
            let file = self.place(order, &entry, &target, &package)?;
            let Some(mut file) = file else { continue };
            loop {
                let length = archive.read(&mut buffer).map_err(unread)?;
                if length == 0 {
                    break;
                }
                file.write_all(&buffer[..length]).map_err(unwritten)?;
            }
            self.root
                .finish(&file, &self.attributes(&entry))
                .map_err(unwritten)?;
        }
        self.lock().paths.insert(order, paths);
        Ok(())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.unpacker.state.lock().expect("nothing panics with it")
    }

    /// Makes what the entry describes at `target`; a file is returned to be filled.
    fn place(
        &self,
        order: usize,
        entry: &Entry,
        target: &str,
        package: &str,
    ) -> Result<Option<std::fs::File>, UnpackError> {
        let unwritten = |source| UnpackError::Write {
            package: package.to_owned(),
            path: entry.path.clone(),
            source,
        };
        if entry.kind == Kind::Directory {
            self.folder(order, entry, target).map_err(unwritten)?;
            return Ok(None);
        }
        let mut state = self.lock();
        if !self.unpacker.claim(&mut state, order, &entry.path)? {
            return Ok(None);
        }
        let attributes = self.attributes(entry);
        let place = || -> io::Result<Option<std::fs::File>> {
            match &entry.kind {
                Kind::File(_) => return self.root.create(target).map(Some),
                // A link never takes the place of a folder (dpkg's rule, on which merged /usr rests).
                Kind::Symlink(_) if self.root.is_folder(target)? => {}
                Kind::Symlink(to) => self.root.symlink(to, target, &attributes)?,
                Kind::Hardlink(to) => self.root.hardlink(&String::from_utf8_lossy(to), target)?,
                Kind::Character(major, minor) => {
                    self.root.special(
                        target,
                        FileType::CharacterDevice,
                        (*major, *minor),
                        &attributes,
                    )?;
                }
                Kind::Block(major, minor) => {
                    self.root.special(
                        target,
                        FileType::BlockDevice,
                        (*major, *minor),
                        &attributes,
                    )?;
                }
                Kind::Pipe => self
                    .root
                    .special(target, FileType::Fifo, (0, 0), &attributes)?,
                Kind::Directory => {}
            }
            Ok(None)
        };
        place().map_err(unwritten)
    }

    fn folder(&self, order: usize, entry: &Entry, target: &str) -> io::Result<()> {
        let mut state = self.lock();
        let made = self.root.make_folder(target)?;
        let key = self.unpacker.canonical(target);
        let attributes = self.attributes(entry);
        match state.folders.get_mut(&key) {
            Some(Some((first, _))) if *first <= order => {}
            Some(slot) => *slot = Some((order, attributes)),
            None if made => {
                state.folders.insert(key, Some((order, attributes)));
            }
            None => {}
        }
        Ok(())
    }

    fn attributes(&self, entry: &Entry) -> Attributes {
        Attributes {
            uid: self.unpacker.names.user(&entry.user, entry.uid),
            gid: self.unpacker.names.group(&entry.group, entry.gid),
            mode: entry.mode,
            mtime: entry.mtime,
        }
    }
}
