//! The Service of a role that listens.

use boatyard_plan::project::Role;

use super::object::{Frame, Object};
use super::{label, name, probe};
use crate::render::yaml::Map;

/// The Service of `role`, if it listens.
pub(super) fn service(frame: &Frame<'_>, role: &Role) -> Option<Object> {
    let port = role.port?;
    let component = Some(role.name.as_str());
    let ports = Map::new()
        .set("name", probe::PORT)
        .set("port", port)
        .set("targetPort", probe::PORT);
    let name = name::service(&frame.project.name, &role.name);
    let spec = Map::new()
        .set("selector", label::selector(frame, component))
        .set("ports", [ports]);
    Some(
        frame
            .object("v1", "Service", name, component)
            .with("spec", spec),
    )
}
