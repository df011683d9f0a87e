//! Compose files: which images stand beside the application, the rest reported; or, where one was chosen, all that it says.

use super::container::read;
use super::sketch::{Role, Sketch, is_blank};
use super::{Composed, Sources};
use crate::project::{BackingKind, When};
use crate::reference::Reference;

const FILES: [&str; 4] = [
    "compose.yaml",
    "compose.yml",
    "docker-compose.yaml",
    "docker-compose.yml",
];

/// Parts of image names, and what the image is.
const KNOWN: [(&str, BackingKind); 4] = [
    ("postgres", BackingKind::Postgres),
    ("postgis", BackingKind::Postgres),
    ("redis", BackingKind::Redis),
    ("valkey", BackingKind::Redis),
];

/// Adds the backing services among the images.
pub(super) fn look(sketch: &mut Sketch, sources: &Sources<'_>) {
    for file in FILES {
        let Some(text) = sources.text(file) else {
            continue;
        };
        for (number, line) in text.lines().enumerate() {
            let Some(image) = line.trim().strip_prefix("image:") else {
                continue;
            };
            let image = image.split('#').next().unwrap_or_default().trim();
            let image = image.trim_matches(['"', '\'']);
            let name = image.rsplit('/').next().unwrap_or(image);
            let name = name.split([':', '@']).next().unwrap_or(name);
            if let Some((_, kind)) = KNOWN.into_iter().find(|(part, _)| name.contains(part)) {
                sketch.backing(file, kind);
            } else {
                sketch.left(
                    file,
                    Some(number + 1),
                    format!("image {image}"),
                    "it is neither PostgreSQL nor Redis: run it beside the project",
                );
            }
        }
        sketch.left(
            file,
            None,
            "its commands, variables, ports, volumes and secrets",
            format!(
                "boatyard new --print --from {file} carries over what it can, and tells the rest"
            ),
        );
    }
}

/// Adds what a Compose file says, and what the Dockerfile that it names says of the image.
pub(super) fn carry(sketch: &mut Sketch, sources: &Sources<'_>, composed: &Composed) {
    if let Some(name) = &composed.name {
        sketch.name.clone_from(name);
    }
    let recipe = composed.recipe.as_ref();
    let text = recipe.and_then(|recipe| sources.text(&recipe.file));
    let taken = recipe
        .zip(text)
        .and_then(|(recipe, text)| read(sketch, text, recipe));
    if let (Some(recipe), None) = (recipe, text) {
        sketch.left(
            &composed.file,
            None,
            format!("{}: it is not there", recipe.file),
            "the base of the project has to be written: image.base",
        );
    }
    if let Some(image) = &composed.image {
        match image.parse::<Reference>() {
            // In a project, "debian:SUITE" means Debian's packages; here it is an image.
            Ok(_) if image == "debian" || image.starts_with("debian:") => {
                sketch.base = Some(super::write::quoted(&format!("docker.io/library/{image}")));
            }
            Ok(_) => sketch.base = Some(super::write::quoted(image)),
            Err(error) => sketch.left(
                &composed.file,
                None,
                format!("image {image}: {}", error.reason),
                "the base of the project has to be written: image.base",
            ),
        }
        sketch.python = None;
        sketch.requirements = None;
        sketch.is_copied = true;
        sketch.found.retain(|found| found.what != "dependencies");
    }
    sketch.user = composed.user;
    sketch.env.extend(composed.env.clone());
    sketch.backings.extend(composed.backings.iter().cloned());
    let command = |entry: &Option<Vec<String>>, command: &Option<Vec<String>>| match &taken {
        Some(taken) => taken.command(entry.as_deref(), command.as_deref()),
        None => {
            super::instruction::Taken::new("", "").command(entry.as_deref(), command.as_deref())
        }
    };
    sketch.found.extend(composed.found.iter().cloned());
    sketch.left.extend(composed.left.iter().cloned());
    for each in &composed.roles {
        let line = command(&each.entrypoint, &each.command);
        if is_blank(&line) {
            nothing_to_run(sketch, composed, &each.name);
            continue;
        }
        let mut role = Role {
            name: each.name.clone(),
            command: line,
            port: each.port,
            ready: each.ready.clone(),
            stop: each.signal.clone(),
            grace_secs: each.grace_secs,
            env: each.env.clone(),
            after: each.after.clone(),
        };
        if let Some(taken) = taken
            .as_ref()
            .filter(|_| each.command.is_none() && each.entrypoint.is_none())
        {
            taken.complete(&mut role);
        }
        sketch.found(
            &composed.file,
            format!("role {}: {}", role.name, role.command),
        );
        sketch.roles.push(role);
    }
    for each in &composed.jobs {
        let line = command(&each.entrypoint, &each.command);
        if is_blank(&line) {
            nothing_to_run(sketch, composed, &each.name);
        } else {
            sketch.job(&composed.file, &each.name, &line, each.when);
        }
    }
    let roles = sketch.roles.iter().map(|role| role.name.clone());
    let mut jobs = sketch.jobs.clone();
    jobs.retain(|job| job.when == When::BeforeDeploy);
    let jobs = jobs.into_iter().map(|job| job.name);
    let known: Vec<String> = roles
        .chain(jobs)
        .chain(sketch.backings.keys().cloned())
        .collect();
    for role in &mut sketch.roles {
        role.after.retain(|name| known.contains(name));
    }
    if let Some(taken) = taken {
        taken.give_left(sketch);
    }
}

fn nothing_to_run(sketch: &mut Sketch, composed: &Composed, name: &str) {
    sketch.left(
        &composed.file,
        None,
        format!("service {name}: neither it nor its Dockerfile says what runs"),
        "write a role with its command",
    );
}
