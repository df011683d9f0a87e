//! Files of cases.
//!
//! ```text
//! === what it shows
//! FROM scratch
//! --->
//! FROM scratch
//! ```
//! Invisible characters are written as their pictures: ␉ a tab, ␍ a carriage return, ␠ a space at the end of a line, ␢ a
//! byte order mark; ␃ ends the text without a newline.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// One case.
pub struct Case {
    /// What it shows.
    pub name: String,
    /// The text as it stands in the file.
    written: String,
    /// What is expected.
    expected: String,
}

impl Case {
    /// The Dockerfile.
    pub fn text(&self) -> String {
        let text = self
            .written
            .replace('␉', "\t")
            .replace('␍', "\r")
            .replace('␠', " ")
            .replace('␢', "\u{feff}");
        match text.split_once('␃') {
            Some((text, _)) => text.to_owned(),
            None => text,
        }
    }
}

/// Compares what `look` says about each text in `folder` with what is expected. How many there are.
#[allow(
    dead_code,
    reason = "other tests that have cases need to know their names"
)]
pub fn run(folder: &str, look: impl Fn(&str) -> String) -> usize {
    run_named(folder, |case| look(&case.text()))
}

/// The same, for tests that need to know the name of a case.
pub fn run_named(folder: &str, look: impl Fn(&Case) -> String) -> usize {
    let mut count = 0;
    let mut wrong = String::new();
    for path in files(folder) {
        let cases = read(&path);
        count += cases.len();
        let mut anew = String::new();
        for case in &cases {
            let found = look(case);
            write!(anew, "=== {}\n{}--->\n{found}", case.name, case.written)
                .expect("a string takes everything");
            if found != case.expected {
                write!(
                    wrong,
                    "{}: {}\n{}--- expected\n{}--- found\n{found}\n",
                    path.display(),
                    case.name,
                    case.written,
                    case.expected
                )
                .expect("a string takes everything");
            }
        }
        if std::env::var_os("UPDATE_EXPECTED").is_some() {
            std::fs::write(&path, anew).expect("the folder of cases can be written");
            wrong.clear();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    count
}

/// All cases of `folder`.
pub fn all(folder: &str) -> Vec<Case> {
    files(folder).iter().flat_map(|path| read(path)).collect()
}

fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/dockerfile_parse")
        .join(folder);
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)
        .expect("the folder of cases is there")
        .map(|entry| entry.expect("the folder of cases can be read").path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "cases")
        })
        .collect();
    files.sort();
    files
}

fn read(path: &Path) -> Vec<Case> {
    let text = std::fs::read_to_string(path).expect("cases are text");
    let cases = text.split("=== ").skip(1).map(|case| {
        let (name, rest) = case.split_once('\n').expect("a case has a text");
        let (written, expected) = rest.split_once("--->\n").unwrap_or((rest, ""));
        Case {
            name: name.to_owned(),
            written: written.to_owned(),
            expected: expected.to_owned(),
        }
    });
    cases.collect()
}
