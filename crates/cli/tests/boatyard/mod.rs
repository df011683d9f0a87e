//! The real binary, in a project and with a home of its own.

#![allow(
    dead_code,
    reason = "each test file is a crate and uses its part of this"
)]

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A project folder and a home, both gone when dropped.
pub struct Boatyard {
    folder: tempfile::TempDir,
}

/// What the command said and how it ended.
pub struct Said {
    /// Exit code.
    pub code: i32,
    /// Standard output.
    pub out: String,
    /// Standard error, with the names of temporary folders replaced by `PROJECT` and `HOME`.
    pub err: String,
}

impl Boatyard {
    /// An empty project folder, and a home that does not exist yet.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("project")).unwrap();
        Self { folder }
    }

    /// The project's folder.
    pub fn project(&self) -> PathBuf {
        self.folder.path().join("project")
    }

    /// `BOATYARD_HOME`.
    pub fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// Writes a file of the project.
    pub fn file(&self, path: impl AsRef<Path>, text: &str) {
        let path = self.project().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// The command, in the project's folder, with nothing on standard input and no variables that change its voice.
    pub fn command<S: AsRef<OsStr>>(&self, words: impl IntoIterator<Item = S>) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_boatyard"));
        command
            .args(words)
            .current_dir(self.project())
            .env("BOATYARD_HOME", self.home())
            .env("COLUMNS", "100")
            .stdin(Stdio::null());
        for name in [
            "NO_COLOR",
            "CLICOLOR_FORCE",
            "RUST_BACKTRACE",
            "LC_ALL",
            "LANG",
        ] {
            command.env_remove(name);
        }
        command
    }

    /// Runs the command to its end.
    pub fn run<S: AsRef<OsStr>>(&self, words: impl IntoIterator<Item = S>) -> Said {
        self.said(&mut self.command(words))
    }

    /// Runs the command with more variables.
    pub fn run_with(&self, words: &[&str], variables: &[(&str, &str)]) -> Said {
        self.said(self.command(words).envs(variables.iter().copied()))
    }

    /// Runs a command to its end.
    pub fn said(&self, command: &mut Command) -> Said {
        let output = command.output().unwrap();
        let text = |bytes| String::from_utf8(bytes).expect("the command speaks UTF-8");
        let shown = |path: PathBuf| path.display().to_string();
        let err = text(output.stderr)
            .replace(&shown(self.project()), "PROJECT")
            .replace(&shown(self.home()), "HOME");
        Said {
            code: output.status.code().expect("no signal ended it"),
            out: text(output.stdout),
            err,
        }
    }
}
