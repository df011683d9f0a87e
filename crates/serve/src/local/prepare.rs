//! Preparing an environment, and taking it away.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use boatyard_plan::{project, run};
use boatyard_preview::environment::Environment;
use boatyard_preview::id::Id;
use tokio::fs;

use super::checkout::remove;
use super::child::{self, From};
use super::outcome::Trouble;
use super::site::Site;
use super::stop::Stop;
use super::words::Words;
use crate::logs::Part;

/// The keeper says when it has taken too long.
pub(super) const NO_LIMIT: &str = "24h";
/// What describes a project.
pub(super) const FILE: &str = "boatyard.toml";

impl Site {
    /// Clone, build, make the database, run the jobs, see it answer, and stop it again.
    pub(super) async fn prepare(&self, one: &Environment, stop: &Stop) -> Result<(), Trouble> {
        // What an earlier attempt left, in whichever home.
        self.clear(&one.id, stop).await?;
        let folder = self.folder(&one.id);
        fs::create_dir_all(&folder)
            .await
            .map_err(|error| Trouble::failed("make the folder of the environment", error))?;
        let stranger = folder.join("stranger");
        let marked = if one.is_trusted {
            fs::remove_file(&stranger).await.or_else(is_not_there)
        } else {
            fs::write(&stranger, b"").await
        };
        marked.map_err(|error| Trouble::failed("note whether it is trusted", error))?;
        self.checkout(one, stop).await?;
        let project = self.project(one);
        check(&self.folder(&one.id).join("source"), &project).await?;
        self.bring_up(one, stop).await
    }

    /// Stops what runs of it and removes its data and images; its sources stay.
    pub(super) async fn clear(&self, id: &Id, stop: &Stop) -> Result<(), Trouble> {
        self.set_address(id, None);
        for home in self.homes() {
            // A home that was never used has nothing.
            if home.join("run").is_dir()
                || home.join("volumes").is_dir()
                || home.join("index.json").is_file()
            {
                self.down(&home, &Self::copy(id.as_str()), stop).await?;
            }
        }
        Ok(())
    }

    /// Removes all that a copy has.
    pub(super) async fn down(&self, home: &Path, copy: &str, stop: &Stop) -> Result<(), Trouble> {
        let words = ["--copy", copy, "down", "--all"];
        let command = self.command(home, words);
        let mut said = Words::default();
        let mut complaint = String::new();
        let status = child::run(command, stop, |from, line| {
            let text = said.of(line);
            if from == From::Err {
                complaint = text.unwrap_or_default();
            }
        })
        .await?;
        if status.success() {
            return Ok(());
        }
        Err(Trouble::failed(
            "remove what it has",
            said.error.unwrap_or(complaint),
        ))
    }

    /// What our command answers; nothing if it fails.
    pub(super) async fn answer(
        &self,
        home: &Path,
        words: Vec<OsString>,
        stop: &Stop,
    ) -> Result<Option<String>, Trouble> {
        let command = self.command(home, words);
        let mut text = String::new();
        let status = child::run(command, stop, |from, line| {
            if from == From::Out {
                text.push_str(line);
                text.push('\n');
            }
        });
        Ok(status.await?.success().then_some(text))
    }

    /// Removes all of it.
    pub(super) async fn remove(&self, one: &Environment, stop: &Stop) -> Result<(), Trouble> {
        self.clear(&one.id, stop).await?;
        self.forget(one, stop).await;
        self.discard(one.id.as_str()).await
    }

    /// Removes the folder of an environment; half of it is never taken for one.
    pub(super) async fn discard(&self, id: &str) -> Result<(), Trouble> {
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
    pub(super) fn at(&self, one: &Environment, words: &[&str]) -> Vec<OsString> {
        let project = self.project(one).into_os_string();
        let copy = Self::copy(one.id.as_str()).into();
        let head = ["-C".into(), project, "--copy".into(), copy];
        let words = words.iter().map(OsString::from);
        head.into_iter().chain(words).collect()
    }

    /// The words with which it is brought up: each of its roles at a port of its own.
    pub(super) async fn up(&self, one: &Environment) -> Vec<OsString> {
        let mut words = self.at(one, &["up", "--preview", "--timeout", NO_LIMIT]);
        if self.is_stranger(&one.id) {
            words.extend(["--network", "isolated"].map(OsString::from));
        }
        let project = self.project(one);
        // A file with mistakes is told of by the command itself.
        let text = fs::read_to_string(project.join(FILE))
            .await
            .unwrap_or_default();
        let plan = project::parse(&text)
            .ok()
            .and_then(|known| run::preview(&known, &[]).ok());
        for process in plan.into_iter().flat_map(|plan| plan.processes) {
            if process.publish && process.port.is_some() {
                words.extend(["--publish".into(), format!("{}=0", process.name).into()]);
            }
        }
        words
    }

    /// Runs our command in the home of an environment; what it says goes to the log, why it fails is the trouble.
    pub(super) async fn call(
        &self,
        id: &Id,
        part: Part,
        words: Vec<OsString>,
        stop: &Stop,
    ) -> Result<(), Trouble> {
        self.call_and_see(id, part, words, stop).await.1
    }

    /// The same; true: something of the project has run.
    pub(super) async fn call_and_see(
        &self,
        id: &Id,
        part: Part,
        words: Vec<OsString>,
        stop: &Stop,
    ) -> (bool, Result<(), Trouble>) {
        let command = self.command(&self.home(id), words);
        let mut said = Words::default();
        let status = child::run(command, stop, |_, line| {
            for line in said.of(line).iter().flat_map(|text| text.lines()) {
                self.settings.logs.append(id, part, line);
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
async fn check(source: &Path, project: &Path) -> Result<(), Trouble> {
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

fn is_not_there(error: std::io::Error) -> std::io::Result<()> {
    if error.kind() == std::io::ErrorKind::NotFound {
        Ok(())
    } else {
        Err(error)
    }
}
