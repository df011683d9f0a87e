//! The Deployment of a role.

use boatyard_plan::project::Role;

use super::container::{Run, container};
use super::object::{Frame, Object};
use super::pod::{Pod, template};
use super::volume::Places;
use super::{config, label, name, probe, right, values};
use crate::render::yaml::{Map, Tree};

/// Seconds in which routers notice that a pod goes, before it stops serving.
const ROUTERS_SECS: u64 = 5;

/// Seconds beyond what init takes: it ends what services left running.
pub(super) const RESERVE_SECS: u64 = 5;

/// How many of a role run that requests come to.
const SEVERAL: u32 = 2;

/// The Deployment of `role`.
pub(super) fn deployment(frame: &Frame<'_>, role: &Role) -> Object {
    let component = Some(role.name.as_str());
    let places = Places::of(frame, &role.name, &role.placement.writable);
    let spec = Map::new()
        .set("replicas", replicas(frame, role))
        .set("strategy", strategy(role, &places))
        .set(
            "selector",
            Map::new().set("matchLabels", label::selector(frame, component)),
        )
        .set("template", template(frame, pod(frame, role, places)));
    let name = name::object(&frame.project.name, &role.name);
    frame
        .object("apps/v1", "Deployment", name, component)
        .with("spec", spec)
}

/// How many of it run.
pub(super) fn count(frame: &Frame<'_>, role: &Role) -> u32 {
    let places = Places::of(frame, &role.name, &[]);
    let alone = role.placement.singleton || role.port.is_none() || places.is_exclusive();
    role.placement
        .replicas
        .unwrap_or(if alone { 1 } else { SEVERAL })
}

fn replicas(frame: &Frame<'_>, role: &Role) -> Tree {
    let count = count(frame, role);
    if frame.is_chart() && !role.placement.singleton {
        values::number(count, &["roles", &role.name, "replicas"])
    } else {
        count.into()
    }
}

fn strategy(role: &Role, places: &Places<'_>) -> Map {
    if role.placement.singleton {
        return Map::new().because("two of it must never run at once", "type", "Recreate");
    }
    if places.is_exclusive() {
        return Map::new().because(
            "a new pod on another machine could not have the volume before the old one is gone",
            "type",
            "Recreate",
        );
    }
    Map::new().set("type", "RollingUpdate").set(
        "rollingUpdate",
        Map::new()
            .because(
                "an old pod goes when a new one is ready",
                "maxUnavailable",
                0_u32,
            )
            .set("maxSurge", "25%"),
    )
}

fn pod<'a>(frame: &Frame<'a>, role: &'a Role, places: Places<'a>) -> Pod<'a> {
    let run = Run {
        name: &role.name,
        service: frame.service_of(role),
        table: "roles",
        resources: &role.placement.resources,
        role: Some(role),
    };
    let args = ["start".to_owned(), role.name.clone()];
    let delay = drain_secs(role);
    let ports = role.port.map(|port| {
        [Map::new()
            .set("name", probe::PORT)
            .set("containerPort", port)]
    });
    let mut more = probe::probes(role, Map::new().maybe("ports", ports));
    if delay > 0 {
        more = more.because(
            "requests still come until routers have noticed; TERM is sent after it",
            "lifecycle",
            Map::new().set(
                "preStop",
                Map::new().set("sleep", Map::new().set("seconds", seconds(delay))),
            ),
        );
    }
    let spread = Map::new()
        .set("maxSkew", 1_u32)
        .set("topologyKey", "kubernetes.io/hostname")
        .set("whenUnsatisfiable", "ScheduleAnyway")
        .set(
            "labelSelector",
            Map::new().set("matchLabels", label::selector(frame, Some(&role.name))),
        );
    let mut fields = Map::new().because(
        grace_reason(role),
        "terminationGracePeriodSeconds",
        seconds(grace_secs(role)),
    );
    if !role.placement.singleton {
        fields = fields.because(
            "not all on one machine",
            "topologySpreadConstraints",
            [spread],
        );
    }
    Pod {
        user: &frame.project.image.user,
        account: right::account(frame, role),
        labels: label::all(frame, Some(&role.name)),
        first: Vec::new(),
        container: container(frame, &run, &args, more, &places),
        places,
        port: role.port,
        more: fields,
        annotations: config::mark(frame, role),
    }
}

/// Seconds between the end of a pod and TERM: where requests come and init does not wait by itself.
fn drain_secs(role: &Role) -> u64 {
    if role.port.is_some() && delay_secs(role) == 0 {
        ROUTERS_SECS
    } else {
        0
    }
}

fn delay_secs(role: &Role) -> u64 {
    let supervise = role.supervise.as_ref();
    supervise.map_or(0, |supervise| supervise.stop_delay_secs)
}

fn grace_secs(role: &Role) -> u64 {
    [
        drain_secs(role),
        delay_secs(role),
        role.stop.grace_secs,
        RESERVE_SECS,
    ]
    .into_iter()
    .fold(0, u64::saturating_add)
}

fn grace_reason(role: &Role) -> String {
    let grace = role.stop.grace_secs;
    let mut text = format!("{grace} s that boatyard-init gives the role");
    if drain_secs(role) > 0 {
        text = format!("{} s of preStop, {text}", drain_secs(role));
    }
    if delay_secs(role) > 0 {
        text = format!("{text}, {} s of delay", delay_secs(role));
    }
    format!("{text}, {RESERVE_SECS} s in reserve; KILL comes after that")
}

pub(super) fn seconds(seconds: u64) -> i64 {
    i64::try_from(seconds).unwrap_or(i64::MAX)
}
