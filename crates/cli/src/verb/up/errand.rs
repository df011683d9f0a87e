//! What is to be built and run, worked out before anything is started.

use boatyard_engine::session::{Place, SessionError};
use boatyard_plan::build;
use boatyard_plan::failure::{Failure, Fault};
use boatyard_plan::project::Project;
use boatyard_plan::run::{self, RunPlan, Unknown};

use super::{behind, front};
use crate::args::run::Up;
use crate::home;
use crate::project::{self, Named};
use crate::stopped::Stopped;
use crate::verb::build::{Job, check_confined};
use crate::voice::Voice;

/// A port was given to something that has none.
#[derive(Debug, thiserror::Error)]
#[error("--publish {role}: there is no role {role:?} with a port")]
struct NoPort {
    role: String,
    known: Vec<String>,
}

impl Failure for NoPort {
    fn fault(&self) -> Fault {
        Fault::User
    }

    fn help(&self) -> Option<String> {
        Some(format!("roles with a port: {}", self.known.join(", ")))
    }
}

/// What is to be run.
pub(super) struct Errand {
    /// What is built before.
    pub(super) job: Job,
    /// What runs.
    pub(super) plan: RunPlan,
    /// Where the session keeps its files.
    pub(super) place: Place,
}

/// Builds and runs the project. `is_behind`: this is the process behind an `up -d`.
pub fn run(named: Named<'_>, words: &Up, is_behind: bool, voice: &Voice) -> Result<(), Stopped> {
    let errand = errand(named, words)?;
    if errand.plan.processes.is_empty() {
        // There is nothing to clean up.
        return Ok(());
    }
    if words.detach && !is_behind {
        behind::run(&errand, voice)
    } else {
        front::run(&errand, words, is_behind, voice)
    }
}

fn errand(named: Named<'_>, words: &Up) -> Result<Errand, Stopped> {
    let found = project::find(named)?;
    if !words.prepared {
        check_confined(&found, &words.manner.confining)?;
    }
    let plan = plan(&found.project, words)?;
    check_ports(&plan, words)?;
    let whole = build::plan(&found.project);
    let needed = whole.images.iter().filter(|image| {
        let mut processes = plan.processes.iter();
        processes.any(|process| image.references.contains(&process.image))
    });
    let services: Vec<String> = needed.map(|image| image.service.clone()).collect();
    let build = build::plan_services(&found.project, &services)?;
    let place = found.place(&home::open()?);
    if place.is_running() {
        return Err(SessionError::already(&place).into());
    }
    Ok(Errand {
        job: found.job(build),
        plan,
        place,
    })
}

fn plan(project: &Project, words: &Up) -> Result<RunPlan, Unknown> {
    if words.cleanup {
        return run::cleanup(project);
    }
    let plan = if words.preview {
        run::preview
    } else {
        run::plan
    };
    let mut plan = plan(project, &words.roles)?;
    if words.no_schedules {
        plan = run::without_schedules(project, plan);
    }
    if words.prepared {
        plan = run::without_jobs(plan);
    }
    for job in &words.skip {
        plan = run::without_job(plan, job);
    }
    Ok(plan)
}

fn check_ports(plan: &RunPlan, words: &Up) -> Result<(), NoPort> {
    let published = plan
        .processes
        .iter()
        .filter(|process| process.publish && process.port.is_some());
    let known: Vec<String> = published.map(|process| process.name.clone()).collect();
    match words.publish.iter().find(|(role, _)| !known.contains(role)) {
        Some((role, _)) => Err(NoPort {
            role: role.clone(),
            known,
        }),
        None => Ok(()),
    }
}
