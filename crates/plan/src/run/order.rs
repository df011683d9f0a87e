//! Which roles are run, in which order.

use crate::document::suggestion;
use crate::failure::{Failure, Fault};
use crate::project::{Project, Role};

/// The project has no role of this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{project} has no role called \"{name}\"{}", if *is_job { ", but a job" } else { "" })]
pub struct Unknown {
    /// Name of the project.
    pub project: String,
    /// What was asked for.
    pub name: String,
    /// Whether a job has this name.
    pub is_job: bool,
    /// The roles it has.
    pub known: Vec<String>,
}

impl Failure for Unknown {
    fn fault(&self) -> Fault {
        Fault::User
    }

    fn help(&self) -> Option<String> {
        if self.is_job {
            return Some(format!("run it with \"boatyard run {}\"", self.name));
        }
        suggestion("roles", &self.name, self.known.iter().map(String::as_str))
    }
}

/// The roles called `names`, or all if there are none, with those that they wait for; each after those that it waits
/// for, else in the order of the file.
pub(super) fn chosen<'a>(project: &'a Project, names: &[String]) -> Result<Vec<&'a Role>, Unknown> {
    for name in names {
        if find(project, name).is_none() {
            return Err(Unknown {
                project: project.name.clone(),
                name: name.clone(),
                is_job: project.jobs.iter().any(|job| job.name == *name),
                known: project.roles.iter().map(|role| role.name.clone()).collect(),
            });
        }
    }
    let mut chosen = Vec::new();
    for role in project
        .roles
        .iter()
        .filter(|role| names.is_empty() || names.contains(&role.name))
    {
        add(project, role, &mut chosen);
    }
    Ok(chosen)
}

/// Adds what `role` waits for, then `role`. Ends because the file was checked for cycles.
fn add<'a>(project: &'a Project, role: &'a Role, chosen: &mut Vec<&'a Role>) {
    if chosen.iter().any(|done| done.name == role.name) {
        return;
    }
    for name in role.after.iter().flatten() {
        if let Some(earlier) = find(project, name) {
            add(project, earlier, chosen);
        }
    }
    chosen.push(role);
}

fn find<'a>(project: &'a Project, name: &str) -> Option<&'a Role> {
    project.roles.iter().find(|role| role.name == name)
}
