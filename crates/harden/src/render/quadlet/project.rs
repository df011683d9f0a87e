//! All units.

use boatyard_plan::project::Project;
use boatyard_plan::run::{self, Kind, Process};

use super::calendar;
use super::container::Context;
use super::unit::Unit;
use crate::render::process::secrets;
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
            files.push(File {
                path: format!("{name}.volume"),
                text: Unit::new()
                    .section("Volume")
                    .set("VolumeName", &name)
                    .text(),
            });
        }
        files.push(File {
            path: format!("{name}.container"),
            text: context.process(process).text(),
        });
    }
    let mut notes = notes(project, options);
    files.extend(schedules(&context, &mut notes));
    Rendered { files, notes }
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
        if manner.retries.is_some() || manner.overlap.is_some() {
            notes.push(Note::new(
                format!(
                    "schedule {}: systemd starts it once, and not again while it runs",
                    schedule.name
                ),
                "retries and overlap are of boatyard-init cron",
            ));
        }
        let mut taken = context.plan.processes.iter();
        let mut name = schedule.name.clone();
        if taken.any(|process| process.name == name) {
            name.push_str("-schedule");
        }
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
            text: context.once(&process, manner.timeout_secs).text(),
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
    notes
}
