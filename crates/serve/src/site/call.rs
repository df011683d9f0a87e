//! Our own command about an environment, and the folder that it works in.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use boatyard_preview::environment::Environment;
use boatyard_preview::id::Id;
use tokio::fs;
use tokio::process::Command;

use super::checkout::remove;
use super::child::{self, From};
use super::place::Site;
use super::words::Words;
use crate::lane::{Stop, Trouble};
use crate::logs::Part;

/// The keeper says when it has taken too long.
pub(crate) const NO_LIMIT: &str = "24h";
/// What describes a project.
pub(crate) const FILE: &str = "boatyard.toml";

/// Who hears of the names of each image that is made.
pub(crate) type Built<'a> = dyn Fn(&[String]) + Sync + 'a;

/// How our command ended.
pub(crate) enum Done {
    /// It did what it should, and answers that.
    Well(String),
    /// It did not.
    Badly {
        /// What it exited with, if it did.
        code: Option<i32>,
        /// Why, in words for people.
        why: String,
    },
}

impl Site {
    /// Makes the folder of an environment, and notes in it whether its commit is trusted.
    pub(crate) async fn mark(&self, one: &Environment) -> Result<(), Trouble> {
        let folder = self.folder(&one.id);
        fs::create_dir_all(&folder)
            .await
            .map_err(|error| Trouble::failed("make the folder of the environment", error))?;
        self.is_to_be_cleaned(&one.id).await?;
        let stranger = folder.join("stranger");
        let marked = if one.is_trusted {
            fs::remove_file(&stranger).await.or_else(is_not_there)
        } else {
            fs::write(&stranger, b"").await
        };
        marked.map_err(|error| Trouble::failed("note whether it is trusted", error))
    }

    /// What our command answers, or why it fails.
    pub(crate) async fn done(
        &self,
        home: &Path,
        words: Vec<OsString>,
        stop: &Stop,
    ) -> Result<Done, Trouble> {
        self.done_by(self.command(home, words), stop).await
    }

    /// The same of a command that is there.
    pub(crate) async fn done_by(&self, command: Command, stop: &Stop) -> Result<Done, Trouble> {
        let mut said = Words::default();
        let (mut text, mut complaint) = (String::new(), String::new());
        let status = child::run(command, stop, |from, line| {
            let told = said.of(line);
            match from {
                From::Out => {
                    text.push_str(line);
                    text.push('\n');
                }
                From::Err => complaint = told.unwrap_or(std::mem::take(&mut complaint)),
            }
        })
        .await?;
        Ok(if status.success() {
            Done::Well(text)
        } else {
            Done::Badly {
                code: status.code(),
                why: said.error.unwrap_or(if complaint.is_empty() {
                    status.to_string()
                } else {
                    complaint
                }),
            }
        })
    }

    /// Removes all that a copy has.
    pub(crate) async fn down(&self, home: &Path, copy: &str, stop: &Stop) -> Result<(), Trouble> {
        let words = ["--copy", copy, "down", "--all"].map(Into::into).to_vec();
        match self.done(home, words, stop).await? {
            Done::Well(_) => Ok(()),
            Done::Badly { why, .. } => Err(Trouble::failed("remove what it has", why)),
        }
    }

    /// What our command answers; nothing if it fails.
    pub(crate) async fn answer(
        &self,
        home: &Path,
        words: Vec<OsString>,
        stop: &Stop,
    ) -> Result<Option<String>, Trouble> {
        match self.done(home, words, stop).await? {
            Done::Well(text) => Ok(Some(text)),
            Done::Badly { .. } => Ok(None),
        }
    }

    /// Removes the folder of an environment; half of it is never taken for one.
    pub(crate) async fn discard(&self, id: &str) -> Result<(), Trouble> {
        let folder = self.environments().join(id);
        let gone = self.environments().join(format!(".gone-{id}"));
        remove(&gone).await?;
        fs::rename(&folder, &gone)
            .await
            .or_else(is_not_there)
            .map_err(|error| Trouble::failed("remove the folder of the environment", error))?;
        remove(&gone).await
    }

    /// Words for our command about an environment.
    pub(crate) fn at(&self, one: &Environment, words: &[&str]) -> Vec<OsString> {
        let project = self.project(one).into_os_string();
        let copy = Self::copy(one.id.as_str()).into();
        let head = ["-C".into(), project, "--copy".into(), copy];
        let words = words.iter().map(OsString::from);
        head.into_iter().chain(words).collect()
    }

    /// Runs our command in the home of an environment; what it says goes to the log, why it fails is the trouble.
    pub(crate) async fn call(
        &self,
        id: &Id,
        part: Part,
        words: Vec<OsString>,
        stop: &Stop,
    ) -> Result<(), Trouble> {
        self.call_and_see(id, part, words, stop).await.1
    }

    /// The same; true: something of the project has run.
    pub(crate) async fn call_and_see(
        &self,
        id: &Id,
        part: Part,
        words: Vec<OsString>,
        stop: &Stop,
    ) -> (bool, Result<(), Trouble>) {
        let command = self.command(&self.home(id), words);
        self.hear(id, (part, &|_| {}), command, stop).await
    }

    /// The same of a command that is there; `built` hears of the names of each image that is.
    pub(crate) async fn hear(
        &self,
        id: &Id,
        (part, built): (Part, &Built<'_>),
        command: Command,
        stop: &Stop,
    ) -> (bool, Result<(), Trouble>) {
        let mut said = Words::default();
        let mut has_run = false;
        let status = child::run(command, stop, |_, line| {
            for line in said.of(line).iter().flat_map(|text| text.lines()) {
                self.settings.logs.append(id, part, line);
            }
            if !said.built.is_empty() {
                built(&std::mem::take(&mut said.built));
            }
            if said.has_run && !has_run {
                has_run = true;
                self.has_run(id);
            }
        })
        .await;
        let outcome = status.and_then(|status| {
            if status.success() {
                return Ok(());
            }
            let last = self.settings.logs.last(id, part, 5).join("\n");
            let why = said.error.unwrap_or_else(|| format!("{status}: {last}"));
            Err(Trouble::Failed(why))
        });
        (said.has_run, outcome)
    }
}

/// Whether the project file is a file of the repository, and not a way out of it.
pub(crate) async fn check(source: &Path, project: &Path) -> Result<(), Trouble> {
    let path = project.join(FILE);
    let shown = path
        .strip_prefix(source)
        .unwrap_or(&path)
        .display()
        .to_string();
    let found: Option<PathBuf> = fs::canonicalize(&path).await.ok();
    let root = fs::canonicalize(source).await.ok();
    match (found, root) {
        (None, _) => Err(Trouble::Failed(format!(
            "there is no {shown} in this commit\nhelp: \"boatyard new\" writes a first one"
        ))),
        (Some(found), Some(root)) if found.starts_with(&root) => Ok(()),
        _ => Err(Trouble::Failed(format!(
            "{shown} leads out of the repository"
        ))),
    }
}

pub(super) fn is_not_there(error: std::io::Error) -> std::io::Result<()> {
    if error.kind() == std::io::ErrorKind::NotFound {
        Ok(())
    } else {
        Err(error)
    }
}
