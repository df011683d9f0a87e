//! Backing services that are deployed with the project.
//!
//! Each is one pod: a `StatefulSet`, since no two may ever have one volume. Nothing in it changes with the project's version, so a
//! deploy does not restart it. The Secret with its password is made by whoever deploys: what is rendered can be read by all.

use std::collections::BTreeMap;

use boatyard_plan::backing::{Access, Definition, access, definition, process_env};
use boatyard_plan::project::{Backing, Hosting, Placement, Role};

use super::container::Run;
use super::object::{Frame, Object};
use super::pod::{self, Pod, template};
use super::role::{RESERVE_SECS, seconds};
use super::volume::{self, Places};
use super::{config, image, label, name, policy, probe, resources};
use crate::render::yaml::Map;

/// Its annotation `boatyard.dev/when`: it is ready before jobs begin.
const FIRST: &str = "first";

/// How long a job waits for it.
const PATIENCE: &str = "2m";

/// A Secret that has to be there before pods can start, of a backing service that is deployed with the project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The Secret.
    pub secret: String,
    /// What is in it.
    pub access: Access,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
}

/// The Secrets of all that are deployed with the project.
pub(super) fn wanted(frame: &Frame<'_>) -> Vec<Wanted> {
    let all = deployed(frame).map(|backing| Wanted {
        secret: config::backing_secret(frame, &backing.name),
        access: access(backing, &frame.project.name, &host(frame, backing)),
        labels: label::plain(frame, &backing.name),
    });
    all.collect()
}

/// All objects of all of them.
pub(super) fn objects(frame: &Frame<'_>) -> Vec<Object> {
    let each = |backing: &Backing| {
        let claim = claim(frame, backing);
        let policy = policy::within(frame, &backing.name, backing.kind.port());
        let rest = [policy, service(frame, backing), set(frame, backing)];
        claim.into_iter().chain(rest)
    };
    deployed(frame).flat_map(each).collect()
}

/// What ends when all of them take connections, if a job `waits`: whoever routes to them learns of it a moment after they are ready.
pub(super) fn waiting(frame: &Frame<'_>, run: &Run<'_>, waits: bool) -> Vec<Map> {
    let targets = deployed(frame).filter(|_| waits).map(|backing| {
        let (host, port) = (host(frame, backing), backing.kind.port());
        format!("tcp://{host}:{port}")
    });
    let targets: Vec<String> = targets.collect();
    if targets.is_empty() {
        return Vec::new();
    }
    let words = ["wait-for", "--timeout", PATIENCE].map(str::to_owned);
    let container = image::of(frame, run.service, Map::new().set("name", "wait"))
        .because(
            "what is ready may not be reached for a moment",
            "args",
            [words.as_slice(), &targets].concat(),
        )
        .set(
            "resources",
            resources::of(frame, run.resources, &[run.table, run.name]),
        )
        .set("securityContext", pod::rights());
    vec![container]
}

fn deployed<'a>(frame: &Frame<'a>) -> impl Iterator<Item = &'a Backing> {
    let backings = frame.project.backings.iter();
    backings.filter(|backing| backing.is_deployed())
}

/// Its name for other pods.
fn host(frame: &Frame<'_>, backing: &Backing) -> String {
    name::service(&frame.project.name, &backing.name)
}

fn claim(frame: &Frame<'_>, backing: &Backing) -> Option<Object> {
    (backing.cluster == Hosting::Kept).then(|| {
        let name = name::claim(&frame.project.name, &backing.name);
        let component = Some(backing.name.as_str());
        let spec = volume::request(backing.size(), backing.class.as_deref(), false);
        frame
            .object("v1", "PersistentVolumeClaim", name, component)
            .with("spec", spec)
    })
}

fn service(frame: &Frame<'_>, backing: &Backing) -> Object {
    let component = Some(backing.name.as_str());
    let port = backing.kind.name();
    let ports = Map::new()
        .set("name", port)
        .set("port", backing.kind.port())
        .set("targetPort", port);
    let spec = Map::new()
        .set("selector", label::selector(frame, component))
        .set("ports", [ports]);
    frame
        .object("v1", "Service", host(frame, backing), component)
        .with("spec", spec)
}

fn set(frame: &Frame<'_>, backing: &Backing) -> Object {
    let definition = definition(backing.kind);
    let component = Some(backing.name.as_str());
    let spec = Map::new()
        .set("replicas", 1_u32)
        .set("serviceName", host(frame, backing))
        .set(
            "selector",
            Map::new().set("matchLabels", label::selector(frame, component)),
        )
        .set(
            "template",
            template(frame, pod(frame, backing, &definition)),
        );
    let moment = Map::new().because(
        "boatyard deploy waits for it before jobs begin",
        "boatyard.dev/when",
        FIRST,
    );
    let name = name::object(&frame.project.name, &backing.name);
    frame
        .object("apps/v1", "StatefulSet", name, component)
        .annotated(&moment)
        .with("spec", spec)
}

fn pod<'a>(frame: &Frame<'a>, backing: &'a Backing, definition: &'a Definition) -> Pod<'a> {
    let kind = backing.kind.name();
    let places = Places::of_backing(frame, backing);
    let grace = definition.role.stop.grace_secs.saturating_add(RESERVE_SECS);
    let ports = [Map::new()
        .set("name", kind)
        .set("containerPort", backing.kind.port())];
    let container = image::of_backing(frame, backing, Map::new().set("name", &backing.name))
        .because(
            "arguments of the image's entry point, boatyard-init: PID 1, signals, zombies",
            "args",
            ["start", kind],
        )
        .set("env", env(frame, backing))
        .set("ports", ports);
    let container = probe::of_backing(&asked(backing, definition), container)
        .set(
            "resources",
            resources::of(frame, &backing.resources, &["backings", &backing.name]),
        )
        .set("securityContext", pod::rights())
        .set("volumeMounts", places.mounts());
    Pod {
        user: &definition.user,
        account: None,
        labels: label::lasting(frame, &backing.name),
        first: Vec::new(),
        container,
        places,
        port: None,
        more: Map::new().because(
            "what is asked of it is ended and written down; KILL comes after that",
            "terminationGracePeriodSeconds",
            seconds(grace),
        ),
        annotations: Map::new(),
    }
}

/// Its variables: the password is in the Secret that the application has, too.
fn env(frame: &Frame<'_>, backing: &Backing) -> Vec<Map> {
    let access = access(backing, &frame.project.name, &host(frame, backing));
    let open = process_env(backing, &frame.project.name);
    let open = open
        .iter()
        .map(|(name, value)| Map::new().set("name", name).set("value", value));
    let secret = config::backing_secret(frame, &backing.name);
    let reference = Map::new().set("name", secret).set("key", access.key);
    let password = Map::new()
        .set("name", access.own)
        .set("valueFrom", Map::new().set("secretKeyRef", reference));
    open.chain([password]).collect()
}

/// As the kubelet asks it. The port has no name there that others know.
fn asked(backing: &Backing, definition: &Definition) -> Role {
    Role {
        name: backing.name.clone(),
        command: definition.role.command.clone(),
        port: None,
        ready: definition.role.ready.clone(),
        stop: definition.role.stop.clone(),
        env: definition.role.env.clone(),
        after: None,
        supervise: None,
        alive: None,
        placement: Placement::default(),
    }
}
