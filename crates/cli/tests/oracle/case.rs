//! How cases are written.
//!
//! ```text
//! # a comment
//! === area/what-it-shows
//! | FROM base                       the Dockerfile, line by line
//! | COPY a.txt /d/
//! + file a.txt 644 text\n           what is in the context: a file, its mode, its text (\n, \t, \s for a space, \x01, \\)
//! + dir d 700
//! + link l target
//! + hard b.txt a.txt                another name of a file
//! + fifo p 644
//! + bytes b 644 00ff                 a file in hexadecimal digits
//! + xattr a.txt user.note text
//! + archive a.tar.gz                 archive.rs says how its members follow, after -
//! @ --build-arg A=1                 more words for the command
//! ! reason                          it differs on purpose
//! ```
//! `base` is what `cases/base.Dockerfile` makes.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use super::archive;
use super::truth::Truth;

/// A file of cases, and what is recorded for them.
pub struct Area {
    path: PathBuf,
    pub cases: Vec<Case>,
    pub truths: BTreeMap<String, Truth>,
}

/// One case.
#[derive(Default)]
pub struct Case {
    pub name: String,
    pub dockerfile: String,
    /// Lines after `+`, each with those after `-` that follow it.
    context: Vec<(String, Vec<String>)>,
    pub words: Vec<String>,
    pub explained: Option<String>,
}

pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle/cases")
}

impl Area {
    /// All areas, with the cases that are wanted.
    pub fn all() -> Vec<Self> {
        let only = std::env::var("BOATYARD_ORACLE_ONLY").unwrap_or_default();
        let mut paths: Vec<PathBuf> = fs::read_dir(folder())
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
            .collect();
        paths.sort();
        paths
            .into_iter()
            .map(|path| Self::read(path, &only))
            .filter(|area| !area.cases.is_empty())
            .collect()
    }

    fn read(path: PathBuf, only: &str) -> Self {
        let mut cases: Vec<Case> = Vec::new();
        for (number, line) in fs::read_to_string(&path).unwrap().lines().enumerate() {
            let at = format!("{}:{}", path.display(), number + 1);
            if let Some(name) = line.strip_prefix("=== ") {
                assert!(
                    cases.iter().all(|case| case.name != name),
                    "{at}: {name} is there twice"
                );
                cases.push(Case {
                    name: name.to_owned(),
                    ..Case::default()
                });
                continue;
            }
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let case = cases
                .last_mut()
                .unwrap_or_else(|| panic!("{at}: no case yet"));
            let (mark, rest) = line.split_at(1);
            let rest = rest.strip_prefix(' ').unwrap_or(rest);
            match mark {
                "|" => writeln!(case.dockerfile, "{rest}").unwrap(),
                "+" => case.context.push((rest.to_owned(), Vec::new())),
                "-" => case.context.last_mut().unwrap().1.push(rest.to_owned()),
                "@" => case.words.extend(rest.split(' ').map(str::to_owned)),
                "!" => case.explained = Some(rest.to_owned()),
                _ => panic!("{at}: a line begins with |, +, -, @, ! or #"),
            }
        }
        let all: BTreeSet<String> = cases.iter().map(|case| case.name.clone()).collect();
        if path.file_stem().is_some_and(|stem| stem != only) {
            cases.retain(|case| case.name.contains(only));
        }
        let mut truths = fs::read_to_string(path.with_extension("truth"))
            .map(|text| Truth::read_all(&text))
            .unwrap_or_default();
        truths.retain(|name, _| all.contains(name));
        Self {
            path,
            cases,
            truths,
        }
    }

    /// Writes what is known, less what belongs to no case any more.
    pub fn write_truths(&self) {
        let mut text = String::new();
        for (name, truth) in &self.truths {
            write!(text, "=== {name}\n{truth}").unwrap();
        }
        fs::write(self.path.with_extension("truth"), text).unwrap();
    }
}

impl Case {
    /// Makes its context in an empty folder; the Dockerfile is put there, too.
    pub fn lay_out(&self, folder: &Path) {
        fs::write(folder.join("Dockerfile"), &self.dockerfile).unwrap();
        let set_mode = |path: &Path, mode: &str| {
            let mode = u32::from_str_radix(mode, 8).unwrap();
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        };
        // Modes of folders last: one may forbid to write into it.
        let mut folders = Vec::new();
        for (line, members) in &self.context {
            let mut words = line.splitn(4, ' ');
            let mut next = || words.next().unwrap_or_default();
            let (kind, name, third, text) = (next(), next(), next(), next());
            let path = folder.join(unescape(name));
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            match kind {
                "file" => {
                    fs::write(&path, unescape(text)).unwrap();
                    set_mode(&path, third);
                }
                "dir" => {
                    fs::create_dir_all(&path).unwrap();
                    folders.push((path, third.to_owned()));
                }
                "link" => symlink(third, &path).unwrap(),
                "hard" => fs::hard_link(folder.join(third), &path).unwrap(),
                "fifo" => {
                    let mode = u32::from_str_radix(third, 8).unwrap();
                    rustix::fs::mknodat(
                        rustix::fs::CWD,
                        &path,
                        rustix::fs::FileType::Fifo,
                        mode.into(),
                        0,
                    )
                    .unwrap();
                }
                "bytes" => {
                    let digits = |at| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
                    let bytes: Vec<u8> = (0..text.len()).step_by(2).map(digits).collect();
                    fs::write(&path, bytes).unwrap();
                    set_mode(&path, third);
                }
                "xattr" => {
                    let flags = rustix::fs::XattrFlags::empty();
                    rustix::fs::setxattr(&path, third, unescape(text).as_bytes(), flags).unwrap();
                }
                "archive" => archive::write(&path, members),
                _ => panic!("{}: {line}", self.name),
            }
        }
        for (path, mode) in folders {
            set_mode(&path, &mode);
        }
    }
}

/// A text in which `\\n`, `\\t` and `\\s` stand for a line's end, a tab and a space.
pub fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        out.push(match letter {
            '\\' => match letters.next() {
                Some('n') => '\n',
                Some('t') => '\t',
                Some('s') => ' ',
                Some('x') => {
                    let digits: String = letters.by_ref().take(2).collect();
                    u8::from_str_radix(&digits, 16).unwrap().into()
                }
                Some(other) => other,
                None => '\\',
            },
            letter => letter,
        });
    }
    out
}
