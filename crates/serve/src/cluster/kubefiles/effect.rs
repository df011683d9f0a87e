//! What is done with an environment that is made by kubefiles.

use std::sync::Arc;

use boatyard_cluster::kubefiles::{Build, Files, Mode, manifests};
use boatyard_cluster::namespace::Found;
use boatyard_cluster::runboat::{Init, Installed, There};
use boatyard_cluster::{Cluster, Manifest};
use boatyard_preview::config::Folder;
use boatyard_preview::environment::Environment;
use boatyard_preview::id::Id;
use boatyard_preview::phase::{Effect, Phase};

use super::built::Runs;
use super::files::{Kubefiles, filled};
use crate::backend::Order;
use crate::causes::in_one_line;
use crate::cluster::ears::Spot;
use crate::cluster::realm::Realm;
use crate::cluster::running::PATIENCE;
use crate::lane::{Outcome, Stop, Trouble};
use crate::logs::Part;

impl Realm {
    /// As [`Realm::effect`] of others.
    pub(in crate::cluster) async fn by_kubefiles(
        self: &Arc<Self>,
        order: &Order,
        stop: &Stop,
    ) -> Result<Outcome<Runs>, Trouble> {
        let one = &order.environment;
        let done = |()| Outcome::Done;
        match order.effect {
            Effect::Prepare => Box::pin(self.install(one, stop)).await.map(done),
            Effect::Cancel => {
                if one.phase == Phase::Preparing {
                    Box::pin(self.uninstall(one, stop)).await?;
                }
                Err(Trouble::GivenUp)
            }
            Effect::Start => Box::pin(self.run(one, stop))
                .await
                .map(|built| Outcome::Runs(Runs::Build(Box::new(built)))),
            Effect::Stop => Box::pin(self.rest(one, stop)).await.map(done),
            Effect::Save | Effect::Restore => Err(Trouble::Failed(
                "environments that are made by kubefiles have no snapshots".to_owned(),
            )),
            Effect::Remove => {
                Box::pin(self.uninstall(one, stop)).await?;
                self.site.forget(one, stop).await;
                self.site.discard(one.id.as_str()).await.map(done)
            }
        }
    }

    /// The namespace that an environment is in: that of all, or its own.
    pub(super) fn ground(&self, id: &Id) -> String {
        self.shared()
            .map_or_else(|| self.namespace(id), str::to_owned)
    }

    /// The namespace of all environments, if they share one.
    pub(super) fn shared(&self) -> Option<&str> {
        self.terms.config.builds.as_ref()?.namespace.as_deref()
    }

    /// The cluster with the namespace that it is in, where nobody tells anything.
    pub(super) fn on_ground(&self, id: &Id) -> Cluster {
        self.terms.cluster.within(&self.ground(id))
    }

    /// Where a build of this name is told of.
    pub(super) fn spot(&self, id: &Id, build: &str) -> Spot {
        Spot::of(self.namespace(id)).with_build(build)
    }

    /// The build that is there, as an environment.
    pub(super) fn at(&self, id: &Id, there: &There) -> Installed {
        Installed::of(&self.around(id, &there.build), there)
    }

    /// The same, where is told what happens to the build of this name.
    pub(super) fn around(&self, id: &Id, build: &str) -> Cluster {
        let herald = self.ears.herald(self.spot(id, build));
        self.on_ground(id).heralded(herald)
    }

    /// What is written on the Deployment of an environment, if it has one.
    pub(super) async fn installed(
        &self,
        one: &Environment,
        stop: &Stop,
    ) -> Result<Option<There>, Trouble> {
        let cluster = self.on_ground(&one.id);
        let found = Installed::find(&cluster, self.server(), one.id.as_str());
        stop.unless(found).await?.map_err(Trouble::of_build)
    }

    /// Takes away what is in the cluster: after its clean-up all that has its label, and a namespace of its own.
    pub(super) async fn uninstall(&self, one: &Environment, stop: &Stop) -> Result<(), Trouble> {
        self.site.set_address(&one.id, None);
        if let Some(there) = self.installed(one, stop).await? {
            let at = self.at(&one.id, &there);
            let texts = if self.is_ending(one, stop).await? {
                None
            } else {
                self.cleaning(one, stop).await?
            };
            Box::pin(self.clean(one, &at, &there, texts, stop)).await?;
        }
        if self.shared().is_none() {
            let name = self.namespace(&one.id);
            stop.unless(self.raze(&name)).await?.map_err(Trouble::of)?;
        }
        Ok(())
    }

    /// Whether somebody removes its own namespace: no job can be started there any more, and its finalizer would keep it for ever.
    async fn is_ending(&self, one: &Environment, stop: &Stop) -> Result<bool, Trouble> {
        if self.shared().is_some() {
            return Ok(false);
        }
        let name = self.namespace(&one.id);
        let found = Found::read(&self.terms.cluster, &name, self.server());
        let found = stop.unless(found).await?.map_err(Trouble::of)?;
        let is_ending = found.is_some_and(|found| found.is_going);
        if is_ending {
            self.uncleaned(one, "somebody removes its namespace");
        }
        Ok(is_ending)
    }

    fn uncleaned(&self, one: &Environment, why: &str) {
        let said = format!("note: it is taken away without its clean-up: {why}");
        let logs = &self.site.settings.logs;
        logs.append(&one.id, Part::Prepare, &said);
    }

    /// The kubefiles by which it is cleaned up; those of a repository may be had no more, which is said.
    async fn cleaning(
        &self,
        one: &Environment,
        stop: &Stop,
    ) -> Result<Option<(Kubefiles, Files)>, Trouble> {
        let found = async {
            let files = self.kubefiles(one)?;
            let texts = self.texts(one, &files, stop).await?;
            Ok((files, texts))
        };
        let is_ours =
            matches!(self.kubefiles(one), Ok(files) if matches!(files.folder, Folder::Server(_)));
        match found.await {
            Ok(found) => Ok(Some(found)),
            Err(Trouble::Failed(why)) if !is_ours => {
                self.uncleaned(one, &why);
                Ok(None)
            }
            Err(trouble) => Err(trouble),
        }
    }

    async fn clean(
        &self,
        one: &Environment,
        at: &Installed,
        there: &There,
        found: Option<(Kubefiles, Files)>,
        stop: &Stop,
    ) -> Result<(), Trouble> {
        let mut all = Vec::new();
        let at_rest = async {
            let jobs = [Mode::Initialize, Mode::Cleanup];
            at.kill(&jobs).await.map_err(Trouble::of_build)?;
            let set = at.set(None, Some(0)).await;
            set.map(drop).map_err(Trouble::of_build)
        };
        stop.unless(at_rest).await??;
        if let Some((files, texts)) = found {
            let build = self.build(one, &files, Some(there));
            all = self.brought(one, &texts, &build);
            // What runboat has left to be done may have been done before.
            let is_named_by_us = there.build == self.build(one, &files, None).build_name;
            let is_new = there.init == Some(Init::Todo) && is_named_by_us;
            if files.has_cleanup && is_new {
                self.uncleaned(one, "setting it up had not begun");
            } else if files.has_cleanup {
                let cleanup = filled(&texts, &build, Mode::Cleanup)?;
                let given_up = Stop::new();
                let work = self.run_last(one, at, &cleanup, &given_up);
                Box::pin(self.site.clean_up(one, (stop, &given_up), work)).await?;
            }
        }
        let gone = stop.unless(at.clear(&all)).await?;
        gone.map_err(Trouble::of_build)
    }

    /// What its kubefiles bring by now, whether it is as it has to be or not; what cannot be filled in is said.
    fn brought(&self, one: &Environment, texts: &Files, of: &Build) -> Vec<Manifest> {
        let mut all = Vec::new();
        for mode in Mode::ALL {
            let build = Build { mode, ..of.clone() };
            match manifests(texts, &build) {
                Ok(some) => all.extend(some),
                Err(error) => {
                    let (mode, why) = (mode.name(), in_one_line(&error));
                    let said = format!(
                        "note: only what is of usual kinds is taken away of what its kubefiles bring in the mode {mode}: {why}"
                    );
                    let logs = &self.site.settings.logs;
                    logs.append(&one.id, Part::Prepare, &said);
                }
            }
        }
        all
    }

    /// Runs the job that cleans up to its end; what it prints is in the log.
    async fn run_last(
        &self,
        one: &Environment,
        at: &Installed,
        cleanup: &[Manifest],
        given_up: &Stop,
    ) -> Result<(), Trouble> {
        let printed = (at.cluster().clone(), at.pods(Some(Mode::Cleanup)));
        let lines = self.copied(one, printed, Part::Run, 0);
        let told = self.telling(one, Part::Run);
        let ran = given_up.unless(at.run(cleanup, &[], PATIENCE, &told)).await;
        if ran.is_ok() {
            lines.heard_out().await;
        } else {
            drop(lines);
            at.kill(&[Mode::Cleanup]).await.map_err(Trouble::of_build)?;
        }
        ran?.map_err(Trouble::of_build)
    }
}
