//! Bytecode of installed modules: the interpreter of the image compiles them, one process for each processor.
//!
//! ```text
//! entries of the environment -> batches of modules -> interpreter -> a file of records for each batch -> entries
//! ```
//! Only what the image keeps is compiled, and nothing is written into the workspace: thousands of small files there would
//! have to be made, listed, read and removed again. The batches depend on the modules alone, so that the bytes do, too.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use boatyard_plan::build::ENVIRONMENT;
use boatyard_store::layer::{Entry, Kind};
use rustix::fs::{Mode, OFlags};

use super::bench::Bench;
use super::within::{self, Job, Shown};
use super::{BuildError, copy};
use crate::snapshot::Workspace;

/// What compiles. Needs nothing but Python's own modules.
const SCRIPT: &str = include_str!("bytecode.py");
/// Where its folder is shown.
const FOLDER_IN_STEP: &str = "/run/boatyard/bytecode";
/// Source bytes of a batch, at most (but for its last module) and at least. A process costs what 64 kB of source do.
const BATCH_BYTES: std::ops::Range<u64> = 256 << 10..2 << 20;
/// The line before a module's bytecode is not longer than this.
const LINE_LIMIT: u64 = 512;
/// Nor is that of one module, which is held in memory.
const MODULE_LIMIT: u64 = 256 << 20;

/// Bytecode that was compiled, beside the environment that it is of.
#[derive(Default)]
pub(super) struct Bytecode {
    modules: Vec<Compiled>,
}

/// The bytecode of a module: its entry without content, and where the content is.
struct Compiled {
    entry: Entry,
    file: Arc<File>,
    at: u64,
}

impl Bytecode {
    /// Compiles the modules among `entries`, the environment's at their place in the image. What cannot be compiled is
    /// left out.
    pub(super) fn of(
        bench: &Bench<'_>,
        workspace: &Workspace,
        id: &str,
        python: &str,
        entries: &[Entry],
    ) -> Result<Self, BuildError> {
        let batches = batches(entries);
        if batches.is_empty() {
            return Ok(Self::default());
        }
        let folder = workspace.scratch().new_dir("bytecode")?;
        let listed = folder.join("sources");
        std::fs::write(&listed, sources(&batches)).map_err(|source| BuildError::Io {
            doing: "write",
            path: listed,
            source,
        })?;
        let processes = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let processes = processes.to_string();
        let words = [python, "-I", "-S", "-c", SCRIPT, FOLDER_IN_STEP, &processes];
        let job = Job {
            argv: words.map(str::to_owned).to_vec(),
            env: Vec::new(),
            shown: &[Shown::cache(folder.clone(), FOLDER_IN_STEP)],
            network: false,
            secrets: &[],
        };
        within::run(bench, workspace.root(), id, &job)?;
        let mut modules = Vec::new();
        for (number, batch) in batches.iter().enumerate() {
            let name = number.to_string();
            let compiled = open(&folder, &name).and_then(|file| read(file, batch));
            modules.extend(compiled.map_err(|source| BuildError::Io {
                doing: "read the bytecode in",
                path: folder.join(name),
                source,
            })?);
        }
        Ok(Self { modules })
    }

    /// `entries` with the bytecode in its place, in a layer's order. Content is read when an entry is asked for; if that
    /// fails the entry is shorter than it says, which a layer's writer refuses.
    pub(super) fn among(self, entries: Vec<Entry>) -> impl Iterator<Item = Entry> {
        let whole = entries.into_iter().map(|entry| (entry, None));
        let mut all: BTreeMap<PathBuf, _> = whole
            .map(|(entry, part)| (entry.path.clone(), (entry, part)))
            .collect();
        for Compiled { entry, file, at } in self.modules {
            let folder = entry.path.parent().unwrap_or(Path::new(""));
            all.entry(folder.to_path_buf())
                .or_insert_with(|| (copy::folder(folder, 0o755, entry.mtime), None));
            all.insert(entry.path.clone(), (entry, Some((file, at))));
        }
        all.into_values().map(|(entry, part)| match part {
            Some((file, at)) => filled(entry, &file, at),
            None => entry,
        })
    }
}

fn filled(entry: Entry, file: &File, at: u64) -> Entry {
    let mut bytes = vec![0; usize::try_from(entry.size).unwrap_or(0)];
    match file.read_exact_at(&mut bytes, at) {
        Ok(()) => Entry {
            mtime: entry.mtime,
            ..Entry::file(entry.path, entry.mode, bytes)
        },
        Err(_) => entry,
    }
}

/// Whether a path of the environment is a module: what `import` finds, not scripts.
fn is_module(entry: &Entry) -> bool {
    let Ok(path) = entry
        .path
        .strip_prefix(copy::relative(Path::new(ENVIRONMENT)))
    else {
        return false;
    };
    matches!(entry.kind, Kind::File | Kind::Hardlink { .. })
        && path.extension() == Some(OsStr::new("py"))
        && path.starts_with("lib")
        && path.components().nth(2).map(Component::as_os_str) == Some(OsStr::new("site-packages"))
}

/// The modules in batches, in their order. Later batches are smaller, so that all processors end at about the same time.
fn batches(entries: &[Entry]) -> Vec<Vec<&Entry>> {
    let modules: Vec<&Entry> = entries.iter().filter(|entry| is_module(entry)).collect();
    let mut left: u64 = modules.iter().map(|module| module.size).sum();
    let mut batches: Vec<Vec<&Entry>> = Vec::new();
    let mut room = 0;
    for module in modules {
        if let Some(batch) = batches.last_mut().filter(|_| room > 0) {
            batch.push(module);
        } else {
            room = (left / 4).clamp(BATCH_BYTES.start, BATCH_BYTES.end);
            batches.push(vec![module]);
        }
        room = room.saturating_sub(module.size);
        left = left.saturating_sub(module.size);
    }
    batches
}

/// The batches as the script reads them.
fn sources(batches: &[Vec<&Entry>]) -> Vec<u8> {
    let mut text = Vec::new();
    for batch in batches {
        for module in batch {
            text.push(b'/');
            text.extend_from_slice(module.path.as_os_str().as_bytes());
            text.push(0);
        }
        text.push(0);
    }
    text
}

/// Opens what a sandbox has written: no link that leads out of the folder, nothing that blocks.
fn open(folder: &Path, name: &str) -> std::io::Result<File> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let folder = rustix::fs::open(folder, flags | OFlags::DIRECTORY, Mode::empty())?;
    let file = File::from(rustix::fs::openat(folder, name, flags, Mode::empty())?);
    if file.metadata()?.is_file() {
        Ok(file)
    } else {
        Err(std::io::Error::other("it is not a file"))
    }
}

/// The records of a batch. Nothing in them is believed: a package may have put its own program in the interpreter's place.
fn read(file: File, batch: &[&Entry]) -> std::io::Result<Vec<Compiled>> {
    let damaged = || std::io::Error::other("it is not what was asked for");
    let whole = file.metadata()?.len();
    let file = Arc::new(file);
    let mut reader = BufReader::new(&*file);
    let mut modules = batch.iter().enumerate();
    let mut compiled = Vec::new();
    let mut at = 0;
    loop {
        let mut line = Vec::new();
        let length = reader
            .by_ref()
            .take(LINE_LIMIT)
            .read_until(b'\n', &mut line)?;
        if length == 0 {
            return Ok(compiled);
        }
        at += length as u64;
        let (number, size, name) = record(&line).ok_or_else(damaged)?;
        // Each comes once, in order.
        let (_, module) = modules.find(|(at, _)| *at == number).ok_or_else(damaged)?;
        let end = at.saturating_add(size);
        if size > MODULE_LIMIT || end > whole {
            return Err(damaged());
        }
        compiled.push(Compiled {
            entry: entry(module, name, size),
            file: Arc::clone(&file),
            at,
        });
        reader.seek_relative(i64::try_from(size).map_err(|_| damaged())?)?;
        at = end;
    }
}

/// The number of a module in its batch, the size of its bytecode, and how the file is called.
fn record(line: &[u8]) -> Option<(usize, u64, OsString)> {
    let mut words = line.strip_suffix(b"\n")?.splitn(3, |&byte| byte == b' ');
    let mut number = || std::str::from_utf8(words.next()?).ok()?.parse::<u64>().ok();
    let (at, size) = (number()?, number()?);
    let name = words.next()?;
    let is_name = name.ends_with(b".pyc") && !name.iter().any(|byte| matches!(byte, b'/' | 0));
    is_name.then(|| {
        let name = OsString::from_vec(name.to_vec());
        Some((usize::try_from(at).ok()?, size, name))
    })?
}

/// The entry of a module's bytecode, as Python itself would make it: writable for its owner, not executable.
fn entry(module: &Entry, name: OsString, size: u64) -> Entry {
    let folder = module.path.parent().unwrap_or(Path::new(""));
    Entry {
        size,
        mtime: module.mtime,
        ..Entry::new(
            folder.join("__pycache__").join(name),
            Kind::File,
            (module.mode | 0o200) & 0o644,
        )
    }
}

#[cfg(test)]
mod tests;
