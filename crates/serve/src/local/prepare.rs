//! Preparing an environment, and taking it away.

use std::ffi::OsString;

use boatyard_plan::{project, run};
use boatyard_preview::environment::Environment;
use boatyard_preview::id::Id;
use tokio::fs;

use crate::lane::{Stop, Trouble};
use crate::site::{FILE, NO_LIMIT, Site, check};

impl Site {
    /// Clone, build, make the database, run the jobs, see it answer, and stop it again.
    pub(super) async fn prepare(&self, one: &Environment, stop: &Stop) -> Result<(), Trouble> {
        // What an earlier attempt left, in whichever home.
        self.clear(&one.id, stop).await?;
        self.mark(one).await?;
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

    /// Removes all of it.
    pub(super) async fn remove(&self, one: &Environment, stop: &Stop) -> Result<(), Trouble> {
        self.cleaned(one, stop).await?;
        self.clear(&one.id, stop).await?;
        self.forget(one, stop).await;
        self.discard(one.id.as_str()).await
    }

    /// What keeps a stranger's from the world while it is built and runs.
    pub(super) fn apart(&self, one: &Environment) -> Vec<OsString> {
        if !self.is_stranger(&one.id) {
            return Vec::new();
        }
        let network = ["--network", "isolated"].map(OsString::from);
        network.into_iter().chain(self.confined(one)).collect()
    }

    /// The words with which it is brought up: each of its roles at a port of its own.
    pub(super) async fn up(&self, one: &Environment) -> Vec<OsString> {
        let mut words = self.at(one, &["up", "--preview", "--timeout", NO_LIMIT]);
        words.extend(self.apart(one));
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
}
