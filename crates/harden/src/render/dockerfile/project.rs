//! The Dockerfile of a project: its build plan, step by step.

use std::fmt::Write as _;

use boatyard_plan::build::{
    Action, BuildPlan, ENVIRONMENT, ImagePlan, Parent, Stage, Step, plan_services,
};
use boatyard_plan::project::{Base, Project};
use boatyard_plan::variant::Variant;

use super::init::init;
use super::python;
use super::quote::word;
use super::refused::Refused;
use crate::dockerfile::{account, json, value};
use crate::render::{File, Note, Rendered, process};

/// The Dockerfile of `project`, with a stage for each of `services` or for all; the last one is what a build makes that names
/// none. Beside it what its copies leave out.
/// In the form for Kubernetes nobody is root.
pub fn project(project: &Project, services: &[String], form: Variant) -> Result<Rendered, Refused> {
    let secrets = [
        process::secrets(project),
        process::image_env_secrets(project),
        process::in_commands(project),
    ]
    .concat();
    let project = &process::without_secrets(project);
    let known: Vec<String> = project
        .services
        .iter()
        .map(|one| one.name.clone())
        .collect();
    let chosen = if services.is_empty() {
        &known[..]
    } else {
        services
    };
    // Backing services are images of others.
    if let Some(name) = chosen.iter().find(|name| !known.contains(name)) {
        return Err(Refused::Service { name: name.clone() });
    }
    let plan = plan_services(project, chosen)
        .map_err(|unknown| Refused::Service { name: unknown.name })?;
    let mut text = String::from(
        "# Made from boatyard.toml by \"boatyard render dockerfile\": change that file, and make this one again.\n",
    );
    for stage in &plan.stages {
        stage_text(&mut text, &plan, stage)?;
        if let Some(image) = plan.images.iter().find(|image| image.stage == stage.name) {
            configuration(&mut text, image, &user(project, image, form))?;
        }
    }
    let names: Vec<&str> = plan
        .images
        .iter()
        .map(|image| image.stage.as_str())
        .collect();
    let mut notes = vec![Note::new(
        format!(
            "boatyard-init comes from a build context, and the stages are {}",
            names.join(", ")
        ),
        "\"-o DIR\" writes both: docker build -f DIR/Dockerfile --build-context boatyard-init=DIR --target STAGE .",
    )];
    if !secrets.is_empty() {
        notes.push(Note::new(
            format!(
                "what looks like a secret is not in the file: {}",
                secrets.join(", ")
            ),
            "give it where the image runs",
        ));
    }
    Ok(Rendered {
        files: vec![
            File {
                path: "Dockerfile".to_owned(),
                text,
            },
            File {
                path: "Dockerfile.dockerignore".to_owned(),
                text: ignored(&plan),
            },
        ],
        notes,
    })
}

fn stage_text(text: &mut String, plan: &BuildPlan, stage: &Stage) -> Result<(), Refused> {
    let from = match &stage.from {
        Parent::Stage(name) => name.clone(),
        Parent::Base(base) => image_of(base)?,
    };
    let _ = writeln!(text, "\n# {}\nFROM {from} AS {}", stage.why, stage.name);
    for step in &stage.steps {
        step_text(text, stage, step)?;
    }
    if stage.name == "compiler" {
        let mut steps = plan.stages.iter().flat_map(|stage| &stage.steps);
        let action = steps.find_map(|step| match &step.action {
            Action::Python {
                version,
                requirements,
                installer,
                ..
            } => Some((version, requirements, installer)),
            _ => None,
        });
        if let Some((version, requirements, installer)) = action {
            let python = version
                .as_ref()
                .map_or("python3".to_owned(), |version| format!("python{version}"));
            for line in python::install(requirements, *installer, &python)? {
                let _ = writeln!(text, "{line}");
            }
        }
    }
    Ok(())
}

fn image_of(base: &Base) -> Result<String, Refused> {
    let what = match base {
        Base::Debian {
            suite,
            slim,
            mirror: None,
        } => {
            return Ok(format!(
                "docker.io/library/debian:{suite}{}",
                if *slim { "-slim" } else { "" }
            ));
        }
        Base::Registry { reference } => return Ok(reference.to_string()),
        Base::Debian { .. } => "Debian of another mirror",
        Base::Scratch => "scratch, where no command runs",
        Base::Distroless { .. } => "a distroless base, which is made of packages",
        Base::Layout { .. } => "an image layout",
        Base::Archive { .. } => "a saved image",
        Base::Dockerfile(_) => "the base of another Dockerfile yet",
    };
    Err(Refused::Base { what })
}

fn step_text(text: &mut String, stage: &Stage, step: &Step) -> Result<(), Refused> {
    let _ = writeln!(text, "# {}", step.why);
    match &step.action {
        Action::Packages { repositories, .. } if !repositories.is_empty() => {
            return Err(Refused::Repositories);
        }
        Action::Packages { names, .. } => {
            let mut names = names.clone();
            // Installers are made in an environment of their own.
            if stage.name == "compiler" && names.iter().any(|name| name == "python3-dev") {
                names.push("python3-venv".to_owned());
            }
            names.sort();
            names.dedup();
            let _ = writeln!(
                text,
                "RUN apt-get update \\\n && apt-get install -y --no-install-recommends {} \\\n && rm -rf /var/lib/apt/lists/*",
                names.join(" ")
            );
        }
        Action::Python { compiler, .. } => {
            let _ = writeln!(text, "COPY --from={compiler} {ENVIRONMENT} {ENVIRONMENT}");
        }
        Action::Copy { sources, dest, .. } => {
            for source in sources {
                let target = if source == "." {
                    format!("{dest}/")
                } else {
                    format!("{dest}/{source}")
                };
                let _ = writeln!(text, "COPY {}", json(&[source, &target]));
            }
        }
        Action::User { user } => {
            let (name, uid, gid) = (&user.name, user.uid, user.gid);
            let _ = writeln!(text, "{}", account(name, (uid, gid), "--create-home"));
        }
        Action::File {
            path,
            mode,
            text: content,
        } => {
            let folder = path.rsplit_once('/').map_or("/", |(folder, _)| folder);
            let _ = writeln!(
                text,
                "RUN mkdir -p {} && printf '%s\\n' {} > {} && chmod {mode:o} {}",
                word(folder),
                word(content.trim_end_matches('\n')),
                word(path),
                word(path)
            );
        }
        Action::Folder {
            path,
            mode,
            uid,
            gid,
        } => {
            let _ = writeln!(
                text,
                "RUN install -d -m {mode:o} -o {uid} -g {gid} {}",
                word(path)
            );
        }
        Action::Remove { paths } => {
            let paths: Vec<String> = paths.iter().map(|path| word(path)).collect();
            let _ = writeln!(text, "RUN rm -rf {}", paths.join(" "));
        }
        Action::Init => {
            let _ = writeln!(text, "{}", init());
        }
    }
    Ok(())
}

/// Who runs the image, in numbers.
fn user(project: &Project, image: &ImagePlan, form: Variant) -> String {
    if form == Variant::Docker {
        return image.config.user.clone();
    }
    let (uid, gid) = process::user(project);
    format!("{uid}:{gid}")
}

/// How the image is run.
fn configuration(text: &mut String, image: &ImagePlan, user: &str) -> Result<(), Refused> {
    let config = &image.config;
    for pair in &config.env {
        let (name, said) = pair.split_once('=').unwrap_or((pair, ""));
        if said.contains(['\n', '\r']) {
            return Err(Refused::Lines {
                name: name.to_owned(),
            });
        }
        let _ = writeln!(text, "ENV {name}={}", value(said));
    }
    for (name, said) in &config.labels {
        let _ = writeln!(text, "LABEL {name}={}", value(said));
    }
    for port in config.exposed_ports.keys() {
        let _ = writeln!(text, "EXPOSE {port}");
    }
    if let Some(signal) = &config.stop_signal {
        let _ = writeln!(text, "STOPSIGNAL {signal}");
    }
    let _ = writeln!(text, "WORKDIR {}", config.working_dir);
    let _ = writeln!(text, "USER {user}");
    if let Some(entrypoint) = &config.entrypoint {
        let _ = writeln!(text, "ENTRYPOINT {}", json(entrypoint));
    }
    if let Some(cmd) = &config.cmd {
        let _ = writeln!(text, "CMD {}", json(cmd));
    }
    Ok(())
}

/// What copies leave out, at any depth.
fn ignored(plan: &BuildPlan) -> String {
    let mut patterns: Vec<&String> = Vec::new();
    for step in plan.stages.iter().flat_map(|stage| &stage.steps) {
        if let Action::Copy { exclude, .. } = &step.action {
            patterns.extend(
                exclude
                    .iter()
                    .filter(|one| !patterns.contains(one))
                    .collect::<Vec<_>>(),
            );
        }
    }
    let mut text = String::from("# What boatyard build leaves out, too.\n");
    for pattern in patterns {
        let _ = writeln!(text, "**/{pattern}");
    }
    text
}
