//! All objects of a project, and the files that they are in.

use boatyard_plan::project::{Project, When};

use super::backing::Wanted;
use super::object::{Frame, Object};
use super::options::{Form, Options};
use super::{
    account, backing, budget, config, expose, helm, job, kustomize, notes, policy, right, role,
    route, schedule, service, volume,
};
use crate::render::yaml::{self, write};
use crate::render::{File, Rendered};

/// The manifests of `project`.
pub fn render(project: &Project, options: &Options) -> Rendered {
    let frame = Frame { project, options };
    let objects = objects(&frame);
    Rendered {
        files: match options.form {
            Form::Plain => objects.iter().map(plain).collect(),
            Form::Kustomize => kustomize::files(&frame, &objects),
            Form::Helm => helm::files(&frame, &objects),
        },
        notes: notes::notes(&frame),
    }
}

/// The Secrets that whoever deploys has to make before pods can start: those of backing services that are deployed with the project.
pub fn secrets(project: &Project, options: &Options) -> Vec<Wanted> {
    backing::wanted(&Frame { project, options })
}

/// All objects, each after those that it names; jobs before the deploy before roles.
fn objects(frame: &Frame<'_>) -> Vec<Object> {
    let roles = || frame.project.roles.iter();
    let mut objects = vec![account::account(frame)];
    objects.extend(right::objects(frame));
    objects.extend(config::maps(frame));
    objects.extend(volume::claims(frame));
    objects.push(policy::whole(frame));
    objects.extend(backing::objects(frame));
    objects.extend(roles().filter_map(|each| policy::of_role(frame, each)));
    let exposed = expose::all(frame);
    objects.extend(
        exposed
            .iter()
            .filter_map(|each| policy::outside(frame, each)),
    );
    objects.extend(jobs(frame, When::BeforeDeploy));
    objects.extend(roles().filter_map(|each| service::service(frame, each)));
    objects.extend(roles().map(|each| role::deployment(frame, each)));
    objects.extend(roles().filter_map(|each| budget::budget(frame, each)));
    objects.extend(route::routes(frame));
    let schedules = frame.project.schedules.iter();
    objects.extend(schedules.filter_map(|each| schedule::cron_job(frame, each)));
    objects.extend(jobs(frame, When::AfterDeploy));
    objects.extend(jobs(frame, When::Manual));
    objects.extend(jobs(frame, When::BeforeRemoval));
    objects
}

fn jobs(frame: &Frame<'_>, when: When) -> Vec<Object> {
    let jobs = frame.project.jobs.iter().filter(|job| job.when == when);
    jobs.enumerate()
        .map(|(order, each)| job::object(frame, each, order))
        .collect()
}

fn plain(object: &Object) -> File {
    File {
        path: object.file(),
        text: write(&object.map, yaml::Form::Plain),
    }
}
