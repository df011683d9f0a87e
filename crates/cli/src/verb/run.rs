//! `boatyard run`: a job with what it needs, or a program in a container of its own.

use std::collections::BTreeMap;
use std::path::Path;

use boatyard_engine::host::Privilege;
use boatyard_engine::network::{self, Namespace, Outlet};
use boatyard_engine::sandbox::{Network, Stdio};
use boatyard_engine::session::{
    self, Container, Networking, Place, Record, Session, SessionError, Wanted,
};
use boatyard_plan::backing;
use boatyard_plan::build;
use boatyard_plan::project::{Job, Service};
use boatyard_plan::reference::Reference;
use boatyard_plan::run::{self as plan, Kind};
use boatyard_store::Store;

use crate::args::Progress;
use crate::args::build::Manner;
use crate::home;
use crate::progress::{Reporter, Roster};
use crate::project::{self, Found, Named};
use crate::stopped::Stopped;
use crate::verb::build::images;
use crate::verb::exec::{inside, on_terminal, wait};
use crate::voice::Voice;
use crate::yard::Yard;

/// How long a backing service may take to get ready for a job.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(60);

/// Runs a job, an image, or a command in the first service's image; ends with its exit code.
pub fn run(
    named: Named<'_>,
    name: Option<&str>,
    command: &[String],
    voice: &Voice,
) -> Result<(), Stopped> {
    if let Some(reference) = name.and_then(image) {
        return run_image(&reference, command);
    }
    let found = match (project::find(named), name) {
        (Ok(found), _) => found,
        // Without a project there are no jobs, but images all the same.
        (Err(Stopped::Failed(failure)), Some(name)) => {
            let kept = kept_image(name)?.ok_or(Stopped::Failed(failure))?;
            return run_image(&kept, command);
        }
        (Err(stopped), _) => return Err(stopped),
    };
    let Some(name) = name else {
        return fresh(&found, None, command, voice);
    };
    let jobs = &found.project.jobs;
    if let Some(job) = jobs.iter().find(|job| job.name == name) {
        return run_job(&found, job, voice);
    }
    if let Some(kept) = kept_image(name)? {
        return run_image(&kept, command);
    }
    let known = jobs.iter().map(|job| job.name.clone()).collect();
    let name = name.to_owned();
    Err(SessionError::NoJob { name, known }.into())
}

/// The image that is kept under `name`, if there is one.
fn kept_image(name: &str) -> Result<Option<Reference>, Stopped> {
    let Ok(reference) = name.parse() else {
        return Ok(None);
    };
    let store = Store::open(&home::open()?)?;
    Ok(store.resolve(&reference)?.map(|_| reference))
}

/// The image that `name` means: names of jobs have neither slash nor colon nor at sign.
fn image(name: &str) -> Option<Reference> {
    name.contains(['/', ':', '@']).then(|| name.parse().ok())?
}

/// Runs what an image runs, with other arguments if there are any, in the network of this machine.
fn run_image(image: &Reference, command: &[String]) -> Result<(), Stopped> {
    let yard = Yard::open()?;
    let place = Place::new(&yard.home, "image", &project::here()?);
    start(
        &yard,
        &place,
        &Wanted {
            image,
            args: Some(command).filter(|command| !command.is_empty()),
            env: &BTreeMap::new(),
            hosts: &[],
            network: Network::Host,
            volumes: &BTreeMap::new(),
            hostname: "run",
            terminal: on_terminal(),
        },
    )
}

/// Runs words of boatyard-init in a new container of the service of `role`, or of the first service.
pub fn fresh(
    found: &Found,
    role: Option<&str>,
    words: &[String],
    voice: &Voice,
) -> Result<(), Stopped> {
    let service = service(found, role);
    let yard = Yard::open()?;
    let reference = build_quietly(&yard, found, &service.name, voice)?;
    let place = found.place(&yard.home);
    let joined = joined(&place, &yard);
    let new = joined.is_none().then(|| Namespace::new(&yard.host).ok());
    // Open as long as the command runs; one that has to do without sees what it cannot reach.
    let _outlet = new
        .iter()
        .flatten()
        .find_map(|network| Outlet::open(network, Path::new(network::RESOLVER)).ok());
    let network = joined.or(new.flatten());
    let backings = &found.project.backings;
    let mut env = BTreeMap::new();
    for backing in backings {
        env.extend(backing::application_env(backing, &found.project.name));
    }
    let hosts: Vec<String> = backings
        .iter()
        .map(|backing| backing.name.clone())
        .collect();
    let network = network.as_ref();
    start(
        &yard,
        &place,
        &Wanted {
            image: &reference,
            args: Some(words),
            env: &env,
            hosts: &hosts,
            network: network.map_or(Network::Host, |network| Network::Join(network.path())),
            volumes: &BTreeMap::new(),
            hostname: &service.name,
            terminal: on_terminal(),
        },
    )
}

fn start(yard: &Yard, place: &Place, wanted: &Wanted<'_>) -> Result<(), Stopped> {
    let container = Container::prepare(&yard.host, &yard.store, place, wanted)?;
    let stdio = [Stdio::Inherit, Stdio::Inherit, Stdio::Inherit];
    let running = container.start(&yard.host, &yard.sandbox, stdio)?;
    wait(running, wanted.terminal)
}

/// The network of the running session, if this process may enter it.
fn joined(place: &Place, yard: &Yard) -> Option<Namespace> {
    let record = Record::read(place).ok()?;
    let pid = record.processes.iter().find_map(|process| process.pid)?;
    let network = Namespace::of_process(pid).ok()?;
    (yard.host.privilege == Privilege::Root).then_some(network)
}

fn service<'a>(found: &'a Found, role: Option<&str>) -> &'a Service {
    let services = &found.project.services;
    let runs = |service: &&Service, role| service.roles.iter().any(|name| name == role);
    let of_role = role.and_then(|role| services.iter().find(|service| runs(service, role)));
    of_role.unwrap_or(&services[0])
}

/// Builds one service, and gives its image; only what is new is shown.
fn build_quietly(
    yard: &Yard,
    found: &Found,
    service: &str,
    voice: &Voice,
) -> Result<Reference, Stopped> {
    let plan = build::plan_services(&found.project, &[service.to_owned()])?;
    let reference = plan.images[0].references[0].clone();
    // The command's own output is the answer: no lines about steps that were done before.
    let mut voice = voice.clone();
    if voice.progress != Progress::Tree {
        voice.progress = Progress::Quiet;
    }
    let job = found.job(plan);
    let reporter = Reporter::start(&voice, Roster::default(), job.origins.clone());
    yard.say_notices(&reporter.sink());
    let built = images(yard, &job, &Manner::default(), reporter.sink());
    reporter.finish();
    built.map(|_| reference)
}

/// Runs a job to its end: in the running session if it has a container of the job's image, else in one of backing
/// services that ends with the job.
fn run_job(found: &Found, job: &Job, voice: &Voice) -> Result<(), Stopped> {
    let place = found.place(&home::open()?);
    if let Ok(record) = Record::read(&place) {
        let services = &found.project.services;
        let service = services.iter().find(|service| service.name == job.service);
        let mut roles = service.iter().flat_map(|service| &service.roles);
        if let Some(role) = roles.find(|role| record.running(role).is_ok()) {
            return inside(found, role, vec!["job".to_owned(), job.name.clone()]);
        }
    }
    let mut plan = plan::plan(&found.project, &[])?;
    plan.processes
        .retain(|process| process.kind == Kind::Backing);
    let backings = plan.processes.iter();
    let mut services: Vec<String> = backings.map(|process| process.name.clone()).collect();
    let mut process = plan::job(&found.project, job);
    process.after.clone_from(&services);
    plan.processes.push(process);
    services.push(job.service.clone());
    let job = found.job(build::plan_services(&found.project, &services)?);

    let yard = Yard::open()?;
    let reporter = Reporter::start(voice, Roster::of(&plan), job.origins.clone());
    let sink = reporter.sink();
    yard.say_notices(&sink);
    let result = images(&yard, &job, &Manner::default(), reporter.sink()).and_then(|_| {
        let options = session::Options {
            timeout: PATIENCE,
            network: Networking::Own,
            publish: BTreeMap::new(),
        };
        let (host, sandbox, store) = (&yard.host, &yard.sandbox, &yard.store);
        let session = Session::new(host, sandbox, store, &place, &plan, options, sink)?;
        let stopper = session.stopper();
        crate::signals::each(move |_| stopper.stop())?;
        Ok(session.run_once()?)
    });
    reporter.finish();
    result
}
