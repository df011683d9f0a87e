//! The service of a backing service.

use boatyard_plan::project::{BackingKind, Project};
use boatyard_plan::run::Process;

use super::project::BACKING;
use super::rights::harden;
use super::service::{check, volume};
use crate::render::official::official;
use crate::render::yaml::{Map, Tree};

/// The service of `process`, which is of `kind`.
pub(super) fn service(project: &Project, process: &Process, kind: BackingKind) -> Map {
    let official = official(project, kind);
    let mut service = Map::new().set("image", official.image);
    if !official.command.is_empty() {
        service = service.set("command", official.command.to_vec());
    }
    if !official.env.is_empty() {
        let env = official.env.iter();
        service = service.set(
            "environment",
            env.fold(Map::new(), |all, (name, value)| all.set(name, value)),
        );
    }
    let ready: Vec<Tree> = std::iter::once("CMD".to_owned())
        .chain(official.ready)
        .map(Tree::from)
        .collect();
    service = service
        .set(
            "volumes",
            [format!("{}:{}", volume(&process.name), official.data)],
        )
        .because("the application alone reaches it", "networks", [BACKING])
        .set("healthcheck", check(Tree::List(ready)))
        .because(
            "ends what is asked of it without losing any of it",
            "stop_signal",
            official.signal,
        )
        .set("stop_grace_period", format!("{}s", process.stop.grace_secs))
        .set("restart", "unless-stopped");
    harden(service, official.user, official.writes)
}
