//! Backing services that are deployed with the project.

use boatyard_cluster::password;
use boatyard_harden::render::k8s;
use boatyard_plan::project::{Hosting, Project};

/// The project with its backing services run by these, if it is said who.
pub fn host(project: &mut Project, said: Option<Hosting>) {
    for backing in &mut project.backings {
        backing.cluster = said.unwrap_or(backing.cluster);
    }
}

/// The Secrets that pods wait for and that are made here: passwords of backing services that are deployed with the project.
pub fn passwords(project: &Project) -> Vec<password::Wanted> {
    let all = k8s::secrets(project, &k8s::Options::default()).into_iter();
    all.map(|wanted| password::Wanted {
        secret: wanted.secret,
        key: wanted.access.key.to_owned(),
        others: wanted.access.env,
        labels: wanted.labels,
    })
    .collect()
}
