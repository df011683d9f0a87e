//! Whiteouts and opaque marks of a layer that is being unpacked.

use std::ffi::{CString, OsStr};
use std::os::fd::AsFd as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use rustix::fs::{FileType, Mode, XattrFlags};
use rustix::io::Errno;

use super::failure::LayerError;
use super::metadata::set_opaque;
use super::place::Placer;
use super::unpack::Style;
use crate::disk::During as _;
use crate::remove::{names, remove_at};

impl Placer<'_> {
    /// Hides or deletes what lower layers have at `path`.
    pub(super) fn whiteout(&mut self, path: &Path) -> Result<(), LayerError> {
        let name = path.file_name().unwrap_or_default();
        let parent = self.parent(path.parent().unwrap_or(Path::new("")))?;
        let full = self.dest.join(path);
        let c_name = CString::new(name.as_bytes()).map_err(|_| self.escapes(name.as_bytes()))?;
        match self.how.style {
            Style::Flat if self.ours.contains(path) => self.prune(path)?,
            Style::Flat => remove_at(parent.as_fd(), &c_name).during("remove", &full)?,
            Style::Snapshot(style) => {
                let kind = FileType::CharacterDevice;
                match rustix::fs::mknodat(&parent, name, kind, Mode::empty(), 0) {
                    // This layer put something there before: of a folder, what is below is hidden.
                    Err(Errno::EXIST) => match set_opaque(parent.as_fd(), name, style) {
                        Err(Errno::NOTDIR) => {}
                        other => other.during("mark opaque", &full)?,
                    },
                    other => other.during("create whiteout", &full)?,
                }
            }
        }
        self.parent = None;
        Ok(())
    }

    /// Hides or deletes what lower layers have in `folder`.
    pub(super) fn opaque(&mut self, folder: &Path) -> Result<(), LayerError> {
        let full = self.dest.join(folder);
        let opened = self.parent(folder)?;
        match self.how.style {
            Style::Flat => self.prune(folder)?,
            Style::Snapshot(style) => {
                rustix::fs::fsetxattr(&opened, style.attribute(), b"y", XattrFlags::empty())
                    .during("mark opaque", &full)?;
            }
        }
        self.parent = None;
        Ok(())
    }

    /// Removes from a folder what this layer did not put there.
    fn prune(&self, folder: &Path) -> Result<(), LayerError> {
        let full = self.dest.join(folder);
        let opened = match self.root.folder(folder) {
            Err(Errno::NOTDIR | Errno::NOENT) => return Ok(()),
            other => other.during("open", &full)?,
        };
        for (name, kind) in names(opened.as_fd()).during("list", &full)? {
            let path = folder.join(OsStr::from_bytes(name.to_bytes()));
            if !self.ours.contains(&path) {
                remove_at(opened.as_fd(), &name).during("remove", &self.dest.join(&path))?;
            } else if kind == FileType::Directory {
                self.prune(&path)?;
            }
        }
        Ok(())
    }
}
