//! One-off work.
//!
//! A job before or after a deploy is a Job; what applies it puts it in its order by the annotations. A job that somebody starts by
//! hand is a suspended `CronJob`, from which `kubectl create job --from` makes one.

use boatyard_plan::project::{Job, When};

use super::container::{Run, container};
use super::object::{Frame, Object};
use super::options::Form;
use super::pod::{Pod, template};
use super::volume::Places;
use super::{backing, label, name, schedule};
use crate::render::yaml::Map;

/// How long work may take of which nothing is known.
const LONGEST_SECS: u32 = 3600;

/// How long what is done stays to be looked at: a day.
const STAYS_SECS: u32 = 24 * 3600;

/// A time that never comes while the `CronJob` is suspended; there has to be one.
const SOME_DAY: &str = "0 0 1 1 *";

/// The object of `job`, the `order`-th of those at its moment.
pub(super) fn object(frame: &Frame<'_>, job: &Job, order: usize) -> Object {
    let run = Run {
        name: &job.name,
        service: &job.service,
        table: "jobs",
        resources: &job.resources,
        role: None,
    };
    let args = ["job".to_owned(), job.name.clone()];
    let work = Work {
        args: &args,
        component: &job.name,
        longest_secs: u64::from(LONGEST_SECS),
        retries: job.retries,
        stays_secs: None,
        waits: matches!(job.when, When::BeforeDeploy | When::BeforeRemoval),
    };
    match job.when {
        When::Manual => return by_hand(frame, job, &run, &work),
        // Whoever takes all away starts it before.
        When::BeforeRemoval => {
            let moment = moment(frame, job.when, order);
            return by_hand(frame, job, &run, &work).annotated(&moment);
        }
        When::BeforeDeploy | When::AfterDeploy => {}
    }
    let spec = spec(
        frame,
        &run,
        &Work {
            stays_secs: Some(STAYS_SECS),
            ..work
        },
    );
    frame
        .object("batch/v1", "Job", named(frame, job), Some(&job.name))
        .annotated(&moment(frame, job.when, order))
        .with("spec", spec)
}

/// A Job cannot be changed, so that each version has its own. A chart removes the one before; a kustomization does not know.
fn named(frame: &Frame<'_>, job: &Job) -> String {
    let project = &frame.project.name;
    match frame.options.form {
        Form::Plain => {
            let image = match frame.digest(&job.service) {
                Some(digest) => digest.to_string(),
                None => frame.options.tag.clone(),
            };
            name::changing(project, &job.name, &image)
        }
        Form::Kustomize | Form::Helm => name::object(project, &job.name),
    }
}

/// When it runs, for whoever applies it.
fn moment(frame: &Frame<'_>, when: When, order: usize) -> Map {
    let (moment, hook) = match when {
        // What it needs (account, variables) is made by the installation itself.
        When::BeforeDeploy => ("before-deploy", "post-install,pre-upgrade"),
        When::AfterDeploy | When::Manual => ("after-deploy", "post-install,post-upgrade"),
        // A chart is no preview environment: nothing of it has that moment.
        When::BeforeRemoval => ("before-removal", "pre-delete"),
    };
    let map = Map::new()
        .set("boatyard.dev/when", moment)
        .set("boatyard.dev/order", order.to_string());
    if !frame.is_chart() {
        return map;
    }
    map.set("helm.sh/hook", hook)
        .set("helm.sh/hook-weight", order.to_string())
        .set("helm.sh/hook-delete-policy", "before-hook-creation")
}

fn by_hand(frame: &Frame<'_>, job: &Job, run: &Run<'_>, work: &Work<'_>) -> Object {
    let name = name::cron(&frame.project.name, &job.name);
    let spec = Map::new()
        .because(
            format!(
                "started by hand: kubectl{} create job --from=cronjob/{name} NAME",
                frame.namespace_flag()
            ),
            "suspend",
            true,
        )
        .set("schedule", SOME_DAY)
        .set("timeZone", schedule::ZONE)
        .set("concurrencyPolicy", "Forbid")
        .set("startingDeadlineSeconds", schedule::DEADLINE_SECS)
        .set(
            "jobTemplate",
            Map::new().set("spec", spec(frame, run, work)),
        );
    frame
        .object("batch/v1", "CronJob", name, Some(&job.name))
        .with("spec", spec)
}

/// Work that ends.
#[derive(Clone, Copy, Debug)]
pub(super) struct Work<'a> {
    /// Arguments of the image's entry point.
    pub args: &'a [String],
    /// What its pods belong to.
    pub component: &'a str,
    /// How long it may take.
    pub longest_secs: u64,
    /// How often it is tried again.
    pub retries: u32,
    /// How long it stays when it has ended; none: until whatever made it removes it.
    pub stays_secs: Option<u32>,
    /// Whether it waits for the backing services that are deployed with the project.
    pub waits: bool,
}

/// How long work may take of which nothing is known.
pub(super) fn longest_secs(said: Option<u64>) -> u64 {
    said.filter(|secs| *secs > 0)
        .unwrap_or(u64::from(LONGEST_SECS))
}

/// `spec` of a Job.
pub(super) fn spec(frame: &Frame<'_>, run: &Run<'_>, work: &Work<'_>) -> Map {
    let places = Places::of(frame, run.name, &[]);
    let pod = Pod {
        user: &frame.project.image.user,
        account: None,
        labels: label::all(frame, Some(work.component)),
        first: backing::waiting(frame, run, work.waits),
        container: container(frame, run, work.args, Map::new(), &places),
        places,
        port: None,
        more: Map::new().set("restartPolicy", "Never"),
        annotations: Map::new(),
    };
    let why = if work.retries == 0 {
        "what failed is looked at, not done again"
    } else {
        "how often it is tried again"
    };
    let mut map = Map::new()
        .because(why, "backoffLimit", work.retries)
        .because(
            "what hangs does not block what waits for it for ever",
            "activeDeadlineSeconds",
            i64::try_from(work.longest_secs).unwrap_or(i64::MAX),
        );
    if let Some(stays_secs) = work.stays_secs {
        map = map.because(
            "stays for a day to be looked at",
            "ttlSecondsAfterFinished",
            stays_secs,
        );
    }
    map.set("template", template(frame, pod))
}
