//! The container of a process.

use boatyard_plan::project::{Resources, Role};

use super::object::Frame;
use super::volume::Places;
use super::{config, image, pod, resources};
use crate::render::yaml::Map;

/// What a container runs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run<'a> {
    /// Its name.
    pub name: &'a str,
    /// The service whose image it runs.
    pub service: &'a str,
    /// Where it stands in the values of a chart: `roles`, `jobs` or `schedules`.
    pub table: &'static str,
    /// What it needs.
    pub resources: &'a Resources,
    /// The role, if it is one.
    pub role: Option<&'a Role>,
}

/// A container that runs `args` by the image's own entry point, which is PID 1 there; `more` is what comes after them.
pub(super) fn container(
    frame: &Frame<'_>,
    run: &Run<'_>,
    args: &[String],
    more: Map,
    places: &Places<'_>,
) -> Map {
    let map = image::of(frame, run.service, Map::new().set("name", run.name)).because(
        "arguments of the image's entry point, boatyard-init: PID 1, signals, zombies",
        "args",
        args.to_vec(),
    );
    let mut map = config::variables(frame, run.role, map);
    map.entries.extend(more.entries);
    map.set(
        "resources",
        resources::of(frame, run.resources, &[run.table, run.name]),
    )
    .set("securityContext", pod::rights())
    .set("volumeMounts", places.mounts())
}
