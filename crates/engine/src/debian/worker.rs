//! Unpacking one package after the other: what each of the threads does.

use std::collections::HashSet;
use std::io::{self, Write};
use std::path::Path;

use rustix::fs::FileType;

use super::ar;
use super::deb::Control;
use super::root::{Attributes, Root};
use super::tar::{self, Entry, Kind};
use super::unpack::{Records, State, Unpacker};
use super::unpack_error::UnpackError;

/// One thread that unpacks.
pub struct Worker<'a> {
    pub(super) unpacker: &'a Unpacker<'a>,
    pub(super) root: Root,
}

impl Worker<'_> {
    /// Unpacks one package. `order` is its place among all.
    pub fn unpack(&self, order: usize, deb: &Path, control: Control) -> Result<(), UnpackError> {
        let unread = |source| UnpackError::Read {
            deb: deb.to_owned(),
            source,
        };
        let package = control.name.clone();
        // For dpkg, which takes them from there when it configures.
        let conffiles: HashSet<String> = match self.unpacker.unpacking.records {
            Records::Dpkg => control.conffiles().into_iter().collect(),
            Records::Folder => HashSet::new(),
        };
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
