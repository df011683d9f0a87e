//! Jobs that clean up, before the namespace of an environment is removed.

use std::pin::pin;

use boatyard_cluster::Owner;
use boatyard_cluster::deploy::Stop as Close;
use boatyard_cluster::namespace::wake_data;
use boatyard_cluster::process::{self, Line};
use boatyard_cluster::wait::Patience;
use boatyard_preview::environment::Environment;

use super::realm::Realm;
use super::running::PATIENCE;
use crate::lane::{Stop, Trouble};
use crate::logs::{BAR, Part};

impl Realm {
    /// Does what cleans up, if anything was deployed that does: nothing else of it runs then but what keeps data. What is deployed says
    /// which jobs those are, so that a server that has forgotten all knows them, too.
    pub(super) async fn cleaned(&self, one: &Environment, stop: &Stop) -> Result<(), Trouble> {
        let Some(found) = self.there(one, stop).await? else {
            return Ok(());
        };
        let cluster = self.inside(&one.id);
        let owner = Owner::new(&found.project);
        let jobs = stop.unless(process::last(&cluster, &owner)).await?;
        if jobs.as_ref().is_ok_and(Vec::is_empty) {
            return Ok(());
        }
        let jobs = jobs.map_err(Trouble::of);
        let given_up = Stop::new();
        let work = self.run_cleanup(one, &owner, jobs, &given_up);
        let cleaned = self.site.clean_up(one, (stop, &given_up), work);
        Box::pin(cleaned).await
    }

    async fn run_cleanup(
        &self,
        one: &Environment,
        owner: &Owner,
        jobs: Result<Vec<String>, Trouble>,
        stop: &Stop,
    ) -> Result<(), Trouble> {
        let jobs = jobs?;
        self.stop(one, stop).await?;
        let cluster = self.inside(&one.id);
        let awake = stop.unless(Box::pin(wake_data(&cluster, PATIENCE)));
        awake.await?.map_err(Trouble::of)?;
        for job in &jobs {
            self.run_job(one, owner, job, stop).await?;
        }
        Ok(())
    }

    /// Runs a job to its end; what it prints is in the log.
    async fn run_job(
        &self,
        one: &Environment,
        owner: &Owner,
        job: &str,
        stop: &Stop,
    ) -> Result<(), Trouble> {
        let logs = &self.site.settings.logs;
        logs.append(&one.id, Part::Run, &format!("running {job}"));
        let mut tell = |line: &Line| {
            let millis = u64::try_from(line.time.as_millisecond()).unwrap_or(0);
            let text = format!("{}{BAR}{}", line.process, line.text);
            logs.append_at(&one.id, Part::Run, millis, &text);
        };
        let patience = Patience {
            timeout: (self.site.settings.times)().cleanup,
            ..PATIENCE
        };
        let (cluster, close) = (self.inside(&one.id), Close::default());
        let ran = process::once(&cluster, owner, job, patience, &close, &mut tell);
        let mut ran = pin!(Box::pin(ran));
        let ended = tokio::select! {
            ended = &mut ran => ended,
            () = stop.wanted() => {
                close.now();
                // It is removed.
                let _ = ran.await;
                return Err(Trouble::GivenUp);
            }
        };
        match ended {
            Ok(0) => Ok(()),
            Ok(code) => Err(Trouble::Failed(format!("{job} exited with {code}"))),
            Err(error) => Err(Trouble::of_work(&error)),
        }
    }
}
