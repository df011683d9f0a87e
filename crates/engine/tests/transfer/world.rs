//! A folder with a store, a context and a parent, each written down as short lines.
//!
//! ```text
//! a/              folder              a@600      with this mode
//! a               file that says "a"  a+1:2      of this owner (in trees)
//! a=text          file that says so   a -> b     symbolic link
//! a <- b          another name of b   a|         named pipe
//! ```

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use boatyard_engine::snapshot::Tree;
use boatyard_engine::transfer::{Downloads, Place, Prepared, TransferError, prepare};
use boatyard_plan::dockerfile::ignore::Ignore;
use boatyard_plan::dockerfile::{CopyOp, CopySource, Source, Unpack};
use boatyard_store::Store;
use boatyard_store::layer::{self, Content, Entry, Kind};

/// When everything in a tree and a context was changed.
pub const MOMENT: i64 = 1_700_000_000;

pub struct World {
    pub folder: tempfile::TempDir,
    pub store: Store,
}

impl World {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("store")).unwrap();
        fs::create_dir(folder.path().join("context")).unwrap();
        Self { folder, store }
    }

    pub fn context(&self) -> PathBuf {
        self.folder.path().join("context")
    }

    /// Writes lines into the context.
    pub fn write(&self, lines: &[&str]) {
        for line in lines {
            let thing = Thing::read(line);
            let at = self.context().join(&thing.path);
            fs::create_dir_all(at.parent().unwrap()).unwrap();
            match &thing.kind {
                Kind::Directory => fs::create_dir_all(&at).unwrap(),
                Kind::Symlink { target } => {
                    symlink(target, &at).unwrap();
                    continue;
                }
                Kind::Hardlink { target } => {
                    fs::hard_link(self.context().join(target), &at).unwrap();
                    continue;
                }
                Kind::Fifo => {
                    let mode = rustix::fs::Mode::from_raw_mode(0o644);
                    rustix::fs::mknodat(rustix::fs::CWD, &at, rustix::fs::FileType::Fifo, mode, 0)
                        .unwrap();
                }
                _ => fs::write(&at, &thing.text).unwrap(),
            }
            fs::set_permissions(&at, fs::Permissions::from_mode(thing.mode)).unwrap();
        }
    }

    /// A tree of one layer for each list of lines, lowest first.
    pub fn tree(&self, layers: &[&[&str]]) -> Tree {
        let mut tree = Tree::default();
        for lines in layers {
            let entries = lines.iter().map(|line| Thing::read(line).entry()).collect();
            let layer = layer::write(&self.store, entries, &layer::Options::default()).unwrap();
            tree = tree.with(layer);
        }
        tree
    }

    pub fn downloads(&self) -> Downloads {
        Downloads::new(&self.folder.path().join("downloads"))
    }

    /// Prepares an instruction whose sources are in the context.
    pub fn copy(&self, parent: &Tree, instruction: &str) -> Result<Prepared, TransferError> {
        self.copy_ignoring(parent, instruction, "")
    }

    /// The same with a `.dockerignore`.
    pub fn copy_ignoring(
        &self,
        parent: &Tree,
        instruction: &str,
        ignore: &str,
    ) -> Result<Prepared, TransferError> {
        let ignore = Ignore::parse(ignore).unwrap();
        let place = Place::folder(&self.context(), Some(&ignore));
        let op = op(instruction);
        prepare(&op, &place, parent, &self.store, &self.downloads())
    }

    /// Prepares an instruction whose sources are in a tree.
    pub fn copy_from(
        &self,
        from: &Tree,
        parent: &Tree,
        instruction: &str,
    ) -> Result<Prepared, TransferError> {
        let place = Place::tree(&self.store, from).unwrap();
        let op = op(instruction);
        prepare(&op, &place, parent, &self.store, &self.downloads())
    }
}

/// Reads `COPY --flag=value source... dest`, blanks between words.
pub fn op(instruction: &str) -> CopyOp {
    let mut words = instruction.split_whitespace();
    let is_add = words.next() == Some("ADD");
    let mut op = CopyOp {
        from: Source::Context,
        sources: Vec::new(),
        dest: String::new(),
        chown: None,
        chmod: None,
        link: false,
        parents: false,
        exclude: Vec::new(),
        unpack: if is_add { Unpack::Local } else { Unpack::Never },
        checksum: None,
        keep_git_dir: false,
    };
    let mut paths = Vec::new();
    for word in words {
        let (flag, value) = word.split_once('=').unwrap_or((word, ""));
        match flag {
            "--chown" => op.chown = Some(value.to_owned()),
            "--chmod" => op.chmod = Some(value.to_owned()),
            "--exclude" => op.exclude.push(value.to_owned()),
            "--checksum" => op.checksum = Some(value.to_owned()),
            "--link" => op.link = true,
            "--parents" => op.parents = true,
            "--keep-git-dir" => op.keep_git_dir = true,
            "--unpack" => op.unpack = Unpack::Always,
            _ => paths.push(word.to_owned()),
        }
    }
    op.dest = paths.pop().unwrap();
    op.sources = paths
        .into_iter()
        .map(|path| {
            if let Some(text) = path.strip_prefix("<<") {
                CopySource::Inline {
                    name: text.to_owned(),
                    text: format!("inline {text}"),
                }
            } else if path.contains(".git") && path.contains("://") {
                CopySource::Git(path)
            } else if path.contains("://") {
                CopySource::Url(path)
            } else {
                CopySource::Path(path)
            }
        })
        .collect();
    op
}

struct Thing {
    path: PathBuf,
    kind: Kind,
    mode: u32,
    owner: (u32, u32),
    text: String,
}

impl Thing {
    fn read(line: &str) -> Self {
        let (mut rest, mut text) = (line, None);
        let mut kind = None;
        if let Some((path, target)) = line.split_once(" -> ") {
            let target = target.into();
            (rest, kind) = (path, Some(Kind::Symlink { target }));
        } else if let Some((path, target)) = line.split_once(" <- ") {
            let target = target.into();
            (rest, kind) = (path, Some(Kind::Hardlink { target }));
        } else if let Some((path, content)) = line.split_once('=') {
            (rest, text) = (path, Some(content.to_owned()));
        }
        let mut owner = (0, 0);
        if let Some((path, ids)) = rest.split_once('+') {
            let (uid, gid) = ids.split_once(':').unwrap();
            (rest, owner) = (path, (uid.parse().unwrap(), gid.parse().unwrap()));
        }
        let mut mode = None;
        if let Some((path, bits)) = rest.split_once('@') {
            (rest, mode) = (path, Some(u32::from_str_radix(bits, 8).unwrap()));
        }
        let kind = kind.unwrap_or(if rest.ends_with('/') {
            Kind::Directory
        } else if rest.ends_with('|') {
            Kind::Fifo
        } else {
            Kind::File
        });
        let default = match kind {
            Kind::Directory => 0o755,
            Kind::Symlink { .. } => 0o777,
            _ => 0o644,
        };
        let path = rest.trim_end_matches(['/', '|']);
        Self {
            path: path.into(),
            mode: mode.unwrap_or(default),
            owner,
            text: text.unwrap_or_else(|| path.to_owned()),
            kind,
        }
    }

    fn entry(self) -> Entry {
        let (uid, gid) = self.owner;
        let entry = match self.kind {
            Kind::File => Entry::file(self.path, self.mode, self.text.into_bytes()),
            kind => Entry::new(self.path, kind, self.mode),
        };
        Entry {
            uid,
            gid,
            mtime: MOMENT,
            ..entry
        }
    }
}

/// What a layer holds, as lines. Modes and owners are left out where they are 755 (folders), 644 (files) and root.
pub fn lines(prepared: &Prepared) -> Vec<String> {
    prepared.entries(Some(MOMENT)).iter().map(line).collect()
}

fn line(entry: &Entry) -> String {
    let (mark, usual, tail) = match &entry.kind {
        Kind::Directory => ("/", 0o755, String::new()),
        Kind::Symlink { target } => ("", 0o777, format!(" -> {}", target.display())),
        Kind::Hardlink { target } => ("", 0o644, format!(" <- {}", target.display())),
        Kind::Fifo => ("|", 0o644, String::new()),
        Kind::Opaque => ("/opaque", 0, String::new()),
        Kind::File => {
            let bytes = match &entry.content {
                Content::None => Vec::new(),
                Content::Bytes(bytes) => bytes.to_vec(),
                Content::File(at) => fs::read(at).unwrap(),
            };
            ("", 0o644, format!("={}", String::from_utf8_lossy(&bytes)))
        }
        other => ("", 0, format!(" {other:?}")),
    };
    let mode = if entry.mode == usual {
        String::new()
    } else {
        format!("@{:o}", entry.mode)
    };
    let owner = match (entry.uid, entry.gid) {
        (0, 0) => String::new(),
        (uid, gid) => format!("+{uid}:{gid}"),
    };
    format!("{}{mark}{mode}{owner}{tail}", entry.path.display())
}

/// Every path below `folder`, for what must not have changed.
pub fn everything_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut todo = vec![folder.to_path_buf()];
    while let Some(at) = todo.pop() {
        for entry in fs::read_dir(&at).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_dir() {
                todo.push(entry.path());
            }
            found.push(entry.path());
        }
    }
    found.sort();
    found
}
