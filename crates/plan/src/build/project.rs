//! The plan of a whole project.

use super::stages::shared_stages;
use super::{BuildPlan, SCHEMA, backings, services};
use crate::project::Project;

/// What building all images of `project` and of its backing services will do. The same project gives the same plan.
pub fn plan(project: &Project) -> BuildPlan {
    let mut stages = shared_stages(&project.image, &project.lines);
    stages.extend(
        project
            .services
            .iter()
            .map(|service| services::stage(project, service)),
    );
    stages.extend(
        project
            .backings
            .iter()
            .map(|backing| backings::stage(project, backing)),
    );
    let mut images: Vec<_> = project
        .services
        .iter()
        .map(|service| services::image(project, service))
        .collect();
    images.extend(
        project
            .backings
            .iter()
            .map(|backing| backings::image(project, backing)),
    );
    BuildPlan {
        schema: SCHEMA,
        project: project.name.clone(),
        stages,
        images,
    }
}
