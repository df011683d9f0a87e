//! Which image runs.

use super::object::Frame;
use super::options::Form;
use super::values;
use crate::render::yaml::{Map, Tree};

/// What a tag ends with whose sources were not committed: it moves with each build.
const MOVING: &str = "-dirty";

/// The image of `service`, and when it is fetched.
pub(super) fn of(frame: &Frame<'_>, service: &str, container: Map) -> Map {
    let moving = frame.digest(service).is_none() && frame.options.tag.ends_with(MOVING);
    container.set("image", reference(frame, service)).set(
        "imagePullPolicy",
        if moving { "Always" } else { "IfNotPresent" },
    )
}

/// The image of `service` without tag and digest.
pub(super) fn path(frame: &Frame<'_>, service: &str) -> String {
    format!("{}/{service}", frame.project.image.prefix)
}

fn reference(frame: &Frame<'_>, service: &str) -> Tree {
    let path = path(frame, service);
    let plain = match frame.digest(service) {
        Some(digest) => format!("{path}@{digest}"),
        None => format!("{path}:{}", frame.options.tag),
    };
    match frame.options.form {
        Form::Plain => plain.into(),
        // The kustomization says which one.
        Form::Kustomize => path.into(),
        Form::Helm => {
            let end = match frame.digest(service) {
                Some(digest) => format!("@{digest}"),
                None => format!(":{{{{ {} }}}}", values::reach(&["image", "tag"])),
            };
            values::image(&plain, service, &end)
        }
    }
}
