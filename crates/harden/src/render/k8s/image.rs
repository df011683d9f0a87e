//! Which image runs.

use boatyard_plan::project::Project;

use super::options::Options;

/// The image of `service`.
pub(super) fn reference(project: &Project, service: &str, options: &Options) -> String {
    format!("{}/{service}:{}", project.image.prefix, options.tag)
}
