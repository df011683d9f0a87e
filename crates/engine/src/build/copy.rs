//! Copies from the project's folder: what of it is copied, and where it goes. How it is read and written is that of
//! `COPY`: [`crate::transfer`].

use std::fs::DirEntry;
use std::path::{Path, PathBuf};

use boatyard_plan::digest::Digest;
use boatyard_store::Store;
use boatyard_store::layer::Entry;

use super::BuildError;
use super::pattern::Excluded;
use crate::snapshot::Above;
use crate::transfer::{Chosen, Gathering, Prepared};

/// What `copy` of a service says.
#[derive(Clone, Copy)]
pub(super) struct Wanted<'a> {
    /// The project's folder.
    pub(super) context: &'a Path,
    /// Paths relative to it.
    pub(super) sources: &'a [String],
    /// What is left out.
    pub(super) exclude: &'a [String],
}

/// Reads what is copied to `dest` (absolute, links followed); `above` are the folders on the way.
pub(super) fn prepare(
    wanted: &Wanted<'_>,
    dest: &Path,
    above: &[Above],
    store: Option<&Store>,
) -> Result<Prepared, BuildError> {
    let excluded = Excluded::new(wanted.exclude);
    let mut chosen = Gathering::new(above);
    for source in wanted.sources {
        choose(wanted.context, source, dest, &excluded, &mut chosen)?;
    }
    Ok(chosen.read(wanted.context, store)?)
}

/// A digest of all that is in a folder, but for what keeps its history and what Boatyard puts there.
pub fn digest_of_sources(folder: &Path) -> Result<Digest, BuildError> {
    let everything = Wanted {
        context: folder,
        sources: &[".".to_owned()],
        exclude: &[".git", ".boatyard"].map(str::to_owned),
    };
    Ok(prepare(&everything, Path::new("/"), &[], None)?.key())
}

/// Finds what `source` names. A folder keeps its name; a link stays one.
fn choose(
    context: &Path,
    source: &str,
    dest: &Path,
    excluded: &Excluded,
    chosen: &mut Gathering,
) -> Result<(), BuildError> {
    let from = context.join(source);
    let metadata = std::fs::symlink_metadata(&from).map_err(|_| missing(context, source))?;
    let inside = from.canonicalize().is_ok_and(|real| {
        context
            .canonicalize()
            .is_ok_and(|context| real.starts_with(context))
    });
    if !inside {
        return Err(BuildError::OutsideSource {
            path: source.to_owned(),
        });
    }
    let name = from
        .file_name()
        .filter(|_| !matches!(source, "." | "./"))
        .map(PathBuf::from);
    let is_folder = metadata.is_dir();
    let below = name.clone().unwrap_or_default();
    if name.is_some() || !is_folder {
        chosen.add(&Chosen {
            path: dest.join(&below),
            source: from.clone(),
            metadata,
        })?;
    }
    if is_folder {
        walk(&from, &below, dest, excluded, chosen)?;
    }
    Ok(())
}

/// Everything in the folder `from`, which goes to `below` in `dest`. Sockets, pipes and devices are nothing to copy.
fn walk(
    from: &Path,
    below: &Path,
    dest: &Path,
    excluded: &Excluded,
    chosen: &mut Gathering,
) -> Result<(), BuildError> {
    let failed = |path: &Path| {
        let path = path.to_path_buf();
        move |source| BuildError::Io {
            doing: "read",
            path,
            source,
        }
    };
    let entries = std::fs::read_dir(from).map_err(failed(from))?;
    let entries: Result<Vec<_>, _> = entries.collect();
    let mut entries = entries.map_err(failed(from))?;
    entries.sort_by_key(DirEntry::file_name);
    for entry in entries {
        let below = below.join(entry.file_name());
        if excluded.has(&below) {
            continue;
        }
        let source = entry.path();
        let metadata = entry.metadata().map_err(failed(&source))?;
        let is_folder = metadata.is_dir();
        if is_folder || metadata.is_file() || metadata.is_symlink() {
            chosen.add(&Chosen {
                path: dest.join(&below),
                source: source.clone(),
                metadata,
            })?;
        }
        if is_folder {
            walk(&source, &below, dest, excluded, chosen)?;
        }
    }
    Ok(())
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

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    use std::path::Path;

    use super::{Wanted, digest_of_sources, prepare};

    #[test]
    fn names_of_any_bytes_are_copied() {
        let folder = tempfile::tempdir().expect("a folder");
        let strange = |bytes: &'static [u8]| Path::new(OsStr::from_bytes(bytes));
        let top = folder.path().join(strange(b"d\xff"));
        std::fs::create_dir(&top).expect("made");
        std::fs::write(top.join(strange(b"f\xfe")), "x").expect("written");
        std::os::unix::fs::symlink(strange(b"f\xfe"), top.join("link")).expect("linked");
        std::fs::write(top.join(strange(b"\xff.pyc")), "x").expect("written");
        let wanted = Wanted {
            context: folder.path(),
            sources: &[".".to_owned()],
            exclude: &["*.pyc".to_owned()],
        };
        let made = || prepare(&wanted, Path::new("/app"), &[], None).expect("it can be read");
        let paths: Vec<_> = made()
            .entries(Some(0))
            .into_iter()
            .map(|entry| entry.path)
            .collect();
        let app = Path::new("app").join(strange(b"d\xff"));
        assert_eq!(
            paths,
            [app.clone(), app.join(strange(b"f\xfe")), app.join("link")]
        );
        assert_eq!(made().key(), made().key());
        let before = digest_of_sources(folder.path()).expect("read");
        std::fs::rename(&top, folder.path().join(strange(b"d\xfd"))).expect("renamed");
        assert_ne!(before, digest_of_sources(folder.path()).expect("read"));
    }

    #[test]
    fn owners_modes_and_times_are_ours() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir_all(folder.path().join("src/sub")).expect("made");
        std::fs::write(folder.path().join("src/sub/file"), "x").expect("written");
        let wanted = Wanted {
            context: folder.path(),
            sources: &["src".to_owned(), "src/sub/file".to_owned()],
            exclude: &[],
        };
        let prepared = prepare(&wanted, Path::new("/app"), &[], None).expect("it can be read");
        assert!(prepared.newest().is_some());
        let entries = prepared.undated().entries(Some(7)).into_iter();
        let found: Vec<_> = entries
            .map(|entry| {
                (
                    entry.path.display().to_string(),
                    entry.mode,
                    entry.uid,
                    entry.mtime,
                )
            })
            .collect();
        let expected = [
            ("app/file", 0o644),
            ("app/src", 0o755),
            ("app/src/sub", 0o755),
            ("app/src/sub/file", 0o644),
        ];
        let expected = expected.map(|(path, mode)| (path.to_owned(), mode, 0, 7));
        assert_eq!(found, expected);
    }
}
