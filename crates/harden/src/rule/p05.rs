//! P05: secrets in the project's own file.

use std::collections::BTreeMap;
use std::ops::Range;

use boatyard_init::contract::Command;
use boatyard_plan::project::Project;
use boatyard_plan::secret::{in_command, is_secret};

use super::{Fixing, Rule};
use crate::finding::Severity;
use crate::report::Report;
use crate::workspace::{Content, Document, Workspace};

pub(super) const RULE: Rule = Rule {
    id: "P05",
    severity: Severity::Error,
    title: "a secret is in boatyard.toml",
    why: "Whoever may read the repository reads it, now and in its history for ever. What is in the env of [image] is in every image, too; what \
          is in the env of a role is not, so what runs elsewhere does not have it.",
    mend: "take it out and make a new one; give it where the application runs: a Secret on a cluster, an env_file for Compose",
    fix: Fixing::Never,
    same_as: "checkov CKV_SECRET_6; gitleaks generic-api-key",
    check,
};

fn check(workspace: &Workspace, report: &mut Report) {
    for document in &workspace.documents {
        let Content::Project(Some(project)) = &document.content else {
            continue;
        };
        for (table, command) in commands(project) {
            for given in in_command(&command) {
                let place = place(document, project, &table, "command");
                let message = format!("a secret is in the command of {table}");
                report
                    .add(&RULE, &document.path, place, message)
                    .help(format!(
                        "make a new one, write ${{{}}}, and give it where this runs",
                        given.name
                    ));
            }
        }
        for (table, env) in tables(project) {
            for (name, _) in env.iter().filter(|(name, value)| is_secret(name, value)) {
                let place = place(document, project, &table, name);
                let message = format!("{name} looks like a secret");
                report
                    .add(&RULE, &document.path, place, message)
                    .help("a secret that was in a file is known: make a new one, and give it where this runs");
            }
        }
    }
}

/// The command lines of a project, with the table that each is in.
fn commands(project: &Project) -> Vec<(String, String)> {
    let roles = project.roles.iter();
    let roles = roles.map(|role| (format!("role.{}", role.name), &role.command));
    let jobs = project.jobs.iter();
    let jobs = jobs.map(|job| (format!("job.{}", job.name), &job.command));
    let schedules = project.schedules.iter();
    let schedules = schedules.map(|one| (format!("schedule.{}", one.name), &one.command));
    let line = |command: &Command| match command {
        Command::Line(line) => line.clone(),
        Command::Words(words) => words.join("\n"),
    };
    roles
        .chain(jobs)
        .chain(schedules)
        .map(|(table, command)| (table, line(command)))
        .collect()
}

/// All tables of variables, by their dotted path.
fn tables(project: &Project) -> Vec<(String, &BTreeMap<String, String>)> {
    let image = ("image.env".to_owned(), &project.image.env);
    let roles = project.roles.iter();
    let roles = roles.map(|role| (format!("role.{}.env", role.name), &role.env));
    std::iter::once(image).chain(roles).collect()
}

/// The key where it stands, else the line that it is in.
fn place(document: &Document, project: &Project, table: &str, name: &str) -> Range<usize> {
    let lines = &project.lines;
    let path = format!("{table}.{name}");
    let line = lines.first_of(&[&path, table]).unwrap_or(1);
    let line = document.lines.span(line.saturating_sub(1), &document.text);
    match document.text[line.clone()].find(name) {
        Some(at) => line.start + at..line.start + at + name.len(),
        None => line,
    }
}
