//! Preparing an environment, and taking it away.

use std::ffi::OsString;
use std::time::Duration;

use boatyard_cluster::namespace::{self, Quota, Wish};
use boatyard_cluster::{Owner, process};
use boatyard_plan::failure::Failure;
use boatyard_plan::project::{self, Project};
use boatyard_plan::run;
use boatyard_preview::config::Way;
use boatyard_preview::environment::Environment;
use tokio::fs;
use tokio::process::Command;
use tokio::time::timeout;

use super::builder;
use super::lines::Lines;
use super::realm::Realm;
use super::record::written;
use crate::causes::in_one_line;
use crate::lane::{Stop, Trouble};
use crate::logs::Part;
use crate::site::{Built, FILE, NO_LIMIT, Site, check, front};

/// How long what is removed has to end by itself.
const ENDS: Duration = Duration::from_secs(60);
/// What was built of something of a stranger, in its folder.
const IMAGES: &str = "images.json";

impl Realm {
    /// Clone, make the namespace, build, push, run the jobs, see it answer, and put it to sleep.
    pub(super) async fn prepare(&self, one: &Environment, stop: &Stop) -> Result<(), Trouble> {
        let project = self.fetch(one, stop).await?;
        // What an earlier attempt left: it begins anew. Its record is away until its namespace is made.
        self.clear(one, stop).await?;
        match project {
            Some(project) => self.bring_up(one, &project, stop).await,
            None => self.refused(one, stop).await,
        }
    }

    /// The same where somebody has removed it, or a part of it: what is left of it stays, its data above all.
    pub(super) async fn mend(&self, one: &Environment, stop: &Stop) -> Result<(), Trouble> {
        if self.there(one, stop).await?.is_none() {
            return Box::pin(self.prepare(one, stop)).await;
        }
        match self.fetch(one, stop).await? {
            Some(project) => self.settled(one, &project, &[], stop).await?.1?,
            None => self.refused(one, stop).await?,
        }
        self.stop(one, stop).await
    }

    /// Has its sources; its project, if that has no mistakes.
    pub(super) async fn fetch(
        &self,
        one: &Environment,
        stop: &Stop,
    ) -> Result<Option<Project>, Trouble> {
        self.site.set_address(&one.id, None);
        self.site.mark(one).await?;
        self.site.checkout(one, stop).await?;
        let folder = self.site.project(one);
        check(&self.site.folder(&one.id).join("source"), &folder).await?;
        Ok(self.known(one).await)
    }

    /// Of a project with mistakes the command itself tells.
    async fn refused(&self, one: &Environment, stop: &Stop) -> Result<(), Trouble> {
        let (_, deployed) = self.deploy(one, "unknown", &[], stop).await;
        self.or_away(deployed, stop).await
    }

    /// Removes its namespace, with its data.
    pub(super) async fn vanish(&self, one: &Environment, stop: &Stop) -> Result<(), Trouble> {
        let name = self.namespace(&one.id);
        stop.unless(self.raze(&name)).await?.map_err(Trouble::of)
    }

    /// Removes its namespace, and its images here; its sources stay.
    pub(super) async fn clear(&self, one: &Environment, stop: &Stop) -> Result<(), Trouble> {
        self.site.set_address(&one.id, None);
        if self.there(one, stop).await?.is_some() {
            // In its own order, and what does not end by itself ends with the namespace.
            let inside = self.inside(&one.id);
            let asleep = timeout(ENDS, namespace::sleep(&inside));
            let _ = stop.unless(Box::pin(asleep)).await?;
        }
        self.vanish(one, stop).await?;
        for home in self.site.homes() {
            if home.join("index.json").is_file() {
                let copy = Site::copy(one.id.as_str());
                self.site.down(&home, &copy, stop).await?;
            }
        }
        Ok(())
    }

    /// Removes all of it.
    pub(super) async fn remove(&self, one: &Environment, stop: &Stop) -> Result<(), Trouble> {
        self.cleaned(one, stop).await?;
        self.clear(one, stop).await?;
        self.site.forget(one, stop).await;
        self.site.discard(one.id.as_str()).await
    }

    /// Copies what its processes print from now on to the log, what was printed until `seen` (milliseconds) left out.
    pub(super) fn follow(&self, one: &Environment, project: &str, part: Part, seen: u64) -> Lines {
        let pods = process::selector(&Owner::new(project));
        self.copied(one, (self.inside(&one.id), pods), part, seen)
    }

    /// The project of an environment that was checked out, if its file has no mistakes.
    pub(super) async fn known(&self, one: &Environment) -> Option<Project> {
        let file = self.site.project(one).join(FILE);
        let text = fs::read_to_string(file).await.ok()?;
        project::parse(&text).ok()
    }

    pub(super) fn wish(&self, one: &Environment, project: &Project) -> Result<Wish, Trouble> {
        let deployed =
            run::deployed(project).map_err(|error| Trouble::Failed(error.to_string()))?;
        let open = deployed.roles.iter().filter(|role| role.port.is_some());
        let front = front(open, |role| &role.name)?;
        let config = &self.terms.config;
        let is_inside = config.reach == Way::Service;
        Ok(Wish {
            namespace: self.namespace(&one.id),
            server: self.server().to_owned(),
            environment: one.id.to_string(),
            record: written(one),
            project: project.name.clone(),
            front: front.name.clone(),
            quota: Quota {
                cpu: config.quota.cpu.clone(),
                memory: config.quota.memory.clone(),
                storage: config.quota.storage.clone(),
                pods: config.quota.pods,
            },
            visitors: self.terms.own.clone().filter(|_| is_inside),
            // A stranger's has no way out, whatever its file says.
            egress: if one.is_trusted {
                project.deploy.egress.clone()
            } else {
                Vec::new()
            },
        })
    }

    /// Builds, pushes and deploys it, by these words more; true: something of the project was on the cluster. What builds something
    /// of a stranger knows nothing of ours: who pushes and deploys that is another process, which knows who we are and runs nothing
    /// of it.
    pub(super) async fn deploy(
        &self,
        one: &Environment,
        project: &str,
        more: &[&str],
        stop: &Stop,
    ) -> (bool, Result<(), Trouble>) {
        let home = self.site.home(&one.id);
        let hear = async |mut command: Command| {
            command.args(more);
            let built = |names: &[String]| self.pushes(one, names);
            let said = (Part::Prepare, &built as &Built<'_>);
            self.site.hear(&one.id, said, command, stop).await
        };
        if let Some(naming) = (self.terms.images)(&one.revision.place) {
            return match self.named(one, &naming).await {
                Ok(images) => {
                    let words = self.words(one, None, &images);
                    hear(self.site.knowing(&home, words)).await
                }
                Err(trouble) => (false, Err(trouble)),
            };
        }
        let _pushing = self.pushing().await;
        if let Some(builder) = &self.terms.config.builder {
            let mut words = self.words(one, Some(project), &["--push".into()]);
            words.extend(builder::words(builder).into_iter().map(OsString::from));
            if self.site.is_stranger(&one.id) {
                words.extend(self.site.confined(one));
            }
            // Nothing of it runs here.
            return hear(self.site.knowing(&home, words)).await;
        }
        if !self.site.is_stranger(&one.id) {
            let words = self.words(one, Some(project), &["--push".into()]);
            return hear(self.site.command(&home, words)).await;
        }
        let file = self.site.folder(&one.id).join(IMAGES).into_os_string();
        let mut words = self.words(one, Some(project), &["--build-to".into(), file.clone()]);
        words.extend(self.site.confined(one));
        let built = hear(self.site.command(&home, words)).await;
        if built.1.is_err() {
            return built;
        }
        let words = self.words(one, Some(project), &["--push-from".into(), file]);
        hear(self.site.knowing(&home, words)).await
    }

    /// The words of a deploy, and `how` it has its images: of which project they are built here, if they are.
    fn words(&self, one: &Environment, built: Option<&str>, how: &[OsString]) -> Vec<OsString> {
        let namespace = self.namespace(&one.id);
        let config = &self.terms.config;
        let mut words = self.site.at(one, &["deploy", "--preview", "--force"]);
        words.extend_from_slice(how);
        if let Some(project) = built {
            let place = format!("{}{project}", self.pushed_to(one));
            words.extend(["--prefix".into(), place.into()]);
        }
        let mut more = vec![
            "--namespace",
            &namespace,
            "--timeout",
            NO_LIMIT,
            // What it has outlives its sleep.
            "--backing",
            "kept",
        ];
        if let Some(context) = &config.context {
            more.extend(["--context", context]);
        }
        words.extend(more.into_iter().map(OsString::from));
        words
    }
}

impl Trouble {
    /// What a cluster said, with what to do about it.
    pub(super) fn of(error: impl Into<namespace::Error>) -> Self {
        let error = error.into();
        let text = in_words(&error);
        if error.is_absence() {
            Self::Away(text)
        } else {
            Self::Failed(text)
        }
    }

    /// The same of what is not begun again.
    pub(super) fn of_work(error: &impl Failure) -> Self {
        Self::Failed(in_words(error))
    }
}

fn in_words(error: &impl Failure) -> String {
    let help = error.help().map(|help| format!("\nhelp: {help}"));
    format!("{}{}", in_one_line(error), help.unwrap_or_default())
}
