//! `boatyard new`: a first boatyard.toml from what the source shows.

mod from;

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use boatyard_plan::detect::{Draft, Sources, draft, wants};
use boatyard_plan::failure::{Failure, Fault};
use boatyard_plan::project::parse;
use serde::Serialize;

use crate::answer::{self, Table};
use crate::project::{self, FILE};
use crate::stopped::Stopped;
use crate::voice::Voice;

/// How much of a file is read: what tells something is in its beginning.
const ENOUGH_BYTES: u64 = 1 << 20;

/// How many files are looked at: more are no sources.
const ENOUGH_FILES: usize = 50_000;

/// How deep folders are looked at.
const ENOUGH_FOLDERS: usize = 12;

/// Folders that hold no sources.
const SKIPPED: [&str; 9] = [
    ".git",
    ".hg",
    ".mypy_cache",
    ".svn",
    ".tox",
    ".venv",
    "__pycache__",
    "node_modules",
    "site-packages",
];

/// Why no file was written.
#[derive(Debug, thiserror::Error)]
enum NewError {
    #[error("{} is there already", path.display())]
    Exists { path: PathBuf },
    #[error("cannot {doing} {}", path.display())]
    Io {
        doing: &'static str,
        path: PathBuf,
        source: io::Error,
    },
    #[error("{} is not there", path.display())]
    NotThere { path: PathBuf },
    #[error("{} is not in the project's folder {}", path.display(), folder.display())]
    Outside { path: PathBuf, folder: PathBuf },
    #[error("{} is nothing that a project is made from", path.display())]
    Unknown { path: PathBuf },
    #[error("what was found out does not make a {FILE}: {problem}")]
    Misread { problem: String },
}

impl Failure for NewError {
    fn fault(&self) -> Fault {
        match self {
            Self::Exists { .. }
            | Self::NotThere { .. }
            | Self::Outside { .. }
            | Self::Unknown { .. } => Fault::User,
            Self::Io { .. } => Fault::Refused,
            Self::Misread { .. } => Fault::Bug,
        }
    }

    fn help(&self) -> Option<String> {
        match self {
            Self::Exists { .. } => {
                Some("\"boatyard new --print\" shows what would be written now".to_owned())
            }
            Self::Outside { .. } => {
                Some("name the folder, too: boatyard new DIR --from DIR/FILE".to_owned())
            }
            Self::Unknown { .. } => Some(
                "--from takes a Compose file (*.yaml, *.yml), a Dockerfile, a Procfile or .s2i"
                    .to_owned(),
            ),
            _ => None,
        }
    }
}

/// What programs learn.
#[derive(Serialize)]
struct Answer {
    path: PathBuf,
    written: bool,
    #[serde(flatten)]
    draft: Draft,
}

/// Writes the file into `folder`, which is made if it is not there, and says what is in it; only prints it if `print`.
/// Which processes there are says the file `from` alone, if there is one.
pub fn run(
    folder: Option<&Path>,
    from: Option<&Path>,
    print: bool,
    voice: &Voice,
) -> Result<(), Stopped> {
    let folder = project::here()?.join(folder.unwrap_or(Path::new("")));
    let path = folder.join(FILE);
    if !print && path.exists() {
        return Err(NewError::Exists { path }.into());
    }
    let mut paths = Vec::new();
    if folder.is_dir() {
        list(&folder, &folder, 0, &mut paths)?;
    }
    paths.sort();
    let mut texts = texts(&folder, &paths)?;
    let chosen = from
        .map(|file| from::choose(file, &folder, &mut texts))
        .transpose()?;
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let draft = draft(&Sources {
        name: &name,
        paths: &paths,
        texts: &texts,
        from: chosen.as_ref().map(from::Chosen::as_origin),
    });
    if let Err(mistakes) = parse(&draft.text) {
        let messages = mistakes.into_iter().map(|mistake| mistake.message);
        let problem = messages.collect::<Vec<_>>().join("; ");
        return Err(NewError::Misread { problem }.into());
    }
    if !print {
        write(&folder, &path, &draft.text)?;
    }
    if voice.json {
        return answer::json(&Answer {
            path,
            written: !print,
            draft,
        });
    }
    if print {
        return answer::text(&draft.text);
    }
    answer::text(&said(&path, &draft, voice))
}

/// Files below `folder`, relative to `top`.
fn list(top: &Path, folder: &Path, depth: usize, paths: &mut Vec<String>) -> Result<(), NewError> {
    let failed = |source| NewError::Io {
        doing: "read",
        path: folder.to_owned(),
        source,
    };
    if depth > ENOUGH_FOLDERS || folder.join("pyvenv.cfg").exists() {
        return Ok(());
    }
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if paths.len() >= ENOUGH_FILES {
            return Ok(());
        }
        let (path, name) = (entry.path(), entry.file_name());
        let kind = entry.file_type().map_err(failed)?;
        if kind.is_dir() {
            let name = name.to_string_lossy();
            if !SKIPPED.contains(&&*name) && !name.ends_with(".egg-info") {
                list(top, &path, depth + 1, paths)?;
            }
        } else if let Some(path) = path.strip_prefix(top).ok().and_then(Path::to_str) {
            paths.push(path.to_owned());
        }
    }
    Ok(())
}

fn texts(folder: &Path, paths: &[String]) -> Result<BTreeMap<String, String>, NewError> {
    let mut texts = BTreeMap::new();
    for path in paths.iter().filter(|path| wants(path)) {
        let at = folder.join(path);
        // Links that lead nowhere, sockets and the like say nothing.
        if !at.is_file() {
            continue;
        }
        texts.insert(path.clone(), read(&at)?);
    }
    Ok(texts)
}

/// The beginning of a file.
fn read(path: &Path) -> Result<String, NewError> {
    let mut bytes = Vec::new();
    let read =
        fs::File::open(path).and_then(|file| file.take(ENOUGH_BYTES).read_to_end(&mut bytes));
    read.map_err(|source| NewError::Io {
        doing: "read",
        path: path.to_owned(),
        source,
    })?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn write(folder: &Path, path: &Path, text: &str) -> Result<(), NewError> {
    let failed = |source| NewError::Io {
        doing: "write",
        path: path.to_owned(),
        source,
    };
    fs::create_dir_all(folder).map_err(failed)?;
    let mut file = fs::File::create_new(path).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)
}

/// What was written, for people.
fn said(path: &Path, draft: &Draft, voice: &Voice) -> String {
    let mut text = format!("wrote {}\n", path.display());
    if !draft.found.is_empty() {
        let mut table = Table::new(["FOUND", "IN"]);
        for found in &draft.found {
            table.row([found.what.clone(), found.file.clone()]);
        }
        text.push('\n');
        text.push_str(&table.render(voice.out));
    }
    if !draft.left.is_empty() {
        let mut table = Table::new(["NOT CARRIED OVER", "OF"]);
        for left in &draft.left {
            table.row([left.what.clone(), left.place()]);
        }
        text.push('\n');
        text.push_str(&table.render(voice.out));
        text.push_str("What to do about each stands at the end of the file.\n");
    }
    text.push_str("\nNext: boatyard plan, then boatyard up\n");
    text
}
