//! Unpacking packages into a root, as dpkg would: several at once, in any order, always with the same result.
//!
//! Configuration files go to `PATH.dpkg-new`, from where `dpkg --configure` takes them. Where two packages have the same
//! file, the one that says that it replaces the other wins. A folder has the attributes that the first package (in the
//! order of the list) gives it; one that was there before keeps its own.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use super::deb::Control;
use super::filter::Filter;
use super::owner::Names;
use super::records;
use super::root::{Attributes, Owners, Root};
use super::status::Status;
use super::unpack_error::UnpackError;
use super::worker::Worker;

/// How to unpack.
#[derive(Clone, Debug)]
pub struct Unpacking {
    /// What is left out.
    pub filter: Filter,
    /// Whose files they become.
    pub owners: Owners,
    /// Who keeps the records.
    pub records: Records,
}

/// Who records which packages a root has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Records {
    /// dpkg, which has to configure them yet: configuration files wait for it under another name.
    Dpkg,
    /// Nobody but us, for scanners (see `records`): the packages are done when they are unpacked.
    Folder,
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
#[expect(
    clippy::missing_panics_doc,
    reason = "only if a thread of ours panicked"
)]
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
    pub(super) unpacking: &'a Unpacking,
    pub(super) names: Names,
    pub(super) status: Status,
    /// Paths that packages which were there before own, by path.
    installed: HashMap<String, String>,
    merged: HashSet<String>,
    pub(super) state: Mutex<State>,
}

#[derive(Default)]
pub(super) struct State {
    /// Who owns a path, of the packages that are being unpacked.
    claims: HashMap<String, usize>,
    pub(super) controls: BTreeMap<usize, Control>,
    pub(super) paths: BTreeMap<usize, Vec<String>>,
    /// Folders that we made, with the package that gives them their attributes.
    pub(super) folders: BTreeMap<String, Option<(usize, Attributes)>>,
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
        match self.unpacking.records {
            Records::Dpkg => self.status.add(self.root, &unpacked, &state.lost)?,
            Records::Folder => records::add(self.root, &unpacked)?,
        }
        Ok(unpacked)
    }

    /// The path below `/usr` where a folder of the root is a link there, so that one file has one name.
    pub(super) fn canonical(&self, path: &str) -> String {
        let first = path.split('/').next().unwrap_or_default();
        if self.merged.contains(first) && first.len() < path.len() {
            format!("usr/{path}")
        } else {
            path.to_owned()
        }
    }

    /// Whether the package gets the path. Called with the state locked until the file is made.
    pub(super) fn claim(
        &self,
        state: &mut State,
        order: usize,
        path: &str,
    ) -> Result<bool, UnpackError> {
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
