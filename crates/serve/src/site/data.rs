//! What the databases and files of an environment begin with: saved data (`boatyard data`).
//!
//! ```text
//! base branch      begins with nothing, each time; what it has once it is prepared is the template
//! everybody else   begins with the template, without the job called setup
//! ```
//! A stranger's environment is in a home of its own, where there is no template: it begins with nothing.

use std::ffi::OsString;
use std::path::Path;

use boatyard_preview::config::{Begin, TEMPLATE};
use boatyard_preview::environment::Environment;
use serde::Deserialize;
use tokio::process::Command;

use super::call::Done;
use super::place::Site;
use crate::lane::{Stop, Trouble};
use crate::logs::Part;

/// The job that fills a database that has nothing; what is in a template was filled by it.
pub(crate) const SETUP: &str = "setup";

/// Where the data is, if it is not on this machine: further words for our command, which say whose it is, too.
#[derive(Clone, Debug, Default)]
pub(crate) struct There {
    pub(crate) words: Vec<OsString>,
}

/// What `boatyard data ls --json` tells.
#[derive(Deserialize)]
pub(super) struct Saved {
    pub(super) name: String,
    pub(super) size_bytes: u64,
}

impl Site {
    /// What an environment begins with.
    pub(crate) fn begins(&self, one: &Environment) -> Begin {
        match (self.settings.origin)(&one.revision.place) {
            Some(origin) if !self.is_stranger(&one.id) => origin.begin,
            _ => Begin::Nothing,
        }
    }

    /// Whether there is a template for it; if not, that is said.
    pub(crate) async fn has_template(
        &self,
        one: &Environment,
        template: &str,
        stop: &Stop,
    ) -> bool {
        let saved = self.saved(&self.home(&one.id), stop).await;
        let is_there = saved
            .unwrap_or_default()
            .iter()
            .any(|saved| saved.name == template);
        if !is_there {
            let text = "it begins with no data: the base branch was not prepared yet";
            self.say(one, text);
        }
        is_there
    }

    /// Says why it is brought up once more.
    pub(crate) fn say_again(&self, one: &Environment, why: &str) {
        self.say(one, &format!("with the data of the base branch: {why}"));
        self.say(one, "once more, beginning with no data");
    }

    /// Keeps what it has as the template. What is prepared is prepared also if that fails.
    pub(crate) async fn keep(
        &self,
        one: &Environment,
        template: &str,
        there: &There,
        stop: &Stop,
    ) -> Result<(), Trouble> {
        let words = ["data", "save", template, "--replace"];
        match self.done_by(self.about(one, &words, there), stop).await? {
            Done::Well(_) => self.say(one, "its data is what others begin with"),
            Done::Badly { why, .. } => self.say(
                one,
                &format!("warning: its data cannot be kept for others to begin with: {why}"),
            ),
        }
        Ok(())
    }

    /// Removes templates of what is not watched any more; says which.
    pub(crate) async fn sweep_templates(&self, stop: &Stop) -> Vec<String> {
        let [home, _] = self.homes();
        let mut said = Vec::new();
        // A home that was never used has none.
        if !home.join("saved").is_dir() {
            return said;
        }
        let found = self.saved(&home, stop).await.unwrap_or_default();
        let wanted = (self.settings.templates)();
        let names = found.iter().map(|saved| saved.name.as_str());
        for name in names.filter(|name| name.starts_with(TEMPLATE) && !wanted.contains(*name)) {
            let words = ["data", "rm", name].map(Into::into).to_vec();
            if let Ok(Some(_)) = self.answer(&home, words, stop).await {
                said.push(format!("removed {name}, which nobody begins with any more"));
            }
        }
        said
    }

    /// Saved data in a home.
    pub(super) async fn saved(&self, home: &Path, stop: &Stop) -> Result<Vec<Saved>, Trouble> {
        let words = ["data", "ls"].map(Into::into).to_vec();
        let doing = "list what was saved";
        match self.done(home, words, stop).await? {
            Done::Well(text) => {
                serde_json::from_str(&text).map_err(|error| Trouble::failed(doing, error))
            }
            Done::Badly { why, .. } => Err(Trouble::failed(doing, why)),
        }
    }

    /// Our command about the data of an environment, wherever that is.
    pub(super) fn about(&self, one: &Environment, words: &[&str], there: &There) -> Command {
        let home = self.home(&one.id);
        if there.words.is_empty() {
            return self.command(&home, self.at(one, words));
        }
        // It runs nothing of a project's, and has to know who we are.
        let own = words.iter().map(OsString::from);
        self.knowing(&home, own.chain(there.words.iter().cloned()))
    }

    pub(crate) fn say(&self, one: &Environment, text: &str) {
        self.settings.logs.append(&one.id, Part::Prepare, text);
    }
}
