//! The unit of one container.

use boatyard_plan::project::{Backing, Project};
use boatyard_plan::run::{Kind, Process, RunPlan};

use super::project::Options;
use super::unit::{Unit, command, percent, word};
use crate::render::official::official;
use crate::render::places;
use crate::render::process::{MARGIN_SECS, READY, environment, image, is_asked, secrets_of, user};

/// What units are made from.
pub(super) struct Context<'a> {
    pub project: &'a Project,
    pub options: &'a Options,
    pub plan: &'a RunPlan,
}

impl Context<'_> {
    /// What the unit of `name` is called, without its ending.
    pub(super) fn unit(&self, name: &str) -> String {
        format!("{}-{name}", self.project.name)
    }

    /// The unit of a process.
    pub(super) fn process(&self, process: &Process) -> Unit {
        let mut unit = self.head(&process.name, &process.after);
        let backing = self
            .project
            .backings
            .iter()
            .find(|one| one.name == process.name);
        unit = match backing {
            Some(backing) => self.backing(unit, process, backing),
            None => self.application(unit, process, &process.name),
        };
        if process.kind == Kind::Job {
            return unit
                .section("Service")
                .because(
                    "what waits for it starts when it has ended with success",
                    "Type",
                    "oneshot",
                )
                .set("RemainAfterExit", "yes")
                .section("Install")
                .set("WantedBy", "default.target");
        }
        let grace = process.stop.grace_secs + MARGIN_SECS;
        unit.because(
            "boatyard-init kills what is left some seconds before",
            "StopTimeout",
            grace,
        )
        .section("Service")
        .set("Restart", "always")
        .set("TimeoutStopSec", grace + MARGIN_SECS)
        .because("pulling an image takes time", "TimeoutStartSec", 900)
        .section("Install")
        .set("WantedBy", "default.target")
    }

    /// The unit of a process that a timer or somebody starts, of what is called `of` in the project; it is ended after `limit_secs`.
    pub(super) fn once(&self, process: &Process, of: &str, limit_secs: Option<u64>) -> Unit {
        let unit = self.head(&process.name, &process.after);
        let unit = self
            .application(unit, process, of)
            .section("Service")
            .because("it is not started again while it runs", "Type", "oneshot");
        match limit_secs.filter(|secs| *secs > 0) {
            Some(secs) => unit.set("TimeoutStartSec", secs),
            None => unit.set("TimeoutStartSec", "infinity"),
        }
    }

    fn head(&self, name: &str, after: &[String]) -> Unit {
        let mut unit = Unit::new().section("Unit").set(
            "Description",
            percent(&format!("{name} of {}", self.project.name)),
        );
        for other in after.iter().filter(|other| self.is_known(other)) {
            let service = format!("{}.service", self.unit(other));
            unit = unit.set("Requires", &service).set("After", &service);
        }
        unit.section("Container")
            .set("ContainerName", self.unit(name))
    }

    fn is_known(&self, name: &str) -> bool {
        self.plan
            .processes
            .iter()
            .any(|process| process.name == *name)
    }

    /// The networks, and the name by which others reach it: what it is called in the project.
    fn reached(&self, unit: Unit, name: &str) -> Unit {
        unit.set("Network", format!("{}.network", self.project.name))
            .because(
                "others know it by this name",
                "PodmanArgs",
                format!("--network-alias={name}"),
            )
    }

    fn application(&self, unit: Unit, process: &Process, of: &str) -> Unit {
        let mut unit = unit
            .set("Image", image(process, &self.options.tag))
            .because(
                "boatyard-init is the image's entry point",
                "Exec",
                command(process.args.iter().map(String::as_str)),
            );
        for (name, value) in environment(process) {
            unit = unit.set("Environment", variable(&name, &value));
        }
        for name in secrets_of(process) {
            let secret = self.unit(&name.to_lowercase().replace('_', "-"));
            unit = unit.because(
                &format!("made with: podman secret create {secret} FILE"),
                "Secret",
                format!("{secret},type=env,target={name}"),
            );
        }
        if let Some(port) = process.port.filter(|_| process.publish) {
            unit = unit.because(
                "for this machine alone; without the address for everybody",
                "PublishPort",
                format!("127.0.0.1:{port}:{port}"),
            );
        }
        unit = self.reached(unit, &process.name);
        if is_asked(self.project, process) {
            // An array is run without a shell, which an image may not have.
            unit = health(unit, &format!("[\"{}\"]", READY.join("\", \"")));
        }
        for volume in places::kept(self.project, of) {
            let name = self.unit(&places::kept_name(volume));
            unit = unit.because(
                "U: who runs it owns what is there",
                "Volume",
                format!("{name}.volume:{}:U", volume.path),
            );
        }
        let scratch = places::scratch_of(self.project, process);
        harden(unit, user(self.project), &scratch)
    }

    fn backing(&self, unit: Unit, process: &Process, backing: &Backing) -> Unit {
        let official = official(self.project, backing.kind);
        let mut unit = unit.set("Image", official.image);
        if !official.command.is_empty() {
            unit = unit.set("Exec", command(official.command.iter().copied()));
        }
        for (name, value) in &official.env {
            unit = unit.set("Environment", variable(name, value));
        }
        unit = unit.set(
            "Volume",
            format!("{}.volume:{}", self.unit(&process.name), official.data),
        );
        unit = self.reached(unit, &process.name);
        unit = health(unit, &command(official.ready.iter().map(String::as_str)));
        unit = unit.because(
            "ends what is asked of it without losing any of it",
            "PodmanArgs",
            format!("--stop-signal={}", official.signal),
        );
        harden(unit, official.user, official.writes)
    }
}

fn health(unit: Unit, command: &str) -> Unit {
    unit.set("HealthCmd", command)
        .set("HealthInterval", "5s")
        .set("HealthTimeout", "5s")
        .set("HealthRetries", 3)
        .because(
            "until then a failure counts for nothing",
            "HealthStartPeriod",
            "60s",
        )
        .because(
            "started when it answers: what waits for it starts then",
            "Notify",
            "healthy",
        )
}

fn harden(unit: Unit, (uid, gid): (u32, u32), writes: &[&str]) -> Unit {
    let unit = unit
        .because("numbers: a name cannot be proven not to be root", "User", uid)
        .set("Group", gid)
        .because(
            "whoever breaks in cannot change the application; /tmp can be written, and is gone with the container",
            "ReadOnly",
            true,
        );
    let unit = writes
        .iter()
        .fold(unit, |unit, folder| unit.set("Tmpfs", folder));
    unit.because("it needs none", "DropCapability", "all")
        .because(
            "no setuid program gives back what was taken",
            "NoNewPrivileges",
            true,
        )
}

/// A variable. It becomes a word of a command of systemd's, where dollar signs mean something.
fn variable(name: &str, value: &str) -> String {
    word(&format!("{name}={value}").replace('$', "$$"))
}
