//! Bringing an environment up for the first time.
//!
//! ```text
//! base branch      up --until-ready, then data save TEMPLATE          begins with nothing, each time
//! everybody else   data restore TEMPLATE, then up --until-ready       without the job called setup
//! ```

use boatyard_preview::config::Begin;
use boatyard_preview::environment::Environment;

use crate::lane::{Stop, Trouble};
use crate::logs::Part;
use crate::site::{SETUP, Site, There};

impl Site {
    /// Build, make the database or take the template's, run the jobs, see it answer, and stop it again.
    pub(super) async fn bring_up(&self, one: &Environment, stop: &Stop) -> Result<(), Trouble> {
        let begin = self.begins(one);
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
                Err(Trouble::Failed(why)) if has_run => self.say_again(one, &why),
                other => return other,
            }
            let empty = self.at(one, &["down", "--volumes"]);
            self.call(&one.id, Part::Prepare, empty, stop).await?;
        }
        self.call(&one.id, Part::Prepare, words, stop).await?;
        if let Begin::Makes(template) = &begin {
            self.keep(one, template, &There::default(), stop).await?;
        }
        Ok(())
    }

    /// Has it begin with the template; false: there is none that fits.
    async fn fill(&self, one: &Environment, template: &str, stop: &Stop) -> Result<bool, Trouble> {
        if !self.has_template(one, template, stop).await {
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
}
