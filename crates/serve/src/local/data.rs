//! What the databases and files of an environment begin with.
//!
//! ```text
//! base branch      up --until-ready, then data save TEMPLATE          begins with nothing, each time
//! everybody else   data restore TEMPLATE, then up --until-ready       without the job called setup
//! ```
//! A stranger's environment is in a home of its own, where there is no template: it begins with nothing.

use std::path::Path;

use boatyard_preview::config::{Begin, TEMPLATE};
use boatyard_preview::environment::Environment;
use serde::Deserialize;

use crate::lane::{Stop, Trouble};
use crate::logs::Part;
use crate::site::{Done, Site};

/// The job that fills a database that has nothing; what is in a template was filled by it.
const SETUP: &str = "setup";

/// What `boatyard data ls --json` tells.
#[derive(Deserialize)]
pub(super) struct Saved {
    pub(super) name: String,
    pub(super) size_bytes: u64,
}

impl Site {
    /// Build, make the database or take the template's, run the jobs, see it answer, and stop it again.
    pub(super) async fn bring_up(&self, one: &Environment, stop: &Stop) -> Result<(), Trouble> {
        let begin = match (self.settings.origin)(&one.revision.place) {
            Some(origin) if !self.is_stranger(&one.id) => origin.begin,
            _ => Begin::Nothing,
        };
        let mut words = self.up(one).await;
        words.push("--until-ready".into());
        let mut is_filled = false;
        if let Begin::With(template) = &begin {
            is_filled = self.fill(one, template, stop).await?;
        }
        if is_filled {
            let mut words = words.clone();
            words.extend(["--skip", SETUP].map(Into::into));
            let (has_run, outcome) = self.call_and_see(&one.id, Part::Prepare, words, stop).await;
            match outcome {
                Err(Trouble::Failed(why)) if has_run => {
                    self.say(one, &format!("with the data of the base branch: {why}"));
                    self.say(one, "once more, beginning with no data");
                }
                other => return other,
            }
            let empty = self.at(one, &["down", "--volumes"]);
            self.call(&one.id, Part::Prepare, empty, stop).await?;
        }
        self.call(&one.id, Part::Prepare, words, stop).await?;
        if let Begin::Makes(template) = &begin {
            self.keep(one, template, stop).await?;
        }
        Ok(())
    }

    /// Has it begin with the template; false: there is none that fits.
    async fn fill(&self, one: &Environment, template: &str, stop: &Stop) -> Result<bool, Trouble> {
        let saved = self
            .saved(&self.home(&one.id), stop)
            .await
            .unwrap_or_default();
        if !saved.iter().any(|saved| saved.name == template) {
            self.say(
                one,
                "it begins with no data: the base branch was not prepared yet",
            );
            return Ok(false);
        }
        let words = self.at(one, &["data", "restore", template]);
        let is_filled = self
            .answer(&self.home(&one.id), words, stop)
            .await?
            .is_some();
        self.say(
            one,
            if is_filled {
                "it begins with the data of the base branch"
            } else {
                "it begins with no data: that of the base branch cannot be copied"
            },
        );
        Ok(is_filled)
    }

    /// Keeps what it has as the template. What is prepared is prepared also if that fails.
    async fn keep(&self, one: &Environment, template: &str, stop: &Stop) -> Result<(), Trouble> {
        let words = self.at(one, &["data", "save", template, "--replace"]);
        match self.answer(&self.home(&one.id), words, stop).await? {
            Some(_) => self.say(one, "its data is what others begin with"),
            None => self.say(
                one,
                "warning: its data cannot be kept for others to begin with",
            ),
        }
        Ok(())
    }

    /// Removes templates of what is not watched any more; says which.
    pub(super) async fn sweep_templates(&self, stop: &Stop) -> Vec<String> {
        let [home, _] = self.homes();
        let mut said = Vec::new();
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

    fn say(&self, one: &Environment, text: &str) {
        self.settings.logs.append(&one.id, Part::Prepare, text);
    }
}
