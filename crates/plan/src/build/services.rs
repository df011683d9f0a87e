//! The stage and the image of each service.

use std::collections::{BTreeMap, BTreeSet};

use boatyard_init::contract::{self, Contract};

use super::config::{env, labels, run_config};
use super::stages::copy;
use super::steps::Draft;
use super::{Action, ImagePlan, Parent, Stage};
use crate::project::{Image, Project, Service};
use crate::reference::Reference;
use crate::secret::is_secret;

/// The stage of `service`: what it has beyond the runner.
pub(super) fn stage(project: &Project, service: &Service) -> Stage {
    let lines = &project.lines;
    let path = format!("service.{}", service.name);
    let why = match service.roles.as_slice() {
        [] => format!("image {} for jobs", service.name),
        [role] => format!("image {} for the role {role}", service.name),
        roles => format!("image {} for the roles {}", service.name, roles.join(", ")),
    };
    let mut draft = Draft::new(&service.name, Parent::Stage("runner".to_owned()), why);
    contract_file(&mut draft, lines.of(&path), &contract(project, service));
    if !service.copy.is_empty() {
        let line = lines.of(&format!("{path}.copy"));
        copy(
            &mut draft,
            line,
            &service.copy,
            "sources that only this service has",
            &project.image.workdir,
        );
    }
    draft.done()
}

/// The image of `service`.
pub(super) fn image(project: &Project, service: &Service) -> ImagePlan {
    let image = &project.image;
    let roles = project
        .roles
        .iter()
        .filter(|role| service.roles.contains(&role.name));
    let ports: BTreeSet<u16> = roles.filter_map(|role| role.port).collect();
    let mut config = run_config(&image.user, &image.workdir, env(image), ports);
    config.labels = labels(&project.name, &service.name);
    ImagePlan {
        service: service.name.clone(),
        stage: service.name.clone(),
        references: vec![reference(project, service)],
        config,
        ..ImagePlan::default()
    }
}

/// What the image of `service` is called: `PREFIX/SERVICE:latest`, of a copy `PREFIX/SERVICE:COPY`.
pub(crate) fn reference(project: &Project, service: &Service) -> Reference {
    let tag = project.copy.as_deref().unwrap_or("latest");
    format!("{}/{}:{tag}", project.image.prefix, service.name)
        .parse()
        .expect("prefix, service name and copy were checked when they were read")
}

/// Adds the contract file.
pub(crate) fn contract_file(draft: &mut Draft, line: Option<usize>, contract: &Contract) {
    let mut text =
        serde_json::to_string(contract).expect("a contract has nothing that JSON cannot hold");
    text.push('\n');
    let action = Action::File {
        path: contract::PATH.to_owned(),
        mode: 0o644,
        text,
    };
    draft.step(
        line,
        "contract",
        "tells boatyard-init which roles and jobs the image has",
        action,
    );
}

/// What the image of `service` promises to run.
pub fn contract(project: &Project, service: &Service) -> Contract {
    let roles: BTreeMap<String, contract::Role> = project
        .roles
        .iter()
        .filter(|role| service.roles.contains(&role.name))
        .map(|role| {
            (
                role.name.clone(),
                contract::Role {
                    command: role.command.clone(),
                    stop: role.stop.clone(),
                    port: role.port,
                    ready: role.ready.clone(),
                    env: open(&role.env),
                    supervise: role.supervise.clone(),
                },
            )
        })
        .collect();
    let jobs = project
        .jobs
        .iter()
        .filter(|job| job.service == service.name);
    let schedules = project
        .schedules
        .iter()
        .filter(|schedule| schedule.service == service.name);
    Contract {
        version: contract::VERSION,
        project: project.name.clone(),
        service: service.name.clone(),
        default_role: service.roles.first().cloned(),
        image_env: image_env(&project.image, &roles),
        roles,
        jobs: jobs
            .map(|job| {
                (
                    job.name.clone(),
                    contract::Job {
                        command: job.command.clone(),
                    },
                )
            })
            .collect(),
        schedules: schedules
            .map(|schedule| {
                let found = contract::Schedule {
                    cron: schedule.cron.clone(),
                    command: schedule.command.clone(),
                    manner: schedule.manner.clone(),
                };
                (schedule.name.clone(), found)
            })
            .collect::<BTreeMap<_, _>>(),
    }
}

/// What may be written into an image: whoever has it can read it.
fn open(env: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let open = env.iter().filter(|(name, value)| !is_secret(name, value));
    open.map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// The variables of roles that look like secrets, so that no image has them: `API_TOKEN (role web)`. Who starts the image gives
/// them. Those of `[image]` are meant to be in it, and are in it.
pub fn kept_out(project: &Project) -> Vec<String> {
    let roles = project.roles.iter();
    let all = roles.flat_map(|role| role.env.iter().map(|pair| (pair, &role.name)));
    all.filter(|((name, value), _)| is_secret(name, value))
        .map(|((name, _), role)| format!("{name} (role {role})"))
        .collect()
}

/// The variables of the image that one of the roles has another value for.
fn image_env(image: &Image, roles: &BTreeMap<String, contract::Role>) -> BTreeMap<String, String> {
    let entries = env(image);
    let variables = entries.iter().filter_map(|entry| entry.split_once('='));
    variables
        .filter(|(name, _)| roles.values().any(|role| role.env.contains_key(*name)))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{contract, kept_out};
    use crate::project;
    use crate::run;

    #[test]
    fn what_looks_like_a_secret_reaches_processes_and_no_image() {
        let text = "[project]\nname = \"shop\"\n[image]\nbase = \"debian:bookworm\"\n[service.app]\ncopy = []\nroles = [\"web\"]\n[role.web]\ncommand = \"serve\"\nenv = { API_TOKEN = \"c\", PLAIN = \"d\" }\n";
        let project = project::parse(text).expect("no mistakes");
        let contract = contract(&project, &project.services[0]);
        let names: Vec<_> = contract.roles["web"].env.keys().collect();
        assert_eq!(names, ["PLAIN"]);
        assert_eq!(kept_out(&project), ["API_TOKEN (role web)"]);
        let plan = run::plan(&project, &[]).expect("all roles");
        let env = &plan.processes[0].env;
        assert_eq!(env["API_TOKEN"], "c");
    }
}
