//! Copies from the project's folder into a layer.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use boatyard_plan::digest::Digest;
use boatyard_store::layer::{Content, Entry, Kind};
use serde::Serialize;
use sha2::Digest as _;

use super::BuildError;
use super::pattern::excluded;
use crate::snapshot::Above;

/// One thing that is copied. Serialised into the step's key, so it holds all that the layer depends on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Item {
    /// Where it goes, relative to the destination.
    path: PathBuf,
    /// What it is.
    what: What,
    /// Where it comes from.
    #[serde(skip)]
    source: PathBuf,
    /// When it was last changed, seconds since 1970.
    #[serde(skip)]
    modified: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
enum What {
    Folder,
    File {
        executable: bool,
        size: u64,
        digest: Digest,
    },
    Link {
        target: PathBuf,
    },
}

/// Finds what is copied: `sources` relative to `context`, less what `exclude` names, in order of path.
pub(super) fn scan(
    context: &Path,
    sources: &[String],
    exclude: &[String],
) -> Result<Vec<Item>, BuildError> {
    let mut items = Vec::new();
    for source in sources {
        let from = context.join(source);
        let meta = std::fs::symlink_metadata(&from).map_err(|_| missing(context, source))?;
        let inside = from.canonicalize().is_ok_and(|real| {
            context
                .canonicalize()
                .is_ok_and(|context| real.starts_with(context))
        });
        if !inside {
            return Err(BuildError::OutsideSource {
                path: source.clone(),
            });
        }
        let name = from
            .file_name()
            .filter(|_| !matches!(source.as_str(), "." | "./"));
        let to = name.map(PathBuf::from).unwrap_or_default();
        if meta.is_dir() {
            if name.is_some() {
                items.push(Item {
                    path: to.clone(),
                    what: What::Folder,
                    source: from.clone(),
                    modified: meta.mtime(),
                });
            }
            walk(&from, &to, exclude, &mut items)?;
        } else {
            items.push(item(&from, to, &meta)?);
        }
    }
    items.sort_by(|a, b| a.path.cmp(&b.path));
    items.dedup_by(|a, b| a.path == b.path);
    Ok(items)
}

/// A digest of all that is in a folder, but for what keeps its history and what Boatyard puts there.
pub fn digest_of_sources(folder: &Path) -> Result<Digest, BuildError> {
    let everything = [".".to_owned()];
    let items = scan(
        folder,
        &everything,
        &[".git", ".boatyard"].map(str::to_owned),
    )?;
    let text = serde_json::to_vec(&items).map_err(|error| BuildError::Io {
        doing: "make a digest of",
        path: folder.to_path_buf(),
        source: error.into(),
    })?;
    Ok(Digest::of(&text))
}

fn walk(
    from: &Path,
    to: &Path,
    exclude: &[String],
    items: &mut Vec<Item>,
) -> Result<(), BuildError> {
    let failed = |source| BuildError::Io {
        doing: "read",
        path: from.to_path_buf(),
        source,
    };
    for entry in std::fs::read_dir(from).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let path = to.join(entry.file_name());
        if excluded(exclude, &path.to_string_lossy()) {
            continue;
        }
        let source = entry.path();
        let meta = entry.metadata().map_err(|error| BuildError::Io {
            doing: "read",
            path: source.clone(),
            source: error,
        })?;
        if meta.is_dir() {
            items.push(Item {
                path: path.clone(),
                what: What::Folder,
                source: source.clone(),
                modified: meta.mtime(),
            });
            walk(&source, &path, exclude, items)?;
        } else if meta.is_file() || meta.is_symlink() {
            items.push(item(&source, path, &meta)?);
        }
    }
    Ok(())
}

fn item(source: &Path, path: PathBuf, meta: &std::fs::Metadata) -> Result<Item, BuildError> {
    let failed = |error| BuildError::Io {
        doing: "read",
        path: source.to_path_buf(),
        source: error,
    };
    let what = if meta.is_symlink() {
        What::Link {
            target: std::fs::read_link(source).map_err(failed)?,
        }
    } else {
        What::File {
            executable: meta.permissions().mode() & 0o111 != 0,
            size: meta.len(),
            digest: digest_of(source).map_err(failed)?,
        }
    };
    Ok(Item {
        path,
        what,
        source: source.to_path_buf(),
        modified: meta.mtime(),
    })
}

pub(super) fn digest_of(path: &Path) -> std::io::Result<Digest> {
    let mut file = std::fs::File::open(path)?;
    let mut hasher = sha2::Sha256::new();
    let mut buffer = vec![0_u8; 128 * 1024];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(Digest::from_hash(&hasher.finalize())),
            n => hasher.update(&buffer[..n]),
        }
    }
}

/// The newest modification among the files, seconds since 1970.
pub(super) fn newest(items: &[Item]) -> i64 {
    items
        .iter()
        .filter(|item| item.what != What::Folder)
        .map(|item| item.modified)
        .max()
        .unwrap_or(0)
}

/// The layer's entries: the folders `above` first, then the items below `dest` (absolute), all dated to `epoch`.
pub(super) fn entries(items: &[Item], dest: &Path, above: &[Above], epoch: i64) -> Vec<Entry> {
    let mut entries: Vec<Entry> = above.iter().map(|above| way(above, epoch)).collect();
    let dest = relative(dest);
    let mut seen: BTreeSet<PathBuf> = entries.iter().map(|entry| entry.path.clone()).collect();
    for item in items {
        let path = dest.join(&item.path);
        if !seen.insert(path.clone()) {
            continue;
        }
        let size = if let What::File { size, .. } = item.what {
            size
        } else {
            0
        };
        let (kind, mode, content) = match &item.what {
            What::Folder => (Kind::Directory, 0o755, Content::None),
            What::Link { target } => (
                Kind::Symlink {
                    target: target.clone(),
                },
                0o777,
                Content::None,
            ),
            What::File { executable, .. } => (
                Kind::File,
                if *executable { 0o755 } else { 0o644 },
                Content::File(item.source.clone()),
            ),
        };
        entries.push(Entry {
            content,
            size,
            mtime: epoch,
            ..Entry::new(path, kind, mode)
        });
    }
    entries
}

/// An entry for a folder on the way to something.
pub(super) fn way(above: &Above, epoch: i64) -> Entry {
    Entry {
        uid: above.uid,
        gid: above.gid,
        ..folder(&above.path, above.mode, epoch)
    }
}

/// An entry for a folder of root's.
pub(super) fn folder(path: &Path, mode: u32, epoch: i64) -> Entry {
    Entry {
        mtime: epoch,
        ..Entry::directory(relative(path), mode)
    }
}

/// A path of an image without its leading slash, as layers hold it.
pub(super) fn relative(path: &Path) -> PathBuf {
    path.strip_prefix("/").unwrap_or(path).to_path_buf()
}

/// The error for a source that is not there, with the name beside it that looks most alike.
pub(super) fn missing(context: &Path, source: &str) -> BuildError {
    let folder = context.join(source);
    let similar = folder
        .parent()
        .and_then(|folder| std::fs::read_dir(folder).ok())
        .and_then(|entries| {
            let wanted = Path::new(source)
                .file_name()?
                .to_string_lossy()
                .into_owned();
            entries
                .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
                .map(|name| (strsim::jaro_winkler(&name, &wanted), name))
                .filter(|(score, _)| *score > 0.8)
                .max_by(|a, b| a.0.total_cmp(&b.0))
                .map(|(_, name)| name)
        });
    BuildError::MissingSource {
        path: source.to_owned(),
        similar,
    }
}
