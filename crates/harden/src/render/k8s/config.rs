//! Variables: `ConfigMap`s, and references to Secrets.
//!
//! The image has the variables of `[image]` already. What a cluster adds is in a `ConfigMap` of the project (`[deploy] env`) and in
//! one of the role; what is secret is in Secrets that somebody makes, and only their names are known here:
//!
//! ```text
//! PROJECT-BACKING   keys are the variables of a backing service: DATABASE_URL, REDIS_URL...
//! [deploy] secrets  keys are whatever variables the application wants
//! PROJECT-secrets   one key for each variable of the file whose name says that it is a secret
//! ```

use std::collections::BTreeMap;
use std::fmt::Write as _;

use boatyard_plan::digest::Digest;
use boatyard_plan::project::Role;
use boatyard_plan::secret::is_secret;

use super::name;
use super::object::{Frame, Object};
use crate::render::yaml::{Map, Tree};

/// Where programs that look for a home may write.
const HOME: &str = "/tmp";

/// The Secret with the variables of the backing service `backing`.
pub(super) fn backing_secret(frame: &Frame<'_>, backing: &str) -> String {
    name::object(&frame.project.name, backing)
}

/// The Secret with what stands in the file and should not be told.
pub(super) fn own_secret(frame: &Frame<'_>) -> String {
    name::object(&frame.project.name, "secrets")
}

/// The `ConfigMap`s.
pub(super) fn maps(frame: &Frame<'_>) -> Vec<Object> {
    let project = frame.project;
    let whole = map(frame, project.name.clone(), None, &project.deploy.env);
    let roles = project.roles.iter().filter_map(|role| {
        let name = name::object(&project.name, &role.name);
        map(frame, name, Some(&role.name), &role.env)
    });
    whole.into_iter().chain(roles).collect()
}

fn map(
    frame: &Frame<'_>,
    name: String,
    component: Option<&str>,
    env: &BTreeMap<String, String>,
) -> Option<Object> {
    let open = open(env);
    if open.is_empty() {
        return None;
    }
    Some(
        frame
            .object("v1", "ConfigMap", name, component)
            .with("data", open),
    )
}

/// `env` and `envFrom` of a container; of a role with its own variables.
pub(super) fn variables(frame: &Frame<'_>, role: Option<&Role>, container: Map) -> Map {
    let project = frame.project;
    let deploy = &project.deploy;
    let source = |kind: &str, name: String| Map::new().set(kind, Map::new().set("name", name));
    let mut from = Vec::new();
    for backing in &project.backings {
        from.push(source("secretRef", backing_secret(frame, &backing.name)));
    }
    for secret in &deploy.secrets {
        from.push(source("secretRef", secret.clone()));
    }
    if !open(&deploy.env).is_empty() {
        from.push(source("configMapRef", project.name.clone()));
    }
    if let Some(role) = role.filter(|role| !open(&role.env).is_empty()) {
        let name = name::object(&project.name, &role.name);
        from.push(source("configMapRef", name));
    }
    let mut env: Vec<Map> = Vec::new();
    let own = |name: &str| role.is_some_and(|role| role.env.contains_key(name));
    let said = deploy.env.contains_key("HOME") || project.image.env.contains_key("HOME");
    if frame.is_openshift() && !said && !own("HOME") {
        env.push(Map::new().set("name", "HOME").set("value", HOME));
    }
    for name in secret_names(frame, role) {
        let reference = Map::new().set("name", own_secret(frame)).set("key", name);
        env.push(
            Map::new()
                .set("name", name)
                .set("valueFrom", Map::new().set("secretKeyRef", reference)),
        );
    }
    let some = |list: Vec<Map>| (!list.is_empty()).then(|| Tree::from(list));
    let mut container = container.maybe("env", some(env));
    if let Some(from) = some(from) {
        container = container.because(
            "of two sources of a variable the later one counts",
            "envFrom",
            from,
        );
    }
    container
}

/// Variables of the file that should not be told: those of the whole project, and of the role.
pub(super) fn secret_names<'a>(frame: &Frame<'a>, role: Option<&'a Role>) -> Vec<&'a str> {
    let all = frame.project.deploy.env.iter();
    let own = role.into_iter().flat_map(|role| role.env.iter());
    let mut names: Vec<&str> = all
        .chain(own)
        .filter(|(name, value)| is_secret(name, value))
        .map(|(name, _)| name.as_str())
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// An annotation that changes when the variables do: pods do not see that of a `ConfigMap` by themselves.
pub(super) fn mark(frame: &Frame<'_>, role: &Role) -> Map {
    let mut text = String::new();
    for env in [&frame.project.deploy.env, &role.env] {
        for (name, value) in env.iter().filter(|(name, value)| !is_secret(name, value)) {
            let _ = write!(text, "{name}={value}\0");
        }
    }
    if text.is_empty() {
        return Map::new();
    }
    Map::new().because(
        "changes with the ConfigMaps, so that pods are replaced",
        "boatyard.dev/config",
        Digest::of(text.as_bytes()).short(),
    )
}

/// What may be told, as values of a `ConfigMap`.
fn open(env: &BTreeMap<String, String>) -> Map {
    let told = env.iter().filter(|(name, value)| !is_secret(name, value));
    told.fold(Map::new(), |map, (name, value)| {
        map.set(name.as_str(), value.as_str())
    })
}
