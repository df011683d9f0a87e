//! The Service of a role that listens.

use boatyard_plan::project::Role;

use super::object::{Frame, Object};
use super::{label, name};
use crate::render::yaml::Map;

/// The Service of `role`, if it listens.
pub(super) fn service(frame: &Frame<'_>, role: &Role) -> Option<Object> {
    let port = role.port?;
    let component = Some(role.name.as_str());
    let ports = Map::new()
        .set("name", "http")
        .set("port", port)
        .set("targetPort", "http");
    let object = frame.object(
        "v1",
        "Service",
        name::service(&frame.project.name, &role.name),
        component,
    );
    Some(
        object.with(
            "spec",
            Map::new()
                .set("selector", label::selector(frame.project, component))
                .set("ports", [ports]),
        ),
    )
}
