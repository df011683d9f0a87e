//! Which state of the sources this is: asked of git, else of the sources themselves.

use std::path::Path;
use std::process::{Command, Stdio};

use boatyard_engine::build::{BuildError, digest_of_sources};
use boatyard_plan::event::{Event, Level};
use boatyard_plan::variant::{Revision, said_by_git};

use crate::progress::Sink;

/// The variable by which somebody who has sent us sources says their state.
pub const SAID: &str = "BOATYARD_REVISION";

/// The state of the sources in `folder`; what may surprise about it, to be told once there is somebody to tell.
pub fn of(folder: &Path) -> Result<(Revision, Option<Event>), BuildError> {
    let said = std::env::var(SAID).ok();
    if let Some(revision) = said.and_then(|text| serde_json::from_str(&text).ok()) {
        return Ok((revision, None));
    }
    match by_git(folder) {
        Ok(Some(revision)) => {
            let notice = revision.is_dirty().then(|| Event::Notice {
                level: Level::Info,
                message: format!(
                    "something here is not committed: tags say {}, and move with each build",
                    revision.tag
                ),
                help: None,
            });
            Ok((revision, notice))
        }
        Ok(None) => Ok((Revision::of_sources(&digest_of_sources(folder)?), None)),
        Err(said) => {
            let revision = Revision::of_sources(&digest_of_sources(folder)?);
            let notice = Event::Notice {
                level: Level::Warning,
                message: format!(
                    "git does not tell the commit, so that tags say {}, after the sources: {said}",
                    revision.tag
                ),
                help: None,
            };
            Ok((revision, Some(notice)))
        }
    }
}

/// Tells a notice, if there is one.
pub fn tell(notice: Option<&Event>, sink: &Sink) {
    if let Some(event) = notice {
        sink(event.clone());
    }
}

/// What git says; `None` where there is no repository, no commit yet, or no git. The error is what git complained about.
fn by_git(folder: &Path) -> Result<Option<Revision>, String> {
    let git = |words: &[&str]| {
        let mut command = Command::new("git");
        command
            .arg("-C")
            .arg(folder)
            .args(words)
            // We only look.
            .env("GIT_OPTIONAL_LOCKS", "0")
            .env("LC_ALL", "C")
            .stdin(Stdio::null());
        command.output()
    };
    let Ok(head) = git(&["rev-parse", "--short", "HEAD"]) else {
        return Ok(None);
    };
    if !head.status.success() {
        let said = String::from_utf8_lossy(&head.stderr).trim().to_owned();
        let is_none = [
            "not a git repository",
            "unknown revision",
            "Needed a single revision",
        ];
        return if is_none.iter().any(|words| said.contains(words)) {
            Ok(None)
        } else {
            Err(said.lines().next().unwrap_or_default().to_owned())
        };
    }
    // A folder that the repository around it ignores is not described by it.
    if git(&["check-ignore", "-q", "."]).is_ok_and(|ignored| ignored.status.success()) {
        return Ok(None);
    }
    let said = |words: &[&str]| {
        let output = git(words).ok().filter(|output| output.status.success());
        output.map_or_else(String::new, |output| {
            String::from_utf8_lossy(&output.stdout).into_owned()
        })
    };
    Ok(Some(said_by_git(
        &String::from_utf8_lossy(&head.stdout),
        &said(&["rev-parse", "HEAD"]),
        &said(&["status", "--porcelain", "--", "."]),
        &said(&["config", "--get", "remote.origin.url"]),
        &said(&["tag", "--points-at", "HEAD"]),
    )))
}
