//! The Deployment of a role.

use boatyard_plan::project::Role;

use super::object::{Frame, Object};
use super::{image, label, name, pod};
use crate::render::yaml::Map;

/// The Deployment of `role`, which is in the image of `service`.
pub(super) fn deployment(frame: &Frame<'_>, role: &Role, service: &str) -> Object {
    let project = frame.project;
    let component = Some(role.name.as_str());
    let port = role
        .port
        .map(|port| [Map::new().set("name", "http").set("containerPort", port)]);
    let container = Map::new()
        .set("name", &role.name)
        .set("image", image::reference(project, service, frame.options))
        .set("args", ["start", role.name.as_str()])
        .maybe("ports", port)
        .set("securityContext", pod::rights())
        .set("volumeMounts", pod::mounts());
    let spec = Map::new()
        .because(
            "the application never asks the API server",
            "automountServiceAccountToken",
            false,
        )
        .set("securityContext", pod::security(frame))
        .set("containers", [container])
        .set("volumes", pod::volumes());
    let template = Map::new()
        .set(
            "metadata",
            Map::new().set("labels", label::all(project, frame.options, component)),
        )
        .set("spec", spec);
    frame
        .object(
            "apps/v1",
            "Deployment",
            name::object(&project.name, &role.name),
            component,
        )
        .with(
            "spec",
            Map::new()
                .set(
                    "selector",
                    Map::new().set("matchLabels", label::selector(project, component)),
                )
                .set("template", template),
        )
}
