//! How many pods may go at once when machines are emptied.

use boatyard_plan::project::Role;

use super::object::{Frame, Object};
use super::{label, name, role, values};
use crate::render::yaml::Map;

/// The `PodDisruptionBudget` of `role`, if there are several of it: one for a single pod would stop the upgrade of its machine.
pub(super) fn budget(frame: &Frame<'_>, each: &Role) -> Option<Object> {
    if each.placement.singleton || (!frame.is_chart() && role::count(frame, each) < 2) {
        return None;
    }
    let component = Some(each.name.as_str());
    let spec = Map::new()
        .because(
            "machines are emptied one pod at a time",
            "maxUnavailable",
            1_u32,
        )
        .because(
            "a pod that is not ready anyway stops nobody",
            "unhealthyPodEvictionPolicy",
            "AlwaysAllow",
        )
        .set(
            "selector",
            Map::new().set("matchLabels", label::selector(frame, component)),
        );
    let name = name::object(&frame.project.name, &each.name);
    let object = frame
        .object("policy/v1", "PodDisruptionBudget", name, component)
        .with("spec", spec);
    let replicas = values::reach(&["roles", &each.name, "replicas"]);
    Some(object.when(format!("gt (int {replicas}) 1")))
}
