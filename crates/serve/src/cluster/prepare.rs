//! Preparing an environment, and taking it away.

use std::ffi::OsString;

use boatyard_cluster::namespace::{self, Quota, Wish};
use boatyard_cluster::{Owner, process};
use boatyard_plan::failure::Failure;
use boatyard_plan::project::{self, Project};
use boatyard_plan::run;
use boatyard_preview::config::Way;
use boatyard_preview::environment::Environment;
use tokio::fs;
use tokio::task::JoinHandle;

use super::realm::Realm;
use super::record::text;
use crate::causes::in_one_line;
use crate::lane::{Stop, Trouble};
use crate::logs::{BAR, Part};
use crate::site::{FILE, NO_LIMIT, Site, check, front};

/// Where the command finds the cluster.
const KUBECONFIG: &str = "KUBECONFIG";

impl Realm {
    /// Clone, make the namespace, build, push, run the jobs, see it answer, and put it to sleep.
    pub(super) async fn prepare(&self, one: &Environment, stop: &Stop) -> Result<(), Trouble> {
        self.site.set_address(&one.id, None);
        self.site.mark(one).await?;
        self.site.checkout(one, stop).await?;
        let folder = self.site.project(one);
        check(&self.site.folder(&one.id).join("source"), &folder).await?;
        // One with mistakes is told of by the command itself.
        if let Some(project) = self.known(one).await {
            let wish = self.wish(one, &project)?;
            let settled = namespace::settle(&self.terms.cluster, &wish);
            stop.unless(settled).await?.map_err(Trouble::of)?;
            let lines = self.follow(one, &project.name, Part::Prepare, 0);
            let deployed = self.deploy(one, &project.name, stop).await;
            lines.abort();
            deployed?;
        } else {
            self.deploy(one, "unknown", stop).await?;
        }
        self.stop(one, stop).await
    }

    /// Removes its namespace, and its images here; its sources stay.
    pub(super) async fn clear(&self, one: &Environment, stop: &Stop) -> Result<(), Trouble> {
        self.site.set_address(&one.id, None);
        let name = self.namespace(&one.id);
        let gone = namespace::remove(&self.terms.cluster, &name, self.server());
        stop.unless(gone).await?.map_err(Trouble::of)?;
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
    pub(super) fn follow(
        &self,
        one: &Environment,
        project: &str,
        part: Part,
        seen: u64,
    ) -> JoinHandle<()> {
        let cluster = self.inside(&one.id);
        let owner = Owner::new(project);
        let (logs, id) = (self.site.settings.logs.clone(), one.id);
        tokio::spawn(async move {
            let wanted = process::Wanted {
                follow: true,
                ..process::Wanted::default()
            };
            let mut tell = |line: &process::Line| {
                let millis = u64::try_from(line.time.as_millisecond()).unwrap_or(0);
                if millis > seen {
                    let text = format!("{}{}{}", line.process, BAR, line.text);
                    logs.append_at(&id, part, millis, &text);
                }
            };
            if let Err(error) = process::logs(&cluster, &owner, &wanted, &mut tell).await {
                logs.append(
                    &id,
                    part,
                    &format!("note: what it prints is not shown: {}", in_one_line(&error)),
                );
            }
        })
    }

    /// The project of an environment that was checked out, if its file has no mistakes.
    async fn known(&self, one: &Environment) -> Option<Project> {
        let file = self.site.project(one).join(FILE);
        let text = fs::read_to_string(file).await.ok()?;
        project::parse(&text).ok()
    }

    fn wish(&self, one: &Environment, project: &Project) -> Result<Wish, Trouble> {
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
            record: text(one),
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

    async fn deploy(&self, one: &Environment, project: &str, stop: &Stop) -> Result<(), Trouble> {
        let home = self.site.home(&one.id);
        let mut command = self.site.command(&home, self.words(one, project));
        // In the surroundings of a stranger it was left out: the command needs it, and steps of builds do not see it.
        if let Some(path) = std::env::var_os(KUBECONFIG) {
            command.env(KUBECONFIG, path);
        }
        let (_, outcome) = self.site.hear(&one.id, Part::Prepare, command, stop).await;
        outcome
    }

    fn words(&self, one: &Environment, project: &str) -> Vec<OsString> {
        let namespace = self.namespace(&one.id);
        let config = &self.terms.config;
        // What is not trusted is never called as what is.
        let strangers = if one.is_trusted { "" } else { "strangers/" };
        let place = format!("{}/{strangers}{project}", config.registry);
        let mut words = self
            .site
            .at(one, &["deploy", "--push", "--preview", "--force"]);
        if self.site.is_stranger(&one.id) {
            words.extend(self.site.confined(one));
        }
        let mut more = vec![
            "--prefix",
            &place,
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
    #[expect(clippy::needless_pass_by_value, reason = "it is for map_err")]
    pub(super) fn of(error: impl Failure) -> Self {
        let help = error.help().map(|help| format!("\nhelp: {help}"));
        let text = in_one_line(&error);
        Self::Failed(format!("{text}{}", help.unwrap_or_default()))
    }
}
