//! Which files are checked. Git says what belongs to a checkout; elsewhere folders are walked.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Component, Path, PathBuf};
use std::process::{Command, Stdio};

use boatyard_harden::compose::named_in;
use boatyard_harden::workspace::{Kind, Source, is_interesting, kind};

use super::error::CheckError;

/// Folders that hold what others wrote or what was built.
const LEFT_OUT: [&str; 14] = [
    ".git",
    ".hg",
    ".svn",
    ".venv",
    "venv",
    "node_modules",
    "__pycache__",
    ".tox",
    ".nox",
    ".mypy_cache",
    ".terraform",
    "target",
    "site-packages",
    ".direnv",
];

/// Files longer than this are no Dockerfiles, scripts or manifests that somebody wrote.
const LONGEST: u64 = 1 << 20;

/// Of more files than this, those that a Compose file names are not followed.
const MOST_NAMED: usize = 50_000;

/// Files that were read, and the names of those that were not.
#[derive(Debug, Default)]
pub struct Found {
    /// Files that may be checked.
    pub sources: Vec<Source>,
    /// Paths of all files.
    pub paths: BTreeSet<String>,
}

/// Finds files below `paths`, or below the current folder if there are none. What a path names itself has to be something
/// that is checked.
pub fn find(paths: &[PathBuf]) -> Result<Found, CheckError> {
    let mut found = Found::default();
    let here = [PathBuf::from(".")];
    for path in if paths.is_empty() { &here } else { paths } {
        let read = |source| CheckError::Read {
            path: path.clone(),
            source,
        };
        let facts = fs::metadata(path).map_err(read)?;
        if facts.is_dir() {
            for file in listed(path).map_err(read)? {
                found
                    .add(&file, false)
                    .map_err(|source| CheckError::Read { path: file, source })?;
            }
        } else {
            found.add(path, true).map_err(read)?;
            let known = found
                .sources
                .last()
                .is_some_and(|source| kind(&source.path, &source.text, true) != Kind::Other);
            if !known {
                return Err(CheckError::Unknown { path: path.clone() });
            }
            found.beside(path);
        }
    }
    found.named();
    found.sources.sort_by(|a, b| a.path.cmp(&b.path));
    found.sources.dedup_by(|a, b| a.path == b.path);
    Ok(found)
}

impl Found {
    /// Reads a file if it may be something that is checked, or if it was `asked` for.
    fn add(&mut self, path: &Path, asked: bool) -> io::Result<()> {
        let shown = shown(path);
        let Ok(facts) = fs::symlink_metadata(path) else {
            // Git lists files that are deleted and not committed.
            return Ok(());
        };
        self.paths.insert(shown.clone());
        let executable = facts.permissions().mode() & 0o111 != 0;
        let wanted = is_interesting(&shown) || (executable && path.extension().is_none());
        if !asked && (!facts.is_file() || !wanted || facts.len() > LONGEST) {
            return Ok(());
        }
        let bytes = fs::read(path)?;
        let (text, not_text) = match String::from_utf8(bytes) {
            Ok(text) => (text, None),
            Err(_) if !is_interesting(&shown) => return Ok(()),
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                (
                    String::from_utf8_lossy(error.as_bytes()).into_owned(),
                    Some(at),
                )
            }
        };
        if asked || kind(&shown, &text, false) != Kind::Other {
            self.sources.push(Source {
                path: shown,
                text,
                executable: Some(executable),
                not_text,
                named: asked,
            });
        }
        Ok(())
    }

    /// Reads the Compose files that those found so far name, whatever they are called, and notes which files of variables are there:
    /// git does not tell of those that it ignores.
    fn named(&mut self) {
        let mut at = 0;
        while at < self.sources.len().min(MOST_NAMED) {
            let Source {
                path, text, named, ..
            } = &self.sources[at];
            at += 1;
            if kind(path, text, *named) != Kind::Compose {
                continue;
            }
            for (places, is_compose) in named_in(path, text) {
                let Some(place) = places.iter().find(|place| Path::new(place).is_file()) else {
                    continue;
                };
                self.paths.insert(place.clone());
                let known = self.sources.iter_mut().find(|one| one.path == *place);
                let is_new = known.is_none();
                if let Some(known) = known {
                    known.named |= is_compose;
                }
                // What cannot be read is told as what is not there.
                if is_new && is_compose && self.add(Path::new(place), true).is_err() {
                    self.paths.remove(place);
                }
            }
        }
    }

    /// Notes the names of the files beside `path`.
    fn beside(&mut self, path: &Path) {
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
            .unwrap_or(Path::new("."));
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            self.paths.insert(shown(&entry.path()));
        }
    }
}

/// The path as it is told: without `./`, with `/`.
fn shown(path: &Path) -> String {
    let parts: PathBuf = path
        .components()
        .filter(|part| *part != Component::CurDir)
        .collect();
    parts.display().to_string()
}

/// All files below `folder`.
fn listed(folder: &Path) -> io::Result<Vec<PathBuf>> {
    if let Some(files) = tracked(folder) {
        return Ok(files);
    }
    let mut files = Vec::new();
    let mut left = vec![folder.to_owned()];
    while let Some(folder) = left.pop() {
        let mut entries: Vec<_> = fs::read_dir(&folder)?.collect::<Result<_, _>>()?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let kind = entry.file_type()?;
            let out = LEFT_OUT.iter().any(|name| entry.file_name() == *name);
            if kind.is_dir() && !out {
                left.push(entry.path());
            } else if kind.is_file() {
                files.push(entry.path());
            }
        }
    }
    Ok(files)
}

/// What git knows or would add: so .gitignore is obeyed as git does it. `None` outside of a checkout, or without git.
fn tracked(folder: &Path) -> Option<Vec<PathBuf>> {
    let output = Command::new("git")
        .arg("-C")
        .arg(folder)
        // A checkout may name a program to run here.
        .args([
            "-c",
            "core.fsmonitor=false",
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
            "--",
            ".",
        ])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    if !output.status.success() {
        return None;
    }
    let mut files: Vec<PathBuf> = output
        .stdout
        .split(|&byte| byte == 0)
        .filter(|name| !name.is_empty())
        .map(|name| folder.join(std::ffi::OsStr::from_bytes(name)))
        .filter(|path| {
            !path
                .components()
                .any(|part| LEFT_OUT.iter().any(|out| part.as_os_str() == *out))
        })
        .collect();
    files.sort();
    files.dedup();
    Some(files)
}
