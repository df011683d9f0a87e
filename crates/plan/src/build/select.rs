//! A part of a plan: some of its images, and the stages that they need.

use std::collections::BTreeSet;

use super::{Action, BuildPlan, Parent, plan};
use crate::document::suggestion;
use crate::failure::{Failure, Fault};
use crate::project::Project;

/// The project has no image for a service of this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{project} has no service called \"{name}\"")]
pub struct UnknownService {
    /// Name of the project.
    pub project: String,
    /// What was asked for.
    pub name: String,
    /// The services and backing services it has.
    pub known: Vec<String>,
}

impl Failure for UnknownService {
    fn fault(&self) -> Fault {
        Fault::User
    }

    fn help(&self) -> Option<String> {
        suggestion(
            "services",
            &self.name,
            self.known.iter().map(String::as_str),
        )
    }
}

/// What building the images of `services` (services or backing services of the project) will do: nothing is in it
/// that they do not need. All images if `services` is empty.
pub fn plan_services(project: &Project, services: &[String]) -> Result<BuildPlan, UnknownService> {
    let mut plan = plan(project);
    if services.is_empty() {
        return Ok(plan);
    }
    for name in services {
        if !plan.images.iter().any(|image| image.service == *name) {
            let known = plan.images.into_iter().map(|image| image.service).collect();
            return Err(UnknownService {
                project: plan.project,
                name: name.clone(),
                known,
            });
        }
    }
    plan.images
        .retain(|image| services.contains(&image.service));
    let needed = needed(&plan);
    plan.stages.retain(|stage| needed.contains(&stage.name));
    Ok(plan)
}

/// Names of the stages that the images of `plan` need.
fn needed(plan: &BuildPlan) -> BTreeSet<String> {
    let mut needed: BTreeSet<String> = plan
        .images
        .iter()
        .map(|image| image.stage.clone())
        .collect();
    // Each stage comes after those it needs, the compiler before the stage that installs: one pass backwards does.
    for stage in plan.stages.iter().rev() {
        if !needed.contains(&stage.name) {
            continue;
        }
        if let Parent::Stage(parent) = &stage.from {
            needed.insert(parent.clone());
        }
        for step in &stage.steps {
            if let Action::Python { compiler, .. } = &step.action {
                needed.insert(compiler.clone());
            }
        }
    }
    needed
}
