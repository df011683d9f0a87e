//! The run plan of a project.

use std::collections::{BTreeMap, BTreeSet};

use boatyard_init::contract::{Command, Stop};

use super::order::{Unknown, chosen};
use super::{Kind, Probe, Process, RunPlan};
use crate::backing::{self, DATA};
use crate::build::{backing_reference, service_reference};
use crate::project::{Backing, Job, Project, Role, Schedule, Service, When};
use crate::reference::Reference;

/// What `up` of `roles` will run: every backing service, then the jobs before deployment one after the other, then the
/// roles (all of them if `roles` is empty) with those that they wait for, then the jobs after deployment one after the
/// other; and, unless some roles were chosen, what runs scheduled work. Fails if the project has no such role.
pub fn plan(project: &Project, roles: &[String]) -> Result<RunPlan, Unknown> {
    let is_whole = roles.is_empty();
    let roles = chosen(project, roles)?;
    let backings: Vec<String> = project
        .backings
        .iter()
        .map(|backing| backing.name.clone())
        .collect();
    let mut processes: Vec<Process> = project
        .backings
        .iter()
        .map(|each| backing_process(project, each))
        .collect();

    let before = jobs(project, When::BeforeDeploy, &backings);
    let prepared: Vec<String> = backings
        .iter()
        .cloned()
        .chain(before.iter().map(|job| job.name.clone()))
        .collect();
    processes.extend(before);

    let names: Vec<String> = roles.iter().map(|role| role.name.clone()).collect();
    processes.extend(
        roles
            .into_iter()
            .map(|role| role_process(project, role, &prepared)),
    );
    if is_whole {
        let services = schedulers(project).into_iter();
        processes
            .extend(services.map(|(name, service)| scheduler(project, name, service, &prepared)));
    }
    processes.extend(jobs(
        project,
        When::AfterDeploy,
        &[prepared, names].concat(),
    ));

    let hosts = project.backings.iter().map(|backing| &backing.name);
    let hosts = hosts.chain(project.roles.iter().map(|role| &role.name));
    Ok(RunPlan {
        project: project.name.clone(),
        hosts: hosts.cloned().collect(),
        processes,
    })
}

/// The processes that run scheduled work, each with the service in whose image: `cron` if it is one, else
/// `cron-SERVICE`; with another name where a process has that already.
fn schedulers(project: &Project) -> Vec<(String, &Service)> {
    let has_schedules = |service: &&Service| {
        let mut schedules = project.schedules.iter();
        schedules.any(|schedule| schedule.service == service.name)
    };
    let services: Vec<&Service> = project.services.iter().filter(has_schedules).collect();
    let roles = project.roles.iter().map(|role| &role.name);
    let jobs = project.jobs.iter().map(|job| &job.name);
    let backings = project.backings.iter().map(|backing| &backing.name);
    let mut taken: BTreeSet<String> = roles.chain(jobs).chain(backings).cloned().collect();
    let alone = services.len() == 1;
    let named = services.into_iter().map(|service| {
        let mut name = if alone {
            "cron".to_owned()
        } else {
            format!("cron-{}", service.name)
        };
        while !taken.insert(name.clone()) {
            name.push_str("-schedules");
        }
        (name, service)
    });
    named.collect()
}

/// The plan without what runs scheduled work.
#[must_use]
pub fn without_schedules(project: &Project, mut plan: RunPlan) -> RunPlan {
    let names = schedulers(project);
    plan.processes
        .retain(|process| names.iter().all(|(name, _)| *name != process.name));
    plan
}

/// The plan without what is done once, before and after the roles start.
#[must_use]
pub fn without_jobs(plan: RunPlan) -> RunPlan {
    without(plan, |process| process.kind == Kind::Job)
}

/// The plan without that job, if it has it.
#[must_use]
pub fn without_job(plan: RunPlan, name: &str) -> RunPlan {
    without(plan, |process| {
        process.kind == Kind::Job && process.name == name
    })
}

/// The plan without some processes; nothing waits for them.
fn without(mut plan: RunPlan, is_left_out: impl Fn(&Process) -> bool) -> RunPlan {
    let (out, mut processes): (Vec<Process>, Vec<Process>) =
        plan.processes.into_iter().partition(is_left_out);
    for process in &mut processes {
        process
            .after
            .retain(|name| out.iter().all(|process| process.name != *name));
    }
    plan.processes = processes;
    plan
}

fn scheduler(project: &Project, name: String, service: &Service, prepared: &[String]) -> Process {
    Process {
        name,
        kind: Kind::Role,
        image: service_reference(project, service),
        args: vec!["cron".to_owned()],
        env: environment(project, &BTreeMap::new()),
        port: None,
        publish: false,
        ready: None,
        stop: Stop::default(),
        after: prepared.to_vec(),
        volumes: BTreeMap::new(),
        retries: 0,
    }
}

/// How `job` is run by itself, with nothing to wait for: what `boatyard run JOB` starts.
pub fn job(project: &Project, job: &Job) -> Process {
    Process {
        name: job.name.clone(),
        kind: Kind::Job,
        image: image(project, &job.service),
        args: vec!["job".to_owned(), job.name.clone()],
        env: environment(project, &BTreeMap::new()),
        port: None,
        publish: false,
        ready: None,
        stop: Stop::default(),
        after: Vec::new(),
        volumes: BTreeMap::new(),
        retries: job.retries,
    }
}

/// How the work of `schedule` is run once, whatever the time: what a timer of others starts.
pub fn scheduled(project: &Project, schedule: &Schedule) -> Process {
    let words = match &schedule.command {
        Command::Line(line) => vec!["sh".to_owned(), "-c".to_owned(), line.clone()],
        Command::Words(words) => words.clone(),
    };
    let head = ["exec", "--"].map(str::to_owned);
    let backings = project.backings.iter().map(|backing| backing.name.clone());
    Process {
        name: schedule.name.clone(),
        kind: Kind::Job,
        image: image(project, &schedule.service),
        args: head.into_iter().chain(words).collect(),
        env: environment(project, &BTreeMap::new()),
        port: None,
        publish: false,
        ready: None,
        stop: Stop::default(),
        after: backings.collect(),
        volumes: BTreeMap::new(),
        retries: 0,
    }
}

/// The jobs of this moment in the order of the file, each after `first` and after the one before it.
fn jobs(project: &Project, when: When, first: &[String]) -> Vec<Process> {
    let mut after = first.to_vec();
    let mut processes = Vec::new();
    for each in project.jobs.iter().filter(|job| job.when == when) {
        processes.push(Process {
            after: after.clone(),
            ..job(project, each)
        });
        after.push(each.name.clone());
    }
    processes
}

fn role_process(project: &Project, role: &Role, prepared: &[String]) -> Process {
    let service = project
        .services
        .iter()
        .find(|service| service.roles.contains(&role.name));
    let service = service.expect("every role was found in a service when the project was read");
    Process {
        name: role.name.clone(),
        kind: Kind::Role,
        image: image(project, &service.name),
        args: vec!["start".to_owned(), role.name.clone()],
        env: environment(project, &role.env),
        port: role.port,
        publish: role.port.is_some(),
        ready: probe(role.ready.as_deref(), role.port),
        stop: role.stop.clone(),
        after: role.after.clone().unwrap_or_else(|| prepared.to_vec()),
        volumes: BTreeMap::new(),
        retries: 0,
    }
}

fn backing_process(project: &Project, backing: &Backing) -> Process {
    let role = backing::definition(backing.kind).role;
    Process {
        name: backing.name.clone(),
        kind: Kind::Backing,
        image: backing_reference(project, backing),
        args: vec!["start".to_owned(), backing.kind.name().to_owned()],
        env: backing::process_env(backing, &project.name),
        port: role.port,
        publish: false,
        ready: probe(role.ready.as_deref(), role.port),
        stop: role.stop,
        after: Vec::new(),
        volumes: BTreeMap::from([(backing.name.clone(), DATA.to_owned())]),
        retries: 0,
    }
}

/// What a process of the application gets beside the environment of its image: where the backing services are, unless
/// the project says it differently, and its own.
fn environment(project: &Project, own: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let mut environment = BTreeMap::new();
    for backing in &project.backings {
        environment.extend(backing::application_env(backing, &project.name));
    }
    environment.retain(|name, _| !project.image.env.contains_key(name));
    environment.extend(own.clone());
    environment
}

fn image(project: &Project, service: &str) -> Reference {
    let service = project.services.iter().find(|known| known.name == service);
    service_reference(
        project,
        service.expect("every service was found when the project was read"),
    )
}

/// What `ready` says; where it says nothing, whether something listens on the port.
fn probe(ready: Option<&str>, port: Option<u16>) -> Option<Probe> {
    match ready {
        Some(text) => {
            Some(Probe::parse(text, port).expect("ready was checked when the project was read"))
        }
        None => port.map(|port| Probe::Tcp { port }),
    }
}
