//! All units.

use boatyard_init::cron::Overlap;
use boatyard_plan::project::{Project, When};
use boatyard_plan::run::{self, Kind, Process};

use super::calendar;
use super::container::Context;
use super::unit::Unit;
use crate::render::name::scheduled;
use crate::render::places;
use crate::render::process::{built_in, secrets};
use crate::render::{File, Note, Rendered};

/// What a project does not say about where it runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// The tag of the project's images.
    pub tag: String,
}

/// The units of `project`.
///
/// # Panics
/// Never: without chosen roles every role of a run plan is known.
pub fn render(project: &Project, options: &Options) -> Rendered {
    let plan = run::plan(project, &[]).expect("no role was named, so none is unknown");
    let plan = run::without_schedules(project, plan);
    let context = Context {
        project,
        options,
        plan: &plan,
    };
    let mut files = vec![network(project)];
    for process in &plan.processes {
        let name = context.unit(&process.name);
        if process.kind == Kind::Backing {
            files.push(volume(&name));
        }
        files.push(File {
            path: format!("{name}.container"),
            text: context.process(process).text(),
        });
    }
    let kept = project.deploy.volumes.iter();
    files.extend(kept.map(|one| volume(&context.unit(&places::kept_name(one)))));
    let mut notes = notes(project, options);
    files.extend(by_hand(&context, &mut notes));
    files.extend(schedules(&context, &mut notes));
    Rendered { files, notes }
}

fn volume(name: &str) -> File {
    File {
        path: format!("{name}.volume"),
        text: Unit::new().section("Volume").set("VolumeName", name).text(),
    }
}

fn network(project: &Project) -> File {
    let name = &project.name;
    File {
        path: format!("{name}.network"),
        text: Unit::new()
            .section("Network")
            .set("NetworkName", name)
            .text(),
    }
}

/// Jobs that somebody starts: units that nothing starts.
fn by_hand(context: &Context<'_>, notes: &mut Vec<Note>) -> Vec<File> {
    let jobs = context.project.jobs.iter();
    let mut files = Vec::new();
    for job in jobs.filter(|job| job.when == When::Manual) {
        let unit = context.unit(&job.name);
        notes.push(Note::new(
            format!("job {} runs when it is asked to", job.name),
            format!("systemctl start {unit}.service, with --user where the units are a user's"),
        ));
        let backings = context.project.backings.iter();
        let process = Process {
            after: backings.map(|backing| backing.name.clone()).collect(),
            ..run::job(context.project, job)
        };
        files.push(File {
            path: format!("{unit}.container"),
            text: context.once(&process, &job.name, None).text(),
        });
    }
    files
}

/// A timer and what it starts, for each schedule.
fn schedules(context: &Context<'_>, notes: &mut Vec<Note>) -> Vec<File> {
    let project = context.project;
    let mut files = Vec::new();
    for schedule in &project.schedules {
        let Some(times) = calendar::of(&schedule.cron, schedule.manner.timezone.as_deref()) else {
            notes.push(Note::new(
                format!(
                    "schedule {} has no timer: \"{}\" is nothing that systemd can say",
                    schedule.name, schedule.cron
                ),
                "run \"boatyard-init cron\" in a container of its image, as boatyard up does",
            ));
            continue;
        };
        let manner = &schedule.manner;
        let is_skipped = matches!(manner.overlap, None | Some(Overlap::Forbid));
        if manner.retries.is_some() || !is_skipped {
            notes.push(Note::new(
                format!(
                    "schedule {}: systemd starts it once, and not again while it runs",
                    schedule.name
                ),
                "retries and overlap are of boatyard-init cron",
            ));
        }
        let name = scheduled(project, schedule);
        let unit = context.unit(&name);
        let mut alarm = Unit::new()
            .section("Unit")
            .set(
                "Description",
                format!("times of {} of {}", schedule.name, project.name),
            )
            .section("Timer");
        for time in times {
            alarm = alarm.set("OnCalendar", time);
        }
        if let Some(secs) = manner.splay_secs {
            alarm = alarm.set("RandomizedDelaySec", secs);
        }
        alarm = alarm
            .because(
                "a time that passed while the machine was off is made up for",
                "Persistent",
                true,
            )
            .section("Install")
            .set("WantedBy", "timers.target");
        let process = Process {
            name,
            ..run::scheduled(project, schedule)
        };
        files.push(File {
            path: format!("{unit}.timer"),
            text: alarm.text(),
        });
        files.push(File {
            path: format!("{unit}.container"),
            text: context
                .once(&process, &schedule.name, manner.timeout_secs)
                .text(),
        });
    }
    files
}

fn notes(project: &Project, options: &Options) -> Vec<Note> {
    let mut notes = vec![Note::new(
        format!("the units name images with the tag {}", options.tag),
        "boatyard build --variant docker makes them; boatyard image push, or boatyard image save with podman load, brings them to Podman",
    )];
    let names = secrets(project);
    if !names.is_empty() {
        notes.push(Note::new(
            format!(
                "{} are secrets of Podman: they look like secrets",
                names.join(", ")
            ),
            "each unit says how they are made",
        ));
    }
    notes.extend(built_in(project));
    notes
}
