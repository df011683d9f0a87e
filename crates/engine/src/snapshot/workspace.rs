//! A writable state on top of a tree.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use boatyard_plan::failure::{Failure, Fault};
use boatyard_store::layer::{self, Entry, Layer, LayerError};
use boatyard_store::{DiskError, Scratch, Store, StoreError};
use rustix::mount::{MountFlags, UnmountFlags};

use super::Tree;
use super::flat;
use super::prune::{Said, prune};
use crate::host::{Host, Snapshots};

/// Why a state could not be made or kept.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A layer could not be read or written.
    #[error(transparent)]
    Layer(#[from] LayerError),
    /// A file operation failed.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// The overlay could not be mounted.
    #[error("cannot mount {layers} layers as an overlay at {at}")]
    Mount {
        /// How many layers.
        layers: usize,
        /// Where.
        at: PathBuf,
        /// What the kernel said.
        source: std::io::Error,
    },
}

impl Failure for SnapshotError {
    fn fault(&self) -> Fault {
        match self {
            Self::Store(inner) => inner.fault(),
            Self::Layer(inner) => inner.fault(),
            Self::Disk(inner) => inner.fault(),
            Self::Mount { .. } => Fault::Refused,
        }
    }

    fn help(&self) -> Option<String> {
        match self {
            Self::Store(inner) => inner.help(),
            Self::Mount { .. } => Some(
                "run \"boatyard doctor\", or set BOATYARD_SNAPSHOTS=copy (slower, needs no mounts)"
                    .to_owned(),
            ),
            Self::Layer(inner) => inner.help(),
            Self::Disk(inner) => inner.help(),
        }
    }
}

/// A writable state on top of a tree. Dropped without [`Workspace::commit`], it leaves nothing.
pub struct Workspace {
    root: PathBuf,
    kind: Kind,
    parent: Tree,
    // Dropped last: it removes the folder.
    scratch: Scratch,
}

enum Kind {
    /// An overlay is mounted at `root`.
    Overlay { upper: PathBuf },
    /// `root` is a full copy of the parent.
    Copy { copied_at: Option<SystemTime> },
}

impl Workspace {
    /// Makes a writable state on top of `parent`.
    pub fn open(host: &Host, store: &Store, parent: &Tree) -> Result<Self, SnapshotError> {
        let scratch = store.scratch()?;
        let root = scratch.new_dir("root")?;
        let kind = match host.snapshots {
            Snapshots::Overlay { userxattr } => {
                let upper = scratch.new_dir("upper")?;
                let work = scratch.new_dir("work")?;
                set_root_mode(&upper)?;
                let lower = parent.snapshots(store)?;
                mount_overlay(&lower, &upper, &work, &root, userxattr)?;
                Kind::Overlay { upper }
            }
            Snapshots::Copy => {
                flat::fill(store, parent, &root)?;
                set_root_mode(&root)?;
                Kind::Copy {
                    copied_at: now(&scratch),
                }
            }
        };
        Ok(Self {
            root,
            kind,
            parent: parent.clone(),
            scratch,
        })
    }

    /// The writable merged folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// A folder for other work in progress, gone with the workspace.
    pub fn scratch(&self) -> &Scratch {
        &self.scratch
    }

    /// What was changed so far, as entries of a layer that is dated to `epoch` at most.
    pub fn changes(&self, store: &Store, epoch: Option<i64>) -> Result<Vec<Entry>, SnapshotError> {
        Ok(match &self.kind {
            Kind::Overlay { upper } => {
                let below = self.parent.stack(store)?;
                layer::changes(upper, &below, epoch)?
            }
            Kind::Copy { copied_at } => {
                let parent = flat::ensure(store, &self.parent)?;
                layer::compare(&parent, &self.root, *copied_at, epoch)?
            }
        })
    }

    /// Keeps everything that was changed as a layer on top of the parent, and its files as that layer's snapshot.
    pub fn commit(self, store: &Store, options: &layer::Options) -> Result<Layer, SnapshotError> {
        Ok(self.commit_dated(store, options)?.0)
    }

    /// Like [`Workspace::commit`]; also gives the newest modification time of what was changed, seconds since 1970.
    pub fn commit_dated(
        mut self,
        store: &Store,
        options: &layer::Options,
    ) -> Result<(Layer, Option<i64>), SnapshotError> {
        let entries = self.changes(store, options.epoch)?;
        let newest = entries.iter().map(|entry| entry.mtime).max();
        let said = Said::by(&entries);
        let layer = layer::write(store, entries, options)?;
        match &self.kind {
            Kind::Overlay { upper } => {
                let upper = upper.clone();
                self.unmount();
                let below = self.parent.stack(store)?;
                if prune(&upper, &said, &below)? {
                    store.adopt_snapshot(&layer.diff_id, &upper)?;
                }
                // Else it is unpacked from its blob once it is needed.
            }
            Kind::Copy { .. } => flat::adopt(store, &self.parent.with(layer.clone()), &self.root)?,
        }
        Ok((layer, newest))
    }

    fn unmount(&mut self) {
        if matches!(self.kind, Kind::Overlay { .. }) {
            // Lazily: a process of the step that is still dying must not keep the workspace.
            let _ = rustix::mount::unmount(&self.root, UnmountFlags::DETACH);
        }
    }
}

impl Drop for Workspace {
    fn drop(&mut self) {
        self.unmount();
    }
}

/// The file system's own idea of now, which may lag behind the clock: the time of a file made now.
fn now(scratch: &Scratch) -> Option<SystemTime> {
    std::fs::File::create(scratch.path().join("now"))
        .and_then(|file| file.metadata())
        .and_then(|meta| meta.modified())
        .ok()
}

/// The attributes that hide what is below a folder: root's, and those of others.
pub(super) const OPAQUE: [&str; 2] = ["trusted.overlay.opaque", "user.overlay.opaque"];

/// Whether an overlay folder hides what is below it.
pub(super) fn is_opaque(folder: &Path) -> Result<bool, DiskError> {
    use rustix::io::Errno;
    for name in OPAQUE {
        let mut value = [0_u8; 4];
        match rustix::fs::lgetxattr(folder, name, &mut value[..]) {
            Ok(1) if value[0] == b'y' => return Ok(true),
            // Another value, which means something else. Or there is none, or none can be: `trusted.` in a user namespace.
            Ok(_) | Err(Errno::RANGE | Errno::NODATA | Errno::NOTSUP | Errno::PERM) => {}
            Err(errno) => {
                return Err(DiskError::new(
                    "read the attributes of",
                    folder,
                    errno.into(),
                ));
            }
        }
    }
    Ok(false)
}

/// The root folder of an image is 0755 whatever our umask is.
fn set_root_mode(folder: &Path) -> Result<(), SnapshotError> {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755))
        .map_err(|error| DiskError::new("set the mode of", folder, error).into())
}

/// Mounts an overlay. `lower` is lowest first. The mount data of the old interface ends at 4,096 bytes, so each lower
/// folder is added by the new one (Linux 6.5), with the old one as the fallback.
fn mount_overlay(
    lower: &[PathBuf],
    upper: &Path,
    work: &Path,
    at: &Path,
    userxattr: bool,
) -> Result<(), SnapshotError> {
    let failed = |errno: rustix::io::Errno| SnapshotError::Mount {
        layers: lower.len(),
        at: at.to_path_buf(),
        source: errno.into(),
    };
    // An overlay needs a lower folder; an empty one stands for "nothing below".
    let nothing = work.with_file_name("nothing");
    let stack: Vec<&Path> = if lower.is_empty() {
        std::fs::create_dir_all(&nothing)
            .map_err(|error| DiskError::new("make", &nothing, error))?;
        vec![&nothing]
    } else {
        // A layer that is there twice is refused as a loop. What its lower copy shows, the upper one shows, too.
        let mut seen = std::collections::HashSet::new();
        let topmost_first = lower.iter().rev().map(PathBuf::as_path);
        topmost_first
            .filter(|folder| seen.insert(*folder))
            .collect()
    };
    match mount_by_fsconfig(&stack, upper, work, at, userxattr) {
        Ok(()) => Ok(()),
        Err(rustix::io::Errno::NOSYS | rustix::io::Errno::INVAL | rustix::io::Errno::PERM) => {
            mount_by_options(&stack, upper, work, at, userxattr).map_err(failed)
        }
        Err(errno) => Err(failed(errno)),
    }
}

fn mount_by_fsconfig(
    stack: &[&Path],
    upper: &Path,
    work: &Path,
    at: &Path,
    userxattr: bool,
) -> rustix::io::Result<()> {
    use rustix::mount::{
        FsMountFlags, FsOpenFlags, MountAttrFlags, MoveMountFlags, fsconfig_create,
        fsconfig_set_flag, fsconfig_set_string, fsmount, fsopen, move_mount,
    };
    let fs = fsopen("overlay", FsOpenFlags::FSOPEN_CLOEXEC)?;
    for folder in stack {
        fsconfig_set_string(&fs, "lowerdir+", *folder)?;
    }
    fsconfig_set_string(&fs, "upperdir", upper)?;
    fsconfig_set_string(&fs, "workdir", work)?;
    if userxattr {
        fsconfig_set_flag(&fs, "userxattr")?;
    }
    // Work in progress is rebuilt after a crash, so nothing has to reach the disk.
    fsconfig_set_flag(&fs, "volatile")?;
    fsconfig_create(&fs)?;
    let mount = fsmount(&fs, FsMountFlags::FSMOUNT_CLOEXEC, MountAttrFlags::empty())?;
    move_mount(
        &mount,
        "",
        rustix::fs::CWD,
        at,
        MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH,
    )
}

fn mount_by_options(
    stack: &[&Path],
    upper: &Path,
    work: &Path,
    at: &Path,
    userxattr: bool,
) -> rustix::io::Result<()> {
    let names: Vec<_> = stack
        .iter()
        .map(|folder| folder.to_string_lossy())
        .collect();
    let mut data = format!(
        "lowerdir={},upperdir={},workdir={}",
        names.join(":"),
        upper.display(),
        work.display()
    );
    if userxattr {
        data.push_str(",userxattr");
    }
    let data = std::ffi::CString::new(data).map_err(|_| rustix::io::Errno::INVAL)?;
    rustix::mount::mount(
        "overlay",
        at,
        "overlay",
        MountFlags::empty(),
        data.as_c_str(),
    )
}
