//! From what a Dockerfile says to the items of a layer.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use boatyard_plan::attest::Material;
use boatyard_plan::dockerfile::path::clean;
use boatyard_plan::dockerfile::pattern::{Pattern, Patterns};
use boatyard_plan::dockerfile::{CopyOp, CopySource, Unpack};
use boatyard_store::{Scratch, Store};

use super::copier::{Copier, Origin};
use super::item::{File, Item, What};
use super::mode::Chmod;
use super::place::{Place, View};
use super::prepared::Prepared;
use super::rules::{Pours, Rules};
use super::source::{self, Found};
use super::target::{Target, There};
use super::{Downloads, Note, TransferError, archive, check, digest, download, git, owner, unpack};
use crate::snapshot::{Stack, Tree};

/// Finds what `op` copies and where it lands, and reads it. `place` is what [`CopyOp::from`] names, `parent` the tree that
/// the layer goes on. Downloads what is to be downloaded.
pub fn prepare(
    op: &CopyOp,
    place: &Place<'_>,
    parent: &Tree,
    store: &Store,
    downloads: &Downloads,
) -> Result<Prepared, TransferError> {
    // BuildKit builds the layer on nothing then, and cannot together with --chmod.
    let alone = op.link && op.chmod.is_none();
    let below = if alone {
        None
    } else {
        Some(parent.stack(store)?)
    };
    let mut notes = Vec::new();
    let rules = Rules {
        owner: match &op.chown {
            Some(text) => Some(owner::owner(text, below.as_ref(), &mut notes)?),
            None => None,
        },
        chmod: op.chmod.as_deref().map(Chmod::parse).transpose()?,
        exclude: Patterns::new(op.exclude.iter().map(String::as_str))?,
    };
    let mut job = Job {
        op,
        store,
        downloads,
        view: place.view()?,
        rules,
        target: Target::new(below),
        notes,
        fetched: Vec::new(),
        scratch: Vec::new(),
    };
    for source in &op.sources {
        match source {
            CopySource::Path(path) if op.parents => job.parents(path)?,
            CopySource::Path(path) => job.path(path)?,
            CopySource::Inline { name, text } => job.inline(name, text)?,
            CopySource::Url(url) => job.url(url)?,
            CopySource::Git(url) => job.git(url)?,
        }
    }
    let mut items = job.target.into_items();
    digest::fill(&mut items, place, Some(store))?;
    Ok(Prepared {
        items,
        notes: job.notes,
        fetched: job.fetched,
        _scratch: job.scratch,
    })
}

struct Job<'a> {
    op: &'a CopyOp,
    store: &'a Store,
    downloads: &'a Downloads,
    view: View<'a>,
    rules: Rules,
    target: Target,
    notes: Vec<Note>,
    fetched: Vec<Material>,
    scratch: Vec<Scratch>,
}

impl Job<'_> {
    /// A path or pattern of the place.
    fn path(&mut self, written: &str) -> Result<(), TransferError> {
        let root = Path::new("/");
        if clean(&format!("/{written}")) == "/" && self.view.look(root)?.is_none() {
            // A stage without any layer: a folder without content.
            let dest = &self.op.dest;
            self.rules
                .land(&mut self.target, dest, None, Pours::Contents)?;
            return Ok(());
        }
        let found = self.find(written, written)?;
        for found in found {
            if self.op.unpack != Unpack::Never
                && let Some(packing) = archive::detect(&found.seen)?
            {
                let name = found.path.to_string_lossy().into_owned();
                self.unpack(&name, &found.seen.at, packing)?;
                continue;
            }
            self.copy(&found, None)?;
        }
        Ok(())
    }

    /// `--parents`: the path is kept from a `/./` on. Everything below the part before it is walked, less what the part
    /// after it, a pattern in which `**` crosses folders, does not name.
    fn parents(&mut self, written: &str) -> Result<(), TransferError> {
        let (folder, pattern) = written.split_once("/./").unwrap_or(("", written));
        let pattern = clean(&format!("/{pattern}"));
        let pattern = pattern.trim_start_matches('/');
        let found = self.find(folder, written)?;
        if !Pattern::is_in(folder) && !Pattern::is_in(pattern) {
            for found in &found {
                let path = found.at.join(pattern);
                if self.view.look(&path)?.is_none() {
                    return Err(check::missing(&self.view, written, &path)?);
                }
            }
        }
        let include = Patterns::new([pattern])?;
        for found in found {
            if !pattern.is_empty() && !found.seen.metadata.is_dir() {
                // A pattern before the /./ fits files as well, and nothing is below them.
                continue;
            }
            self.copy(&found, (!pattern.is_empty()).then_some(&include))?;
        }
        Ok(())
    }

    fn find(&mut self, pattern: &str, written: &str) -> Result<Vec<Found>, TransferError> {
        let found = source::find(&self.view, pattern)?;
        if found.is_empty() {
            self.notes.push(Note::NothingFits {
                pattern: written.to_owned(),
            });
        }
        Ok(found)
    }

    fn copy(&mut self, found: &Found, include: Option<&Patterns>) -> Result<(), TransferError> {
        let pours = if found.seen.metadata.is_dir() {
            Pours::Contents
        } else {
            Pours::File
        };
        let name = found.path.file_name();
        let to = self
            .rules
            .land(&mut self.target, &self.op.dest, name, pours)?;
        let mut copier = Copier::new(&self.view, &mut self.target, &self.rules);
        copier.include = include;
        copier.copy(&found.at, &found.seen, &to)
    }

    /// A document of the Dockerfile.
    fn inline(&mut self, name: &str, text: &str) -> Result<(), TransferError> {
        let file = File::Bytes(Arc::from(text.as_bytes()));
        self.file(name, file, 0o644, None)
    }

    /// A file that is not of the place, owned by root.
    fn file(
        &mut self,
        name: &str,
        file: File,
        mode: u32,
        mtime: Option<i64>,
    ) -> Result<(), TransferError> {
        let name = Path::new(name).file_name();
        let to = self
            .rules
            .land(&mut self.target, &self.op.dest, name, Pours::File)?;
        if self.target.look(&to)? == Some(There::Folder) {
            return Err(TransferError::FolderInTheWay { path: to });
        }
        let mode = match &self.rules.chmod {
            Some(chmod) => chmod.apply(mode, false),
            None => mode,
        };
        let owner = self.rules.owner.unwrap_or_default();
        let item = Item {
            what: What::File(file),
            ..Item::folder(mode, owner, mtime)
        };
        self.target.put(&to, item)
    }

    fn url(&mut self, url: &str) -> Result<(), TransferError> {
        let checksum = self.op.checksum.as_deref();
        let got = download::get(self.downloads, self.store, url, checksum)?;
        self.fetched.extend(Material::download(url, &got.digest));
        if self.op.unpack == Unpack::Always
            && let Some(packing) = archive::detect_file(&got.at)?
        {
            return self.unpack(url, &got.at.clone(), packing);
        }
        let file = File::Disk {
            print: got.print,
            digest: Some(got.digest.hash()),
            at: got.at.into(),
        };
        self.file(download::name(url), file, 0o600, Some(got.modified))
    }

    fn git(&mut self, url: &str) -> Result<(), TransferError> {
        let checkout = git::check_out(url, self.op, self.downloads, self.store)?;
        let remote = &checkout.remote;
        self.fetched
            .push(Material::commit(remote, &checkout.commit));
        let view = View::plain(Stack::folder(&checkout.tree));
        let folder = clean(&format!("/{}", checkout.folder));
        let at = view.resolve(Path::new(&folder))?;
        let Some(seen) = view.look(&at)? else {
            return Err(check::missing(&view, &checkout.folder, Path::new(&folder))?);
        };
        let pours = if seen.metadata.is_dir() {
            Pours::Folder
        } else {
            Pours::File
        };
        let name: Option<PathBuf> = (pours == Pours::File)
            .then(|| Path::new(&folder).file_name().map(PathBuf::from))
            .flatten();
        let name = name.as_deref().map(Path::as_os_str);
        let to = self
            .rules
            .land(&mut self.target, &self.op.dest, name, pours)?;
        let mut copier = Copier::new(&view, &mut self.target, &self.rules);
        copier.origin = Origin::Commit {
            id: checkout.commit,
            time: checkout.time,
        };
        copier.copy(&at, &seen, &to)?;
        self.scratch.push(checkout.scratch);
        Ok(())
    }

    fn unpack(
        &mut self,
        name: &str,
        at: &Path,
        packing: archive::Packing,
    ) -> Result<(), TransferError> {
        let scratch = self.store.scratch()?;
        let entries = archive::read(name, at, packing, scratch.path())?;
        self.scratch.push(scratch);
        let dest = self
            .target
            .resolve(Path::new("/"), Path::new(&self.op.dest))?;
        let owner = self.rules.owner;
        self.target
            .make_folders(&dest, 0o755, owner.unwrap_or_default())?;
        unpack::place(name, entries, &dest, owner, &mut self.target)
    }
}
