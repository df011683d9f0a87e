//! One service.

use boatyard_plan::project::Project;
use boatyard_plan::run::{Kind, Process, RunPlan};

use super::backing;
use super::project::{BACKING, Options, SECRETS};
use super::rights::harden;
use crate::render::places;
use crate::render::process::{MARGIN_SECS, READY, environment, image, is_asked, user};
use crate::render::yaml::{Map, Tree};

/// What services are made from.
pub(super) struct Context<'a> {
    pub project: &'a Project,
    pub options: &'a Options,
    pub plan: &'a RunPlan,
}

/// The volume of a backing service.
pub(super) fn volume(name: &str) -> String {
    format!("{name}-data")
}

/// The service of `process`.
pub(super) fn service(context: &Context<'_>, process: &Process) -> Map {
    let kind = context
        .project
        .backings
        .iter()
        .find(|backing| backing.name == process.name);
    if let Some(kind) = kind.map(|backing| backing.kind) {
        return backing::service(context.project, process, kind);
    }
    let args: Vec<&str> = process.args.iter().map(String::as_str).collect();
    let mut service = Map::new()
        .set("image", image(process, &context.options.tag))
        .because("boatyard-init is the image's entry point", "command", args);
    let env = environment(process);
    if !env.is_empty() {
        let pairs = env.iter().fold(Map::new(), |all, (name, value)| {
            // A dollar sign of ours is none of Compose's.
            all.set(name, value.replace('$', "$$"))
        });
        service = service.set("environment", pairs);
    }
    let file = Map::new().set("path", SECRETS).set("required", false);
    service = service.because("secrets: NAME=VALUE, not committed", "env_file", [file]);
    if let Some(port) = process.port.filter(|_| process.publish) {
        service = service.because(
            "for this machine alone; without the address for everybody",
            "ports",
            [format!("127.0.0.1:{port}:{port}")],
        );
    }
    if !context.project.backings.is_empty() {
        service = service.set("networks", ["default", BACKING]);
    }
    let waits = depends_on(context, process);
    if !waits.is_empty() {
        service = service.set("depends_on", waits);
    }
    if is_asked(context.project, process) {
        let test = ["CMD", READY[0], READY[1]];
        service = service.set("healthcheck", check(test.into()));
    }
    if process.kind == Kind::Job {
        service = service.because("it runs to its end", "restart", "no");
    } else {
        let stop = &process.stop;
        service = service
            .because(
                format!(
                    "boatyard-init makes {} of it, as the role wants it",
                    stop.signal
                ),
                "stop_signal",
                "SIGTERM",
            )
            .because(
                "boatyard-init kills what is left some seconds before",
                "stop_grace_period",
                format!("{}s", stop.grace_secs + MARGIN_SECS),
            )
            .set("restart", "unless-stopped");
    }
    let kept = places::kept_by(context.project, process);
    if !kept.is_empty() {
        let volumes = kept
            .iter()
            .map(|volume| format!("{}:{}", places::kept_name(volume), volume.path));
        service = service.set("volumes", volumes.collect::<Vec<_>>());
    }
    let scratch = places::scratch_of(context.project, process);
    harden(service, user(context.project), &scratch)
}

/// Asks every few seconds while it starts, less often afterwards.
pub(super) fn check(test: Tree) -> Map {
    Map::new()
        .set("test", test)
        .set("interval", "5s")
        .set("timeout", "5s")
        .set("retries", 3_i64)
        .because(
            "until then a failure counts for nothing",
            "start_period",
            "60s",
        )
}

fn depends_on(context: &Context<'_>, process: &Process) -> Map {
    process.after.iter().fold(Map::new(), |all, name| {
        let mut processes = context.plan.processes.iter();
        let condition = match processes.find(|other| other.name == *name) {
            Some(other) if other.kind == Kind::Job => "service_completed_successfully",
            Some(other) if other.kind == Kind::Backing || is_asked(context.project, other) => {
                "service_healthy"
            }
            _ => "service_started",
        };
        all.set(name, Map::new().set("condition", condition))
    })
}
