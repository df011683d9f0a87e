//! Mount points that the root lacks: created for the run, removed after it.

use std::ffi::OsStr;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::fs::{
    AtFlags, CWD, Mode, OFlags, ResolveFlags, mkdirat, open, openat, openat2, readlinkat, statat,
    unlinkat,
};
use rustix::io::Errno as Kernel;

use super::error::SandboxError;
use super::modified::Modified;
use super::spec::Spec;

/// Symlinks followed at most, as in the kernel (`path_resolution(7)`).
const MOST_LINKS: usize = 40;

/// What a mount point must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A folder.
    Folder,
    /// A file.
    File,
}

impl Kind {
    /// What a mount point for `source` must be.
    pub(super) fn of(source: &Path) -> rustix::io::Result<Self> {
        let status = statat(CWD, source, AtFlags::empty())?;
        let folder = rustix::fs::FileType::from_raw_mode(status.st_mode).is_dir();
        Ok(if folder { Self::Folder } else { Self::File })
    }
}

/// Everything that was created, in order.
#[derive(Debug, Default)]
pub(super) struct MountPoints(Vec<Created>);

#[derive(Debug)]
struct Created {
    parent: OwnedFd,
    name: PathBuf,
    kind: Kind,
    modified: Modified,
}

impl MountPoints {
    /// Creates what the mounts of a spec need in its root, except below other mounts.
    pub(super) fn create_for(&mut self, spec: &Spec) -> Result<(), SandboxError> {
        let root = open_root(&spec.root)?;
        let targets = targets(spec)?;
        for (target, kind) in &targets {
            let below_another = targets
                .iter()
                .any(|(other, _)| other != target && target.starts_with(other));
            if !below_another {
                self.create(&root, target, *kind)?;
            }
        }
        Ok(())
    }

    /// Finds a path inside a root, creating what is missing of it. Absolute and climbing symlinks stay inside.
    pub(super) fn create(
        &mut self,
        root: &OwnedFd,
        target: &Path,
        kind: Kind,
    ) -> Result<OwnedFd, SandboxError> {
        self.find_or_create(root, target, kind, MOST_LINKS)
            .map_err(|error| SandboxError::MountPoint {
                target: target.to_owned(),
                cause: error.into(),
            })
    }

    fn find_or_create(
        &mut self,
        root: &OwnedFd,
        target: &Path,
        kind: Kind,
        links: usize,
    ) -> rustix::io::Result<OwnedFd> {
        match find(root, target) {
            Err(Kernel::NOENT) => {}
            found => return found,
        }
        let links = links.checked_sub(1).ok_or(Kernel::LOOP)?;
        let (Some(parent_path), Some(name)) = (target.parent(), target.file_name()) else {
            return Err(Kernel::NOENT);
        };
        let parent = self.find_or_create(root, parent_path, Kind::Folder, links)?;
        match readlinkat(&parent, name, Vec::new()) {
            Ok(link) => {
                // A dangling symlink: create what it points to.
                let beyond = parent_path.join(OsStr::from_bytes(link.as_bytes()));
                return self.find_or_create(root, &beyond, kind, links);
            }
            Err(Kernel::NOENT) => {}
            Err(error) => return Err(error),
        }
        let created = Modified::by(&parent, || match kind {
            Kind::Folder => mkdirat(&parent, name, Mode::from_raw_mode(0o755)),
            Kind::File => {
                let flags = OFlags::CREATE
                    | OFlags::EXCL
                    | OFlags::WRONLY
                    | OFlags::CLOEXEC
                    | OFlags::NOFOLLOW;
                openat(&parent, name, flags, Mode::from_raw_mode(0o644)).map(drop)
            }
        });
        let ((), modified) = match created {
            // Another sandbox in this root was faster.
            Err(Kernel::EXIST) => return find(root, target),
            created => created?,
        };
        let opened = openat(
            &parent,
            name,
            OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC,
            Mode::empty(),
        )?;
        self.0.push(Created {
            parent,
            name: name.into(),
            kind,
            modified,
        });
        Ok(opened)
    }

    /// Removes what was created and is still empty, last first. What cannot be removed stays; the first failure is told,
    /// since it would become a part of the layer.
    pub(super) fn remove(self) -> Result<(), SandboxError> {
        let mut outcome = Ok(());
        for created in self.0.into_iter().rev() {
            let removed = created.remove().map_err(|error| SandboxError::Leftover {
                name: created.name.clone(),
                cause: error.into(),
            });
            outcome = outcome.and(removed);
        }
        outcome
    }
}

impl Created {
    fn remove(&self) -> rustix::io::Result<()> {
        let flags = match self.kind {
            Kind::Folder => AtFlags::REMOVEDIR,
            Kind::File => match statat(&self.parent, &self.name, AtFlags::SYMLINK_NOFOLLOW) {
                Ok(file) if file.st_size == 0 => AtFlags::empty(),
                // Somebody wrote to it, or removed it.
                Ok(_) | Err(Kernel::NOENT) => return Ok(()),
                Err(error) => return Err(error),
            },
        };
        let mut outcome = Ok(());
        self.modified.undo(&self.parent, || {
            outcome = unlinkat(&self.parent, &self.name, flags);
        });
        match outcome {
            // Somebody put something into it, made something else of it, removed it, or uses it still.
            Err(
                Kernel::NOTEMPTY
                | Kernel::EXIST
                | Kernel::NOTDIR
                | Kernel::ISDIR
                | Kernel::NOENT
                | Kernel::BUSY,
            ) => Ok(()),
            outcome => outcome,
        }
    }
}

/// Opens the root folder of a sandbox.
pub(super) fn open_root(root: &Path) -> Result<OwnedFd, SandboxError> {
    open(
        root,
        OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC,
        Mode::empty(),
    )
    .map_err(|error| SandboxError::Root {
        root: root.to_owned(),
        cause: error.into(),
    })
}

/// Finds a path inside a root; symlinks are followed as the program inside would follow them.
pub(super) fn find(root: &OwnedFd, target: &Path) -> rustix::io::Result<OwnedFd> {
    let resolve = ResolveFlags::IN_ROOT | ResolveFlags::NO_MAGICLINKS;
    openat2(
        root,
        target,
        OFlags::PATH | OFlags::CLOEXEC,
        Mode::empty(),
        resolve,
    )
}

/// Where the spec mounts something, parents before children, and what must be there.
fn targets(spec: &Spec) -> Result<Vec<(PathBuf, Kind)>, SandboxError> {
    let mut targets: Vec<(PathBuf, Kind)> = ["/proc", "/sys", "/dev"]
        .map(|path| (PathBuf::from(path), Kind::Folder))
        .to_vec();
    targets.extend(
        spec.tmpfs
            .iter()
            .map(|tmpfs| (tmpfs.target.clone(), Kind::Folder)),
    );
    targets.extend(
        spec.files
            .iter()
            .map(|file| (file.path.clone(), Kind::File)),
    );
    for bind in &spec.binds {
        let kind = Kind::of(&bind.source).map_err(|error| SandboxError::Bind {
            source_path: bind.source.clone(),
            target: bind.target.clone(),
            cause: error.into(),
        })?;
        targets.push((bind.target.clone(), kind));
    }
    targets.sort_by(|one, other| one.0.cmp(&other.0));
    Ok(targets)
}
