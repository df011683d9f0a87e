//! Jobs that clean up, before what an environment has is taken away.

use boatyard_plan::project;
use boatyard_preview::environment::Environment;
use tokio::fs;

use crate::lane::{Stop, Trouble};
use crate::site::{FILE, NO_LIMIT, Site};

impl Site {
    /// Does what cleans up, if there is anything to clean up: nothing else of it runs then but its backing services.
    pub(super) async fn cleaned(&self, one: &Environment, stop: &Stop) -> Result<(), Trouble> {
        if !self.may_have_made(one) || !self.cleans_up(one).await {
            return Ok(());
        }
        let given_up = Stop::new();
        let work = self.run_cleanup(one, &given_up);
        self.clean_up(one, (stop, &given_up), work).await
    }

    /// Whether the commit names jobs for that.
    async fn cleans_up(&self, one: &Environment) -> bool {
        let text = fs::read_to_string(self.project(one).join(FILE)).await;
        // One that is gone, or has mistakes, has run nothing.
        let project = project::parse(&text.unwrap_or_default());
        project.is_ok_and(|project| !project.preview.cleanup.is_empty())
    }

    async fn run_cleanup(&self, one: &Environment, stop: &Stop) -> Result<(), Trouble> {
        self.stop(one, stop).await?;
        let words = ["up", "--preview", "--cleanup", "--timeout", NO_LIMIT];
        let mut words = self.at(one, &words);
        words.extend(self.apart(one));
        self.quickly(one, words, stop).await
    }
}
