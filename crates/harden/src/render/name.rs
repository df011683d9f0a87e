//! Names that are short enough, and each once.

use boatyard_plan::digest::Digest;
use boatyard_plan::project::{Project, Schedule};

/// The longest name of a host, of most objects of Kubernetes and of what a label says (RFC 1123).
pub(super) const LONGEST: usize = 63;

/// Characters of a digest that tell shortened names apart.
pub(super) const MARK: usize = 8;

/// What stands behind the name of a schedule that something else has already.
const ALSO: &str = "-schedule";

/// `name`, or as much of it as fits with a mark that is its own.
pub(super) fn fit(name: &str, longest: usize) -> String {
    if name.len() <= longest {
        return name.to_owned();
    }
    let digest = Digest::of(name.as_bytes());
    let head = name[..longest - MARK - 1].trim_end_matches('-');
    format!("{head}-{}", &digest.hex()[..MARK])
}

/// The part of `schedule` in names and labels: its own name, unless a role, a job or a backing service has that, too.
pub(super) fn scheduled(project: &Project, schedule: &Schedule) -> String {
    let roles = project.roles.iter().map(|role| &role.name);
    let jobs = project.jobs.iter().map(|job| &job.name);
    let backings = project.backings.iter().map(|backing| &backing.name);
    let others: Vec<&String> = roles.chain(jobs).chain(backings).collect();
    let is_free = |name: &String| !others.contains(&name);
    let mut taken: Vec<String> = project
        .schedules
        .iter()
        .map(|one| one.name.clone())
        .collect();
    for one in &project.schedules {
        let mut name = one.name.clone();
        if !is_free(&name) {
            let mut long = name.clone();
            while !is_free(&name) || taken.contains(&name) {
                long.push_str(ALSO);
                name = fit(&long, LONGEST);
            }
            taken.push(name.clone());
        }
        if one.name == schedule.name {
            return name;
        }
    }
    schedule.name.clone()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn schedules_have_names_of_their_own() {
        let long = "x".repeat(LONGEST);
        let text = format!(
            "[project]\nname = \"p\"\n[backing.redis]\n\
             [role.a]\ncommand = \"a\"\n[role.a-schedule]\ncommand = \"a\"\n[role.{long}]\ncommand = \"a\"\n\
             [schedule.a]\ncron = \"@daily\"\ncommand = \"a\"\n\
             [schedule.a-schedule]\ncron = \"@daily\"\ncommand = \"a\"\n\
             [schedule.redis]\ncron = \"@daily\"\ncommand = \"a\"\n\
             [schedule.free]\ncron = \"@daily\"\ncommand = \"a\"\n\
             [schedule.{long}]\ncron = \"@daily\"\ncommand = \"a\"\n"
        );
        let project = boatyard_plan::project::parse(&text).expect("a project");
        let names: Vec<String> = project
            .schedules
            .iter()
            .map(|one| scheduled(&project, one))
            .collect();
        let roles = project.roles.iter().map(|role| role.name.clone());
        let all: BTreeSet<String> = names.iter().cloned().chain(roles).collect();
        assert_eq!(all.len(), 8, "{names:?}");
        assert!(names.iter().all(|name| name.len() <= LONGEST), "{names:?}");
        for name in ["free", "redis-schedule", "a-schedule-schedule"] {
            assert!(names.iter().any(|one| one == name), "{name}: {names:?}");
        }
    }
}
