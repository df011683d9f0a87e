//! Copies one source into the destination, by the rules of fsutil's `Copy`.

use std::collections::{BTreeMap, HashMap};
use std::fs::Metadata;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

use boatyard_plan::dockerfile::path::base;
use boatyard_plan::dockerfile::pattern::{Patterns, Within};
use sha2::Digest as _;

use super::TransferError;
use super::item::{File, Hash, Item, Owner, Print, What};
use super::place::View;
use super::rules::Rules;
use super::target::{Target, There};
use super::xattr;
use crate::snapshot::Seen;

/// Where a copied tree has its metadata from.
#[derive(Clone, Debug)]
pub(super) enum Origin {
    /// From the disk.
    Disk,
    /// From a Git commit: its time, and the two modes that Git knows.
    Commit { id: String, time: i64 },
}

/// Copies one source. Hard links within it stay links.
pub(super) struct Copier<'a, 'v> {
    pub(super) view: &'a View<'v>,
    pub(super) target: &'a mut Target,
    pub(super) rules: &'a Rules,
    /// `--parents`: only what these name, and the folders on the way to it.
    pub(super) include: Option<&'a Patterns>,
    pub(super) origin: Origin,
    links: HashMap<(u64, u64), PathBuf>,
    /// Folders that are being copied, outermost first.
    above: Vec<Above<'a>>,
}

/// A folder that is being copied.
struct Above<'a> {
    source: Seen,
    to: PathBuf,
    copied: bool,
    /// What the flags say of what is in it.
    include: Option<Within<'a>>,
    exclude: Within<'a>,
}

impl<'a, 'v> Copier<'a, 'v> {
    pub(super) fn new(view: &'a View<'v>, target: &'a mut Target, rules: &'a Rules) -> Self {
        Self {
            view,
            target,
            rules,
            include: None,
            origin: Origin::Disk,
            links: HashMap::new(),
            above: Vec::new(),
        }
    }

    /// Copies `source`, which is at the link-free path `from`, to `to`.
    pub(super) fn copy(
        &mut self,
        from: &Path,
        source: &Seen,
        to: &Path,
    ) -> Result<(), TransferError> {
        self.step(from, source, "", to)
    }

    /// `inner` is the path within the source, empty for the source itself.
    fn step(
        &mut self,
        from: &Path,
        source: &Seen,
        inner: &str,
        to: &Path,
    ) -> Result<(), TransferError> {
        let wanted = match self.above.last() {
            None => true,
            Some(above) => {
                let name = base(inner);
                let within = above.include.as_ref();
                within.is_none_or(|include| include.matches(name)) && !above.exclude.matches(name)
            }
        };
        if wanted {
            self.copy_above()?;
        }
        if source.metadata.is_dir() {
            return self.folder(from, source, inner, to, wanted);
        }
        if !wanted {
            return Ok(());
        }
        if self.target.look(to)? == Some(There::Folder) {
            return Err(TransferError::FolderInTheWay {
                path: to.to_path_buf(),
            });
        }
        let what = self.what(source, inner, to)?;
        let is_link = matches!(what, What::Link { .. });
        let mut item = self.item(source, what)?;
        if is_link {
            item.mode = 0o777;
        }
        self.target.put(to, item)
    }

    fn folder(
        &mut self,
        from: &Path,
        source: &Seen,
        inner: &str,
        to: &Path,
        wanted: bool,
    ) -> Result<(), TransferError> {
        let (include, exclude) = match self.above.last() {
            None => (self.include.map(Patterns::top), self.rules.exclude.top()),
            Some(above) => {
                let name = base(inner);
                let include = above.include.as_ref().map(|within| within.enter(name));
                (include, above.exclude.enter(name))
            }
        };
        if wanted {
            let there = self.target.look(to)?;
            match there {
                Some(There::Folder) if inner.is_empty() => {
                    // The destination itself keeps its metadata but for the time.
                    let time = self.time(&source.metadata);
                    self.target
                        .change_folder(to, |kept| kept.mtime = Some(time))?;
                }
                Some(There::Folder) | None => {
                    let what = What::Folder { opaque: false };
                    let item = self.item(source, what)?;
                    self.target.put(to, item)?;
                }
                Some(_) => {
                    return Err(TransferError::NoFolder {
                        path: to.to_path_buf(),
                    });
                }
            }
        } else if include
            .as_ref()
            .is_some_and(|within| !within.may_match_below())
            || !exclude.may_spare_below()
        {
            return Ok(());
        }
        self.above.push(Above {
            source: source.clone(),
            to: to.to_path_buf(),
            copied: wanted,
            include,
            exclude,
        });
        for (name, found) in self.view.list(from)? {
            let name_text = name.to_string_lossy();
            let inner = if inner.is_empty() {
                name_text.into_owned()
            } else {
                format!("{inner}/{name_text}")
            };
            self.step(&from.join(&name), &found, &inner, &to.join(&name))?;
        }
        self.above.pop();
        Ok(())
    }

    /// Copies the folders that were left until something in them was wanted. One that is there keeps all but its mode.
    fn copy_above(&mut self) -> Result<(), TransferError> {
        for index in 0..self.above.len() {
            if self.above[index].copied {
                continue;
            }
            self.above[index].copied = true;
            let (source, to) = (
                self.above[index].source.clone(),
                self.above[index].to.clone(),
            );
            match self.target.look(&to)? {
                None => {
                    let item = self.item(&source, What::Folder { opaque: false })?;
                    self.target.put(&to, item)?;
                }
                Some(There::Folder) => {
                    let mode = self.plain_mode(&source.metadata);
                    self.target.change_folder(&to, |kept| kept.mode = mode)?;
                }
                Some(_) => return Err(TransferError::NoFolder { path: to }),
            }
        }
        Ok(())
    }

    fn what(&mut self, source: &Seen, inner: &str, to: &Path) -> Result<What, TransferError> {
        if let Some(target) = source.link()? {
            return Ok(What::Link { target });
        }
        let metadata = &source.metadata;
        let kind = metadata.file_type();
        if kind.is_file() {
            if metadata.nlink() > 1 {
                let inode = (metadata.dev(), metadata.ino());
                let first = self.links.entry(inode).or_insert_with(|| to.to_path_buf());
                if first != to {
                    return Ok(What::HardLink {
                        target: first.clone(),
                    });
                }
            }
            return Ok(What::File(File::Disk {
                at: source.at.as_path().into(),
                print: Print::of(metadata),
                digest: self.stand_in(inner),
            }));
        }
        let (major, minor) = (
            rustix::fs::major(metadata.rdev()),
            rustix::fs::minor(metadata.rdev()),
        );
        Ok(if kind.is_fifo() {
            What::Fifo
        } else if kind.is_char_device() {
            What::CharDevice { major, minor }
        } else if kind.is_block_device() {
            What::BlockDevice { major, minor }
        } else {
            // A socket: an empty file stands for it.
            What::File(File::Bytes([].into()))
        })
    }

    /// Git's own files differ from clone to clone of the same commit: in keys the commit stands for them.
    fn stand_in(&self, inner: &str) -> Option<Hash> {
        match &self.origin {
            Origin::Commit { id, .. } if inner.split('/').any(|name| name == ".git") => {
                Some(sha2::Sha256::digest(format!("{id} {inner}")).into())
            }
            _ => None,
        }
    }

    fn item(&self, source: &Seen, what: What) -> Result<Item, TransferError> {
        let metadata = &source.metadata;
        let own = if self.view.owners {
            Owner {
                uid: metadata.uid(),
                gid: metadata.gid(),
            }
        } else {
            Owner::default()
        };
        let xattrs = if metadata.is_file() || metadata.is_dir() {
            xattr::read(&source.at)?
        } else {
            BTreeMap::default()
        };
        Ok(Item {
            what,
            mode: self
                .rules
                .mode(self.plain_mode(metadata), metadata.is_dir()),
            owner: self.rules.owner.unwrap_or(own),
            xattrs,
            mtime: Some(self.time(metadata)),
        })
    }

    /// The mode before `--chmod`.
    fn plain_mode(&self, metadata: &Metadata) -> u32 {
        match self.origin {
            Origin::Disk => metadata.mode() & 0o7777,
            Origin::Commit { .. } if metadata.is_dir() || metadata.mode() & 0o100 != 0 => 0o755,
            Origin::Commit { .. } => 0o644,
        }
    }

    fn time(&self, metadata: &Metadata) -> i64 {
        match self.origin {
            Origin::Disk => metadata.mtime(),
            Origin::Commit { time, .. } => time,
        }
    }
}
