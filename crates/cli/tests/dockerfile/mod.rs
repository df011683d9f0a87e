//! What tests of Dockerfiles need: a context of their own, builds on a base made from packages, and their events.

#![allow(dead_code, reason = "each test file uses a part")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::Value;

use crate::support::{self, boatyard, kept_home, succeed};

static NUMBER: AtomicU32 = AtomicU32::new(0);

/// A context, and a word that no other has: what says it is never found in the cache.
pub struct Context {
    pub folder: tempfile::TempDir,
    pub word: String,
}

impl Context {
    /// A Dockerfile, in which `WORD` becomes the context's own, and files beside it.
    pub fn new(dockerfile: &str, files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let word = format!(
            "w{:x}x{}",
            since.unwrap().as_nanos(),
            NUMBER.fetch_add(1, Ordering::Relaxed)
        );
        let context = Self { folder, word };
        context.write("Dockerfile", &dockerfile.replace("WORD", &context.word));
        for (name, content) in files {
            context.write(name, content);
        }
        context
    }

    /// Writes a file of the context.
    pub fn write(&self, name: &str, content: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    /// A path in the context.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What its image is called.
    pub fn tag(&self) -> String {
        format!("test/{}:latest", self.word)
    }

    /// A build of it, without its context's name: `.` comes last.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = self.bare(args);
        command.arg(".");
        command
    }

    /// A build of it; all words but the tag and the base's are the caller's.
    pub fn bare(&self, args: &[&str]) -> Command {
        let mut command = boatyard(&kept_home(), self.folder.path());
        command
            .args(["build", "--debian-base", "-t", &self.tag()])
            .args(args)
            .env("BOATYARD_IGNORE_VALID_UNTIL", "1");
        command
    }

    /// Builds it; the events.
    pub fn build(&self, args: &[&str]) -> Events {
        let mut args = args.to_vec();
        args.push("--json");
        Events::of(&succeed(&mut self.command(&args)))
    }

    /// Fails to build it; what was said.
    pub fn refuse(&self, args: &[&str], code: i32) -> String {
        support::fail(&mut self.command(args), code)
    }

    /// What a command prints in the image.
    pub fn run(&self, command: &[&str]) -> String {
        run(&self.tag(), self.folder.path(), command)
    }

    /// The image's configuration, as OCI has it.
    pub fn config(&self) -> Value {
        let said = succeed(boatyard(&kept_home(), self.folder.path()).args([
            "image",
            "inspect",
            &self.tag(),
            "--json",
        ]));
        serde_json::from_str::<Value>(&said).unwrap()["config"].clone()
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        let _ = boatyard(&kept_home(), self.folder.path())
            .args(["image", "rm", &self.tag()])
            .output();
    }
}

/// What a command prints in an image.
pub fn run(tag: &str, folder: &Path, command: &[&str]) -> String {
    let mut words = boatyard(&kept_home(), folder);
    words.args(["run", tag]);
    if !command.is_empty() {
        words.arg("--").args(command);
    }
    succeed(&mut words)
}

/// The events of a build.
pub struct Events(pub Vec<Value>);

impl Events {
    /// Reads them.
    pub fn of(lines: &str) -> Self {
        Self(
            lines
                .lines()
                .filter_map(|line| serde_json::from_str(line).ok())
                .collect(),
        )
    }

    /// The titles of the steps that ended in a way (`done`, `cached`), in the order in which they ended.
    pub fn ended(&self, outcome: &str) -> Vec<String> {
        let title = |id: &Value| {
            let began = self
                .0
                .iter()
                .find(|event| event["event"] == "started" && event["id"] == *id);
            began.map_or_else(String::new, |event| {
                event["title"].as_str().unwrap().to_owned()
            })
        };
        self.0
            .iter()
            .filter(|event| event["event"] == "finished" && event["outcome"] == outcome)
            .filter(|event| event["id"].as_str().unwrap().contains('/'))
            .map(|event| title(&event["id"]))
            .collect()
    }

    /// The image's digest.
    pub fn digest(&self) -> String {
        let image = self.0.iter().find(|event| event["event"] == "image");
        image.unwrap()["digest"].as_str().unwrap().to_owned()
    }

    /// What commands printed.
    pub fn output(&self) -> String {
        self.0
            .iter()
            .filter(|event| event["event"] == "output")
            .map(|event| event["line"].as_str().unwrap().to_owned() + "\n")
            .collect()
    }
}
