//! Labels: the recommended ones (kubernetes.io, "Recommended Labels").

use boatyard_plan::project::Project;

use super::options::Options;
use crate::render::yaml::Map;

const NAME: &str = "app.kubernetes.io/name";
const COMPONENT: &str = "app.kubernetes.io/component";

/// The longest value of a label.
const LONGEST: usize = 63;

/// Labels of all that belongs to `component`; of what belongs to the whole project without one.
pub(super) fn all(project: &Project, options: &Options, component: Option<&str>) -> Map {
    Map::new()
        .set(NAME, &project.name)
        .maybe(COMPONENT, component)
        .maybe("app.kubernetes.io/version", version(options))
        .set("app.kubernetes.io/managed-by", "boatyard")
}

/// What chooses the pods of `component`; all pods of the project without one. They do not change when the version does.
pub(super) fn selector(project: &Project, component: Option<&str>) -> Map {
    Map::new()
        .set(NAME, &project.name)
        .maybe(COMPONENT, component)
}

/// The tag, if it can be the value of a label.
fn version(options: &Options) -> Option<&str> {
    let tag = options.tag.as_str();
    let ends = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    let fits = tag.len() <= LONGEST && ends(tag.chars().next()) && ends(tag.chars().next_back());
    fits.then_some(tag)
}
