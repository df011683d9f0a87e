//! Bringing an environment up for the first time.
//!
//! ```text
//! base branch      deploy, sleep, data save TEMPLATE              begins with nothing, each time
//! everybody else   deploy --begin-with TEMPLATE --skip setup
//! ```

use std::ffi::OsString;

use boatyard_cluster::data;
use boatyard_cluster::deploy::Stop as Close;
use boatyard_cluster::namespace::{self, Found};
use boatyard_cluster::{Cluster, Owner};
use boatyard_plan::project::Project;
use boatyard_preview::config::Begin;
use boatyard_preview::environment::Environment;

use super::happening;
use super::realm::Realm;
use crate::lane::{Stop, Trouble};
use crate::logs::Part;
use crate::site::{SETUP, There};

impl Realm {
    /// Build, push, take the template's data or make it, run the jobs, see it answer, and put it to sleep.
    pub(super) async fn bring_up(
        &self,
        one: &Environment,
        project: &Project,
        stop: &Stop,
    ) -> Result<(), Trouble> {
        let begin = self.site.begins(one);
        if let Begin::With(template) = &begin
            && self.site.has_template(one, template, stop).await
        {
            let text = "it begins with the data of the base branch";
            self.site.say(one, text);
            let words = ["--begin-with", template, "--skip", SETUP];
            let (has_begun, outcome) = self.settled(one, project, &words, stop).await?;
            match outcome {
                Err(Trouble::Failed(why)) if has_begun => self.site.say_again(one, &why),
                Err(trouble) => return Err(trouble),
                Ok(()) => return self.stop(one, stop).await,
            }
            self.vanish(one, stop).await?;
        }
        self.settled(one, project, &[], stop).await?.1?;
        self.stop(one, stop).await?;
        if let Begin::Makes(template) = &begin {
            let there = self.reached(one, &project.name);
            self.site.keep(one, template, &there, stop).await?;
        }
        Ok(())
    }

    /// Puts it to sleep, since somebody is about to read or write its data; how that is reached.
    pub(super) async fn at_rest(&self, one: &Environment, stop: &Stop) -> Result<There, Trouble> {
        self.stop(one, stop).await?;
        let found = self.there(one, stop).await?;
        let found = found.ok_or_else(|| Trouble::Failed("its namespace is gone".to_owned()))?;
        Ok(self.reached(one, &found.project))
    }

    /// Makes its namespace, and deploys to it; true: something of the project was on the cluster.
    pub(super) async fn settled(
        &self,
        one: &Environment,
        project: &Project,
        more: &[&str],
        stop: &Stop,
    ) -> Result<(bool, Result<(), Trouble>), Trouble> {
        let wish = self.wish(one, project)?;
        let settled = namespace::settle(&self.terms.cluster, &wish);
        stop.unless(settled).await?.map_err(Trouble::of)?;
        self.tell(&one.id, happening::begun(&one.revision.commit));
        let lines = self.follow(one, &project.name, Part::Prepare, 0);
        let (has_begun, deployed) = self.deploy(one, &project.name, more, stop).await;
        drop(lines);
        Ok((has_begun, self.or_away(deployed, stop).await))
    }

    /// Finishes what somebody who put data in its place did not finish: until then it may be half of one and half of another.
    pub(super) async fn settle(
        &self,
        cluster: &Cluster,
        found: &Found,
        stop: &Stop,
    ) -> Result<(), Trouble> {
        let unsettled = stop.unless(data::is_unsettled(cluster)).await?;
        if !unsettled.map_err(Trouble::of)? {
            return Ok(());
        }
        self.stop_all(cluster, stop).await?;
        let (owner, given_up) = (Owner::new(&found.project), Close::default());
        let settled = Box::pin(data::settle(cluster, &owner, &given_up));
        stop.unless(settled).await?.map_err(|error| match error {
            data::Error::Refused(refusal) => Trouble::of(refusal),
            other => Trouble::of_work(&other),
        })
    }

    /// How our command reaches its data, also without its sources: a server that has forgotten everything has none.
    fn reached(&self, one: &Environment, project: &str) -> There {
        let namespace = self.namespace(&one.id);
        let words = ["--project", project, "--namespace", &namespace];
        let mut words = words.map(OsString::from).to_vec();
        if let Some(context) = &self.terms.config.context {
            words.extend(["--context".into(), context.into()]);
        }
        There { words }
    }
}
