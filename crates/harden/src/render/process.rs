//! What targets other than Kubernetes have in common: images, variables and secrets of processes.

use std::collections::{BTreeMap, BTreeSet};

use boatyard_init::contract::{BINARY, Command};
use boatyard_plan::project::{Project, User};
use boatyard_plan::reference::Reference;
use boatyard_plan::run::Process;
use boatyard_plan::secret::{is_secret, referred};

use crate::render::Note;

/// Asks the role in a container whether it is ready.
pub(super) const READY: [&str; 2] = [BINARY, "ready"];

/// Seconds between init's own KILL and the engine's, so that init is never killed before its children.
pub(super) const MARGIN_SECS: u64 = 5;

/// The image of a process of the application.
pub(super) fn image(process: &Process, tag: &str) -> String {
    Reference {
        tag: Some(tag.to_owned()),
        digest: None,
        ..process.image.clone()
    }
    .to_string()
}

/// What a process gets beside the variables of its image, without those that look like secrets.
pub(super) fn environment(process: &Process) -> BTreeMap<String, String> {
    let all = process
        .env
        .iter()
        .filter(|(name, value)| !is_secret(name, value));
    all.map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// Names of variables of roles that look like secrets: their values are in no file that is made.
pub(super) fn secrets(project: &Project) -> Vec<String> {
    let roles = project.roles.iter().flat_map(|role| &role.env);
    names(roles)
}

/// Names of variables of the process that look like secrets.
pub(super) fn secrets_of(process: &Process) -> Vec<String> {
    names(process.env.iter())
}

/// What whoever reads the manifests has to know of secrets that are in the images themselves.
pub(super) fn built_in(project: &Project) -> Option<Note> {
    let names = image_env_secrets(project);
    (!names.is_empty()).then(|| {
        Note::new(
            format!(
                "image.env has {}, which look like secrets",
                names.join(", ")
            ),
            "they are in the images: move them out of boatyard.toml",
        )
    })
}

/// Names of variables of images that look like secrets.
pub(super) fn image_env_secrets(project: &Project) -> Vec<String> {
    names(project.image.env.iter())
}

/// The project without variables that look like secrets, and with commands that name others in their place.
pub(super) fn without_secrets(project: &Project) -> Project {
    let mut open = project.clone();
    open.image.env.retain(|name, value| !is_secret(name, value));
    for role in &mut open.roles {
        role.env.retain(|name, value| !is_secret(name, value));
        open_command(&mut role.command);
    }
    for job in &mut open.jobs {
        open_command(&mut job.command);
    }
    for schedule in &mut open.schedules {
        open_command(&mut schedule.command);
    }
    open
}

/// Names variables in place of secrets; where no shell expands them, one is put in front.
fn open_command(command: &mut Command) {
    match command {
        Command::Line(line) => *line = referred(line).0,
        Command::Words(words) => {
            let quoted = |word: &String| format!("'{}'", word.replace('\'', "'\\''"));
            let line = words.iter().map(quoted).collect::<Vec<_>>().join(" ");
            let (line, names) = referred(&line);
            if !names.is_empty() {
                *command = Command::Line(line);
            }
        }
    }
}

/// Names of variables that stand in commands in place of secrets.
pub(super) fn in_commands(project: &Project) -> Vec<String> {
    let roles = project.roles.iter().map(|role| &role.command);
    let jobs = project.jobs.iter().map(|job| &job.command);
    let schedules = project.schedules.iter().map(|one| &one.command);
    let names = roles
        .chain(jobs)
        .chain(schedules)
        .flat_map(|command| match command {
            Command::Line(line) => referred(line).1,
            Command::Words(words) => referred(&words.join("\n")).1,
        });
    names.collect::<BTreeSet<_>>().into_iter().collect()
}

fn names<'a>(all: impl Iterator<Item = (&'a String, &'a String)>) -> Vec<String> {
    let secret = all.filter(|(name, value)| is_secret(name, value));
    let mut names: Vec<String> = secret.map(|(name, _)| name.clone()).collect();
    names.sort();
    names.dedup();
    names
}

/// Whether its image knows how to ask it.
pub(super) fn is_asked(project: &Project, process: &Process) -> bool {
    let mut roles = project.roles.iter();
    roles.any(|role| role.name == process.name && role.ready.is_some())
}

/// User and group of the application's processes, unless its author chose root.
pub(super) fn user(project: &Project) -> (u32, u32) {
    let user = &project.image.user;
    let chosen = if user.uid == 0 {
        &User::default()
    } else {
        user
    };
    (chosen.uid, chosen.gid)
}
