//! `boatyard exec`, `boatyard shell` and `boatyard run`: a program in a container, on this terminal.

use std::collections::BTreeMap;
use std::io::{IsTerminal as _, stdin};
use std::path::Path;

use boatyard_engine::network::Namespace;
use boatyard_engine::sandbox::{Network, Running, Sandbox, Stdio};
use boatyard_engine::session::{self, Container, Place, Record, Session, SessionError, Wanted};
use boatyard_init::contract;
use boatyard_plan::project::Service;
use boatyard_plan::reference::Reference;
use boatyard_plan::{build, run as plan};
use boatyard_store::Store;

use crate::args::Progress;
use crate::args::build::Manner;
use crate::home;
use crate::project::{self, Found};
use crate::render::{Reporter, Roster};
use crate::stopped::Stopped;
use crate::verb::build::project_images;
use crate::voice::Voice;
use crate::yard::Yard;

/// Runs a command in a running container.
pub fn exec(named: Option<&Path>, process: &str, command: &[String]) -> Result<(), Stopped> {
    let found = project::find(named)?;
    let mut words = vec!["exec".to_owned(), "--".to_owned()];
    words.extend(command.iter().cloned());
    inside(&found, process, words)
}

/// Opens a shell in a running container, or in a new one where it does not run.
pub fn shell(named: Option<&Path>, process: Option<&str>, voice: &Voice) -> Result<(), Stopped> {
    let found = project::find(named)?;
    let roles = found.project.roles.first().map(|role| role.name.clone());
    let Some(process) = process.map(str::to_owned).or(roles) else {
        return fresh(&found, None, &["shell".to_owned()], voice);
    };
    let place = Place::new(&home::locate()?, &found.project.name, &found.folder);
    if Record::read(&place).is_ok_and(|record| record.running(&process).is_ok()) {
        return inside(&found, &process, vec!["shell".to_owned()]);
    }
    fresh(&found, Some(&process), &["shell".to_owned()], voice)
}

/// Runs a job with the backing services that it needs, or a command in a new container.
pub fn run(
    named: Option<&Path>,
    job: Option<&str>,
    command: &[String],
    voice: &Voice,
) -> Result<(), Stopped> {
    let found = project::find(named)?;
    match job {
        Some(job) => run_job(&found, job, voice),
        None => fresh(&found, None, command, voice),
    }
}

/// Joins the container of a process.
fn inside(found: &Found, process: &str, words: Vec<String>) -> Result<(), Stopped> {
    let home = home::locate()?;
    let place = Place::new(&home, &found.project.name, &found.folder);
    let record = Record::read(&place)?;
    let (process, pid) = record.running(process)?;
    let store = Store::open(&home)?;
    let argv: Vec<String> = std::iter::once(contract::BINARY.to_owned())
        .chain(words)
        .collect();
    let terminal = stdin().is_terminal();
    finish(session::enter(
        &Sandbox::default(),
        &store,
        process,
        pid,
        &argv,
        terminal,
    )?)
}

/// Runs words of boatyard-init in a new container of the service of `role`, or of the first service.
fn fresh(
    found: &Found,
    role: Option<&str>,
    words: &[String],
    voice: &Voice,
) -> Result<(), Stopped> {
    let service = service(found, role);
    let yard = Yard::open()?;
    build_quietly(&yard, found, &service.name, voice)?;
    let place = Place::new(&yard.home, &found.project.name, &found.folder);
    let joined = joined(&place, &yard);
    let own = if joined.is_none() {
        Namespace::new(&yard.host).ok()
    } else {
        None
    };
    let network = joined.or(own);
    let reference = reference(found, &service.name)?;
    let env = found
        .project
        .backings
        .iter()
        .fold(BTreeMap::new(), |mut env, backing| {
            env.extend(boatyard_plan::backing::application_env(
                backing,
                &found.project.name,
            ));
            env
        });
    let hosts: Vec<String> = found
        .project
        .backings
        .iter()
        .map(|backing| backing.name.clone())
        .collect();
    let terminal = stdin().is_terminal();
    let container = Container::prepare(
        &yard.host,
        &yard.store,
        &place,
        &Wanted {
            image: &reference,
            args: Some(words),
            env: &env,
            hosts: &hosts,
            network: network
                .as_ref()
                .map_or(Network::Host, |network| Network::Join(network.path())),
            volumes: &BTreeMap::new(),
            hostname: &service.name,
            terminal,
        },
    )?;
    finish(container.start(
        &yard.host,
        &yard.sandbox,
        [Stdio::Inherit, Stdio::Inherit, Stdio::Inherit],
    )?)
}

/// The network of the running session, if this process may enter it.
fn joined(place: &Place, yard: &Yard) -> Option<Namespace> {
    let record = Record::read(place).ok()?;
    let pid = record.processes.iter().find_map(|process| process.pid)?;
    let network = Namespace::of_process(pid).ok()?;
    (yard.host.privilege == boatyard_engine::host::Privilege::Root).then_some(network)
}

fn service<'a>(found: &'a Found, role: Option<&str>) -> &'a Service {
    let services = &found.project.services;
    let of_role = role.and_then(|role| {
        services
            .iter()
            .find(|service| service.roles.iter().any(|name| name == role))
    });
    of_role.unwrap_or(&services[0])
}

fn reference(found: &Found, service: &str) -> Result<Reference, Stopped> {
    let plan = build::plan(&found.project);
    let image = plan.images.iter().find(|image| image.service == service);
    let reference = image.and_then(|image| image.references.first().cloned());
    reference.ok_or_else(|| {
        SessionError::NoImage {
            reference: service.to_owned(),
        }
        .into()
    })
}

/// Builds one service; only what is new is shown.
fn build_quietly(yard: &Yard, found: &Found, service: &str, voice: &Voice) -> Result<(), Stopped> {
    let plan = build::plan_services(&found.project, &[service.to_owned()])?;
    // The command's own output is the answer: no lines about steps that were done before.
    let progress = if voice.progress == Progress::Tree {
        Progress::Tree
    } else {
        Progress::Quiet
    };
    let voice = Voice {
        progress,
        ..voice.clone()
    };
    let reporter = Reporter::start(&voice, Roster::default(), found.origins(&plan));
    let sink = reporter.sink();
    yard.say_notices(&sink);
    let built = project_images(yard, found, &plan, &Manner::default(), &sink);
    reporter.finish();
    built.map(drop)
}

/// Runs a job to its end, in a session of backing services that ends with it; inside the running one if there is one.
fn run_job(found: &Found, name: &str, voice: &Voice) -> Result<(), Stopped> {
    let known = || {
        found
            .project
            .jobs
            .iter()
            .map(|job| job.name.clone())
            .collect()
    };
    let job = found.project.jobs.iter().find(|job| job.name == name);
    let job = job.ok_or_else(|| SessionError::NoJob {
        name: name.to_owned(),
        known: known(),
    })?;
    let home = home::open()?;
    let place = Place::new(&home, &found.project.name, &found.folder);
    if let Ok(record) = Record::read(&place) {
        let service = found
            .project
            .services
            .iter()
            .find(|service| service.name == job.service);
        let beside = service.and_then(|service| {
            service
                .roles
                .iter()
                .find(|role| record.running(role).is_ok())
        });
        if let Some(role) = beside {
            return inside(found, role, vec!["job".to_owned(), name.to_owned()]);
        }
    }
    let all = plan::plan(&found.project, &[])?;
    let mut processes: Vec<plan::Process> = all
        .processes
        .into_iter()
        .filter(|process| process.kind == plan::Kind::Backing)
        .collect();
    let mut process = plan::job(&found.project, job);
    process.after = processes
        .iter()
        .map(|process| process.name.clone())
        .collect();
    processes.push(process);
    let plan = plan::RunPlan { processes, ..all };
    let yard = Yard::open()?;
    let images = build::plan(&found.project);
    let names = plan.processes.iter().map(|process| process.name.clone());
    let reporter = Reporter::start(voice, Roster::new(names), found.origins(&images));
    let sink = reporter.sink();
    yard.say_notices(&sink);
    let result = project_images(&yard, found, &images, &Manner::default(), &sink).and_then(|_| {
        let options = session::Options {
            timeout: std::time::Duration::from_secs(60),
            host_network: false,
            publish: BTreeMap::new(),
        };
        let session = Session::new(
            &yard.host,
            &yard.sandbox,
            &yard.store,
            &place,
            &plan,
            options,
            sink,
        )?;
        Ok(session.run_once()?)
    });
    reporter.finish();
    result
}

/// Waits for a program on this terminal; its exit code becomes ours.
fn finish(mut running: Running) -> Result<(), Stopped> {
    // Ctrl-C is the program's: it is in the terminal's foreground with us.
    let _ = signal_hook::flag::register(signal_hook::consts::SIGINT, std::sync::Arc::default());
    let exit = running.wait()?;
    match u8::try_from(exit.code).unwrap_or(70) {
        0 => Ok(()),
        code => Err(Stopped::Ended(code)),
    }
}
