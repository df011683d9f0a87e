//! The whole file.

use boatyard_plan::project::{Project, When};
use boatyard_plan::run::{self, Kind, RunPlan};

use super::service::{self, Context};
use crate::render::places;
use crate::render::process::{built_in, secrets, user};
use crate::render::yaml::{Form, Map, write};
use crate::render::{File, Note, Rendered};

/// What a project does not say about where it runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// The tag of the project's images.
    pub tag: String,
}

/// The network that backing services are in, without a way out.
pub(super) const BACKING: &str = "backing";

/// Where values come from that no repository may hold.
pub(super) const SECRETS: &str = "secrets.env";

const HEADER: &str = "# Made from boatyard.toml by \"boatyard render compose\": change that file, and make this one again.\n";

/// The Compose file of `project`.
///
/// # Panics
/// Never: without chosen roles every role of a run plan is known.
pub fn render(project: &Project, options: &Options) -> Rendered {
    let plan = run::plan(project, &[]).expect("no role was named, so none is unknown");
    let context = Context {
        project,
        options,
        plan: &plan,
    };
    let mut services = Map::new();
    for process in &plan.processes {
        services = services.set(&process.name, service::service(&context, process));
    }
    for job in project.jobs.iter().filter(|job| job.when == When::Manual) {
        let process = run::job(project, job);
        let made = service::service(&context, &process);
        // Compose starts it only when it is asked to: docker compose run --rm NAME.
        services = services.set(
            &job.name,
            made.because(
                format!(
                    "runs when it is asked to: docker compose run --rm {}",
                    job.name
                ),
                "profiles",
                ["manual"],
            ),
        );
    }
    let mut file = Map::new()
        .set("name", &project.name)
        .set("services", services);
    if has_backing(&plan) {
        file = file.set("networks", networks());
    }
    let volumes = volumes(project, &plan);
    if !volumes.is_empty() {
        file = file.set("volumes", volumes);
    }
    Rendered {
        files: vec![File {
            path: "compose.yaml".to_owned(),
            text: format!("{HEADER}{}", write(&file, Form::Plain)),
        }],
        notes: notes(project, options),
    }
}

fn has_backing(plan: &RunPlan) -> bool {
    plan.processes
        .iter()
        .any(|process| process.kind == Kind::Backing)
}

fn networks() -> Map {
    Map::new().set("default", Map::new()).set(
        BACKING,
        Map::new().because(
            "data goes nowhere from there but to the application",
            "internal",
            true,
        ),
    )
}

fn volumes(project: &Project, plan: &RunPlan) -> Map {
    let backings = plan
        .processes
        .iter()
        .filter(|process| process.kind == Kind::Backing);
    let backings = backings.map(|process| service::volume(&process.name));
    let kept = project.deploy.volumes.iter().map(places::kept_name);
    backings
        .chain(kept)
        .fold(Map::new(), |all, name| all.set(&name, Map::new()))
}

fn notes(project: &Project, options: &Options) -> Vec<Note> {
    let mut notes = vec![Note::new(
        format!("the file names images with the tag {}", options.tag),
        "boatyard build --variant docker makes them; boatyard image push, or boatyard image save with docker load, brings them to the engine",
    )];
    let names = secrets(project);
    if !names.is_empty() {
        notes.push(Note::new(
            format!(
                "what looks like a secret has no value in the file: {}",
                names.join(", ")
            ),
            format!("write it into {SECRETS} beside the file, which is not committed"),
        ));
    }
    notes.extend(built_in(project));
    let (uid, gid) = user(project);
    notes.extend(project.deploy.volumes.iter().map(|volume| {
        Note::new(
            format!(
                "a new volume {} has the owner that {} has in the image",
                places::kept_name(volume),
                volume.path
            ),
            format!("make the folder there, for {uid}:{gid}, or change the owner once"),
        )
    }));
    notes
}
