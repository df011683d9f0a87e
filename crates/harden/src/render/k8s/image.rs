//! Which image runs.

use boatyard_plan::build::deployed_reference;
use boatyard_plan::project::Backing;

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

/// The image of a backing service that is deployed with the project. Its name is the same for all versions of the project.
pub(super) fn of_backing(frame: &Frame<'_>, backing: &Backing, container: Map) -> Map {
    let path = path(frame, &backing.name);
    let end = if let Some(digest) = frame.digest(&backing.name) {
        format!("@{digest}")
    } else {
        let name = deployed_reference(frame.project, backing);
        format!(":{}", name.tag.unwrap_or_default())
    };
    let plain = format!("{path}{end}");
    let image = match frame.options.form {
        Form::Plain | Form::Kustomize => plain.into(),
        Form::Helm => values::image(&plain, &backing.name, &end),
    };
    container
        .set("image", image)
        .set("imagePullPolicy", "IfNotPresent")
}

/// The image of `service` without tag and digest.
pub(super) fn path(frame: &Frame<'_>, service: &str) -> String {
    let elsewhere = frame.options.places.get(service);
    elsewhere
        .cloned()
        .unwrap_or_else(|| format!("{}/{service}", frame.project.image.prefix))
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
