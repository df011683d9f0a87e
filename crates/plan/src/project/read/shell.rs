//! Commands that need a shell, on a base that has none: known now, and not when the container starts.

use boatyard_init::contract::Command;
use boatyard_init::line::{Outside, Shell, native};

use crate::document::Findings;
use crate::project::Project;

/// Notes every command of `project` that its base cannot run.
pub(super) fn all(project: &Project, findings: &mut Findings) {
    if !project.image.base.lacks_shell() {
        return;
    }
    let roles = project
        .roles
        .iter()
        .map(|role| ("role", &role.name, &role.command));
    let jobs = project
        .jobs
        .iter()
        .map(|job| ("job", &job.name, &job.command));
    let schedules = project
        .schedules
        .iter()
        .map(|schedule| ("schedule", &schedule.name, &schedule.command));
    for (kind, name, command) in roles.chain(jobs).chain(schedules) {
        let Command::Line(line) = command else {
            continue;
        };
        if let Some(outside) = needs(line) {
            findings
                .value(
                    &format!("{kind}.{name}.command"),
                    format!("the command of {kind} {name} needs a shell, and the base has none"),
                )
                .with_label(format!("for {outside}"))
                .with_help(
                    "write one program with its arguments, or use a base with a shell: \"debian:bookworm-slim\"",
                );
        }
    }
    for role in &project.roles {
        for (key, asked) in [("ready", &role.ready), ("alive", &role.alive)] {
            let asked = asked.as_deref().unwrap_or_default();
            if asked.is_empty() || asked.starts_with("http:") || asked.starts_with("tcp:") {
                continue;
            }
            findings
                .value(
                    &format!("role.{}.{key}", role.name),
                    format!(
                        "role {} asks by a command whether it is {key}, and the base has no shell",
                        role.name
                    ),
                )
                .with_label("run by a shell")
                .with_help("ask a port instead: \"http://:8080/path\" or \"tcp://:6379\"");
        }
    }
}

/// What the line needs a shell for. Variables have their value when the command runs: any is assumed to be set.
fn needs(line: &str) -> Option<Outside> {
    native(line, |_| Some(b"x".to_vec()), Shell::Missing).err()
}
