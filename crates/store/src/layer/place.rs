//! Puts one entry after the other into a folder.

use std::collections::{BTreeMap, HashSet};
use std::ffi::{CString, OsStr};
use std::io::BufRead;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, FileType, Mode, OFlags};
use rustix::io::Errno;

use super::failure::LayerError;
use super::header::{OPAQUE, WHITEOUT};
use super::metadata::{Metadata, set_opaque};
use super::read::{Archive, Header};
use super::root::{Root, Unblocked, relative};
use super::unpack::{Devices, Style, Unpack};
use crate::disk::{DiskError, During as _};
use crate::remove::remove_at;

/// What was put where.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub bytes: u64,
    pub devices_left_out: u64,
    pub xattrs_left_out: u64,
}

pub(crate) struct Placer<'a> {
    pub(super) root: Root,
    pub(super) dest: &'a Path,
    pub(super) how: &'a Unpack,
    counts: Counts,
    /// Folders get their metadata last: entries below change their times and may need their permissions.
    folders: BTreeMap<PathBuf, Metadata>,
    /// Flat style: every path of this layer, which its own whiteouts do not delete.
    pub(super) ours: HashSet<PathBuf>,
    /// The folder of the entry before.
    pub(super) parent: Option<(PathBuf, OwnedFd)>,
}

impl<'a> Placer<'a> {
    pub(crate) fn new(dest: &'a Path, how: &'a Unpack) -> Result<Self, LayerError> {
        Ok(Self {
            root: Root::open(dest).during("open", dest)?,
            dest,
            how,
            counts: Counts::default(),
            folders: BTreeMap::new(),
            ours: HashSet::new(),
            parent: None,
        })
    }

    /// Puts one entry, with its content from `archive`.
    pub(crate) fn place<R: BufRead>(
        &mut self,
        header: &Header,
        archive: &mut Archive<'_, R>,
    ) -> Result<(), LayerError> {
        let path = self.clean(&header.path)?;
        let Some(name) = path.file_name() else {
            if header.flag == b'5' {
                self.folders.insert(path, Metadata::of(header));
                return Ok(());
            }
            return Err(LayerError::Malformed {
                at: header.at,
                what: "the root is not a folder",
            });
        };
        let folder = path.parent().unwrap_or(Path::new(""));
        if let Some(hidden) = name.as_bytes().strip_prefix(WHITEOUT) {
            return match hidden {
                _ if name.as_bytes() == OPAQUE => self.opaque(folder),
                // Notes of aufs to itself.
                _ if hidden.starts_with(WHITEOUT) => Ok(()),
                b"" | b"." | b".." => Err(self.escapes(&header.path)),
                _ => self.whiteout(&folder.join(OsStr::from_bytes(hidden))),
            };
        }
        let parent = self.parent(folder)?;
        let outcome = self.put(header, &path, name, parent.as_fd(), archive);
        if self.how.style == Style::Flat {
            for ancestor in path.ancestors() {
                if !self.ours.insert(ancestor.to_path_buf()) {
                    break;
                }
            }
        }
        // Whatever a folder's entry replaced may have been on the way to the kept one.
        let keep = !matches!(header.flag, b'2' | b'5');
        self.parent = keep.then(|| (folder.to_path_buf(), parent));
        outcome
    }

    /// Gives the folders their metadata.
    pub(crate) fn finish(mut self) -> Result<Counts, LayerError> {
        for (path, metadata) in std::mem::take(&mut self.folders).into_iter().rev() {
            let full = self.dest.join(&path);
            let folder = match self.root.folder(&path) {
                Ok(folder) => folder,
                // A later entry or whiteout of the same layer took it away.
                Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => continue,
                Err(errno) => return Err(DiskError::new("open", &full, errno.into()).into()),
            };
            self.counts.xattrs_left_out += metadata.apply(&folder, self.how.owners, &full)?;
        }
        Ok(self.counts)
    }

    fn put<R: BufRead>(
        &mut self,
        header: &Header,
        path: &Path,
        name: &OsStr,
        parent: BorrowedFd<'_>,
        archive: &mut Archive<'_, R>,
    ) -> Result<(), LayerError> {
        let full = self.dest.join(path);
        let replace = |errno: Errno| {
            if errno == Errno::EXIST {
                let c_name = CString::new(name.as_bytes()).map_err(|_| Errno::INVAL)?;
                remove_at(parent, &c_name)
            } else {
                Err(errno)
            }
        };
        match header.flag {
            b'5' => {
                self.folder(name, parent, &full)?;
                self.folders
                    .insert(path.to_path_buf(), Metadata::of(header));
                return Ok(());
            }
            b'0' => {
                let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
                let create = || rustix::fs::openat(parent, name, flags, Mode::RUSR | Mode::WUSR);
                let file = create()
                    .or_else(|errno| replace(errno).and_then(|()| create()))
                    .during("create", &full)?;
                self.content(header, &file, &full, archive)?;
                self.counts.xattrs_left_out +=
                    Metadata::of(header).apply(&file, self.how.owners, &full)?;
                return Ok(());
            }
            b'1' => return self.hardlink(header, path, name, parent),
            b'2' => {
                let target = OsStr::from_bytes(&header.link);
                let create = || rustix::fs::symlinkat(target, parent, name);
                create()
                    .or_else(|errno| replace(errno).and_then(|()| create()))
                    .during("create link", &full)?;
            }
            _ => {
                if !self.node(header, path, name, parent)? {
                    self.counts.devices_left_out += 1;
                    return Ok(());
                }
            }
        }
        let has_mode = header.flag != b'2';
        Metadata::of(header).apply_at(parent, name, has_mode, self.how.owners, &full)
    }

    fn content<R: BufRead>(
        &mut self,
        header: &Header,
        file: &OwnedFd,
        full: &Path,
        archive: &mut Archive<'_, R>,
    ) -> Result<(), LayerError> {
        self.counts.bytes = self.counts.bytes.saturating_add(header.size);
        if self.counts.bytes > self.how.limits.bytes {
            return Err(LayerError::OverLimit {
                what: "bytes in files",
                limit: self.how.limits.bytes,
            });
        }
        let whole = [(0, header.size)];
        for &(mut offset, length) in header.parts.as_deref().unwrap_or(&whole) {
            let end = offset + length;
            while offset < end {
                let chunk = archive.chunk()?;
                if chunk.is_empty() {
                    return Err(LayerError::CutOff {
                        at: archive.position(),
                    });
                }
                let length =
                    usize::try_from(end - offset).map_or(chunk.len(), |n| n.min(chunk.len()));
                let count =
                    rustix::io::pwrite(file, &chunk[..length], offset).during("write", full)?;
                archive.consume(count);
                offset += count as u64;
            }
        }
        if header.parts.is_some() {
            rustix::fs::ftruncate(file, header.size).during("write", full)?;
        }
        Ok(())
    }

    /// Makes a folder or keeps the one that is there.
    fn folder(
        &mut self,
        name: &OsStr,
        parent: BorrowedFd<'_>,
        full: &Path,
    ) -> Result<(), LayerError> {
        let create = || rustix::fs::mkdirat(parent, name, Mode::RWXU);
        match create() {
            Err(Errno::EXIST) => {}
            other => return Ok(other.during("create folder", full)?),
        }
        let stat =
            rustix::fs::statat(parent, name, AtFlags::SYMLINK_NOFOLLOW).during("read", full)?;
        if FileType::from_raw_mode(stat.st_mode) == FileType::Directory {
            return Ok(());
        }
        rustix::fs::unlinkat(parent, name, AtFlags::empty()).during("remove", full)?;
        create().during("create folder", full)?;
        if is_whiteout(&stat)
            && let Style::Snapshot(style) = self.how.style
        {
            // What is below stays hidden: the whiteout came first and the folder is new.
            set_opaque(parent, name, style).during("mark opaque", full)?;
        }
        Ok(())
    }

    fn hardlink(
        &mut self,
        header: &Header,
        path: &Path,
        name: &OsStr,
        parent: BorrowedFd<'_>,
    ) -> Result<(), LayerError> {
        let target = self.clean(&header.link)?;
        let bad = || LayerError::BadHardlink {
            path: path.to_path_buf(),
            target: target.clone(),
        };
        if target == path {
            return Err(bad());
        }
        let target_name = target.file_name().ok_or_else(bad)?;
        let target_folder = target.parent().unwrap_or(Path::new(""));
        let from = self.root.folder(target_folder).map_err(|_| bad())?;
        let stat =
            rustix::fs::statat(&from, target_name, AtFlags::SYMLINK_NOFOLLOW).map_err(|_| bad())?;
        let kind = FileType::from_raw_mode(stat.st_mode);
        if kind == FileType::Directory || is_whiteout(&stat) {
            return Err(bad());
        }
        let full = self.dest.join(path);
        let create = || rustix::fs::linkat(&from, target_name, parent, name, AtFlags::empty());
        match create() {
            Err(Errno::EXIST) => {
                let c_name = CString::new(name.as_bytes()).map_err(|_| bad())?;
                remove_at(parent, &c_name).during("remove", &full)?;
                create().during("create link", &full)?;
            }
            other => other.during("create link", &full)?,
        }
        Ok(())
    }

    /// Makes a pipe or device; says whether the kernel let us.
    fn node(
        &self,
        header: &Header,
        path: &Path,
        name: &OsStr,
        parent: BorrowedFd<'_>,
    ) -> Result<bool, LayerError> {
        let kind = match header.flag {
            b'3' => FileType::CharacterDevice,
            b'4' => FileType::BlockDevice,
            _ => FileType::Fifo,
        };
        let is_device = kind != FileType::Fifo;
        // 0:0 would be a whiteout for overlayfs that no whiteout entry made.
        let forged = is_device && header.device == (0, 0);
        if forged || (is_device && self.how.devices == Devices::Refuse) {
            return Err(LayerError::Device {
                path: path.to_path_buf(),
            });
        }
        let device = rustix::fs::makedev(header.device.0, header.device.1);
        let full = self.dest.join(path);
        let create = || rustix::fs::mknodat(parent, name, kind, Mode::RUSR, device);
        match create() {
            Err(Errno::EXIST) => {
                let c_name = CString::new(name.as_bytes()).map_err(|_| LayerError::Device {
                    path: path.to_path_buf(),
                })?;
                remove_at(parent, &c_name).during("remove", &full)?;
                create().during("create device", &full)?;
                Ok(true)
            }
            Err(Errno::PERM) if is_device => Ok(false),
            other => Ok(other.map(|()| true).during("create device", &full)?),
        }
    }

    /// The folder that an entry goes into, made if it is missing.
    pub(super) fn parent(&mut self, folder: &Path) -> Result<OwnedFd, LayerError> {
        if let Some((path, opened)) = self.parent.take()
            && path == folder
        {
            return Ok(opened);
        }
        let style = self.how.style;
        let mut blocked = |parent: BorrowedFd<'_>, name: &OsStr| {
            let stat = rustix::fs::statat(parent, name, AtFlags::SYMLINK_NOFOLLOW)?;
            let (true, Style::Snapshot(whiteouts)) = (is_whiteout(&stat), style) else {
                return Ok(Unblocked::No);
            };
            rustix::fs::unlinkat(parent, name, AtFlags::empty())?;
            rustix::fs::mkdirat(parent, name, Mode::from_raw_mode(0o755))?;
            set_opaque(parent, name, whiteouts)?;
            Ok(Unblocked::Yes)
        };
        let full = self.dest.join(folder);
        Ok(self
            .root
            .make_folder(folder, &mut blocked)
            .during("create folder", &full)?)
    }

    fn clean(&self, path: &[u8]) -> Result<PathBuf, LayerError> {
        relative(path).ok_or_else(|| self.escapes(path))
    }

    #[expect(clippy::unused_self, reason = "reads as the other makers of errors")]
    pub(super) fn escapes(&self, path: &[u8]) -> LayerError {
        LayerError::Escapes {
            path: String::from_utf8_lossy(path).into_owned(),
        }
    }
}

fn is_whiteout(stat: &rustix::fs::Stat) -> bool {
    FileType::from_raw_mode(stat.st_mode) == FileType::CharacterDevice && stat.st_rdev == 0
}
