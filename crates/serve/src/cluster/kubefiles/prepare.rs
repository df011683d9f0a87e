//! Installing an environment by its kubefiles.

use boatyard_cluster::Manifest;
use boatyard_cluster::kubefiles::{Build, Files, Mode};
use boatyard_cluster::manifest::Id as Object;
use boatyard_cluster::namespace::{self, Quota, Wish};
use boatyard_cluster::rollout::Progress;
use boatyard_cluster::runboat::{Init, Installed, Mark, There};
use boatyard_preview::environment::Environment;
use futures_util::future::join;

use super::files::filled;
use crate::cluster::realm::Realm;
use crate::cluster::record::written;
use crate::cluster::running::PATIENCE;
use crate::lane::{Stop, Trouble};
use crate::logs::Part;

/// What kubefiles bring to set an environment up.
struct Parts {
    deployment: Vec<Manifest>,
    initialize: Vec<Manifest>,
    stop: Vec<Manifest>,
}

impl Parts {
    fn of(texts: &Files, build: &Build) -> Result<Self, Trouble> {
        Ok(Self {
            deployment: filled(texts, build, Mode::Deployment)?,
            initialize: filled(texts, build, Mode::Initialize)?,
            stop: filled(texts, build, Mode::Stop)?,
        })
    }
}

impl Realm {
    /// Applies what stays, runs the job that sets it up, and leaves it asleep. A job that runs already is waited for.
    pub(super) async fn install(&self, one: &Environment, stop: &Stop) -> Result<(), Trouble> {
        self.site.set_address(&one.id, None);
        self.site.mark(one).await?;
        let files = self.kubefiles(one)?;
        let texts = self.texts(one, &files, stop).await?;
        let mut there = self.installed(one, stop).await?;
        if there.as_ref().is_some_and(|there| there.is_going) {
            // Somebody has deleted it: what keeps it is cleaned up first.
            Box::pin(self.uninstall(one, stop)).await?;
            there = None;
        }
        if self.shared().is_none() {
            let wish = self.own(one);
            let settled = namespace::settle(&self.terms.cluster, &wish);
            stop.unless(settled).await?.map_err(Trouble::of)?;
        }
        let build = self.build(one, &files, there.as_ref());
        let parts = Parts::of(&texts, &build)?;
        let cluster = self.around(&one.id, &build.build_name);
        let at = Installed::made_of(&cluster, &build.build_name, &parts.deployment);
        let pods = at.pods(Some(Mode::Initialize));
        let lines = self.copied(one, (cluster, pods), Part::Prepare, 0);
        let ended = stop
            .unless(Box::pin(self.set_up(one, &at, there, &parts)))
            .await;
        match &ended {
            // Its last lines say why.
            Ok(Err(Trouble::Failed(_))) => lines.heard_out().await,
            Ok(Ok(())) => drop(tokio::spawn(lines.heard_out())),
            Ok(Err(_)) | Err(_) => {}
        }
        ended?
    }

    async fn set_up(
        &self,
        one: &Environment,
        at: &Installed,
        there: Option<There>,
        parts: &Parts,
    ) -> Result<(), Trouble> {
        let told = self.telling(one, Part::Prepare);
        // Only what was never begun is still to be done: there is nothing to clean up after it.
        let was = there.map_or(Init::Todo, |there| there.init.unwrap_or(Init::Failed));
        let is_begun = was == Init::Started;
        if !is_begun {
            let (jobs, mark) = ([Mode::Cleanup, Mode::Initialize], self.mark(one));
            let rehearsed = at.rehearse(&parts.deployment, &mark, was);
            let (killed, rehearsed) = join(at.kill(&jobs), rehearsed).await;
            killed.map_err(Trouble::of_build)?;
            let placed = rehearsed.map_err(Trouble::of_build)?.place().await;
            placed.map_err(Trouble::of_build)?;
            at.begin(&mark).await.map_err(Trouble::of_build)?;
        }
        let resumed = is_begun.then(|| at.resume(Mode::Initialize, PATIENCE, &told));
        let resumed = match resumed {
            Some(resumed) => resumed.await,
            None => Ok(false),
        };
        let placed = if is_begun {
            &[]
        } else {
            parts.deployment.as_slice()
        };
        let ended = match resumed {
            Ok(false) => at.run(&parts.initialize, placed, PATIENCE, &told).await,
            other => other.map(drop),
        };
        let ended = ended.map_err(Trouble::of_build);
        let Some(init) = reached(&ended) else {
            return ended;
        };
        // Whatever came of it, as runboat has it; what was placed just now is so already, unless the job came with another.
        let mut stop = parts.stop.clone();
        let came = |one: &Manifest| {
            parts
                .initialize
                .iter()
                .any(|other| other.id() == one.id() && other != one)
        };
        stop.retain(|one| !placed.contains(one) || came(one));
        at.place(&stop).await.map_err(Trouble::of_build)?;
        at.set(Some(init), Some(0))
            .await
            .map_err(Trouble::of_build)?;
        ended
    }

    pub(super) fn mark(&self, one: &Environment) -> Mark {
        Mark {
            server: self.server().to_owned(),
            environment: one.id.to_string(),
            record: written(one).text,
        }
    }

    /// What a namespace of its own is to be. What its processes may reach is for its kubefiles to say: policies only add up.
    fn own(&self, one: &Environment) -> Wish {
        let config = &self.terms.config;
        let quota = &config.quota;
        Wish {
            namespace: self.namespace(&one.id),
            server: self.server().to_owned(),
            environment: one.id.to_string(),
            record: written(one),
            project: one.id.to_string(),
            front: String::new(),
            quota: Quota {
                cpu: quota.cpu.clone(),
                memory: quota.memory.clone(),
                storage: quota.storage.clone(),
                pods: quota.pods,
            },
            visitors: self.terms.own.clone(),
            egress: Vec::new(),
        }
    }

    /// Writes into a log how far something is.
    pub(super) fn telling(
        &self,
        one: &Environment,
        part: Part,
    ) -> impl Fn(&Object, &Progress) + Sync + use<> {
        let (logs, id) = (self.site.settings.logs.clone(), one.id);
        move |object, progress| {
            let text = match progress {
                Progress::Going { how_far, trouble } => {
                    let why = trouble
                        .as_ref()
                        .map(|trouble| format!(": {}", trouble.message));
                    format!("{object}: {how_far}{}", why.unwrap_or_default())
                }
                Progress::Done => format!("{object} is done"),
            };
            logs.append(&id, part, &text);
        }
    }
}

/// How far setting it up is, by how its job has ended; none: nobody knows, as the cluster was away, and it may still run.
fn reached(ended: &Result<(), Trouble>) -> Option<Init> {
    match ended {
        Ok(()) => Some(Init::Succeeded),
        Err(Trouble::Failed(_)) => Some(Init::Failed),
        Err(Trouble::Away(_) | Trouble::GivenUp) => None,
    }
}

#[cfg(test)]
mod tests {
    use boatyard_cluster::refusal::{Refusal, Said};
    use boatyard_cluster::wait;

    use super::*;

    #[test]
    fn a_cluster_that_is_away_is_no_failure_of_a_job() {
        let refused = |code| Refusal {
            doing: "list jobs of a build".to_owned(),
            source: Said::Server {
                code,
                message: String::new(),
            },
        };
        let silent = Refusal {
            doing: "list jobs of a build".to_owned(),
            source: Said::Unreached {
                message: String::new(),
            },
        };
        let unready = wait::Error::Unready {
            unready: Vec::new(),
            waited: None,
        };
        for (ended, expected) in [
            (Ok(()), Some(Init::Succeeded)),
            (Err(Trouble::of_build(unready)), Some(Init::Failed)),
            (Err(Trouble::of_build(refused(403))), Some(Init::Failed)),
            (Err(Trouble::of_build(refused(429))), None),
            (Err(Trouble::of_build(silent)), None),
            (
                Err(Trouble::of_build(wait::Error::Refused(refused(503)))),
                None,
            ),
            (Err(Trouble::GivenUp), None),
        ] {
            assert_eq!(reached(&ended), expected, "{ended:?}");
        }
    }
}
