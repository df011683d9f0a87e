//! Scheduled work.

use boatyard_init::contract::Command;
use boatyard_init::cron::Overlap;
use boatyard_plan::project::Schedule;

use super::container::Run;
use super::job::{self, Work};
use super::name;
use super::object::{Frame, Object};
use crate::render::yaml::Map;

/// The zone of times that have none: that of containers.
pub(super) const ZONE: &str = "Etc/UTC";

/// How late a run may begin. Without it none begins any more after 100 that were missed.
pub(super) const DEADLINE_SECS: u32 = 300;

/// Runs that stay to be looked at.
const KEPT: u32 = 3;

/// The `CronJob` of `schedule`; none if a `CronJob` cannot say when it runs.
pub(super) fn cron_job(frame: &Frame<'_>, schedule: &Schedule) -> Option<Object> {
    let expression = expression(&schedule.cron)?;
    let part = name::scheduled(frame.project, schedule);
    let run = Run {
        name: &schedule.name,
        service: &schedule.service,
        table: "schedules",
        resources: &schedule.resources,
        role: None,
    };
    let args = args(frame, schedule);
    let work = Work {
        args: &args,
        component: &part,
        longest_secs: job::longest_secs(schedule.manner.timeout_secs),
        retries: schedule.manner.retries.unwrap_or(0),
        stays_secs: None,
    };
    let (policy, why) = overlap(schedule.manner.overlap);
    let zone = schedule.manner.timezone.as_deref().unwrap_or(ZONE);
    let spec = Map::new()
        .set("schedule", expression)
        .because("else it is the clock of the controller", "timeZone", zone)
        .because(why, "concurrencyPolicy", policy)
        .because(
            "after a hundred missed runs none would begin any more",
            "startingDeadlineSeconds",
            DEADLINE_SECS,
        )
        .set("successfulJobsHistoryLimit", KEPT)
        .set("failedJobsHistoryLimit", KEPT)
        .set(
            "jobTemplate",
            Map::new().set("spec", job::spec(frame, &run, &work)),
        );
    let name = name::cron(&frame.project.name, &part);
    Some(
        frame
            .object("batch/v1", "CronJob", name, Some(&part))
            .with("spec", spec),
    )
}

/// What does not come with `schedule`, and why.
pub(super) fn lost(schedule: &Schedule) -> Vec<&'static str> {
    let mut lost = Vec::new();
    if schedule.manner.splay_secs.is_some() {
        lost.push("splay: a CronJob begins at its time");
    }
    if schedule.manner.overlap == Some(Overlap::Queue) {
        lost.push("overlap = \"queue\": a CronJob leaves out what is due while it runs");
    }
    if schedule.manner.retry_delay_secs.is_some() {
        lost.push("retry-delay: a Job waits 10 s, doubled for each further try");
    }
    lost
}

fn overlap(said: Option<Overlap>) -> (&'static str, &'static str) {
    match said {
        None | Some(Overlap::Forbid | Overlap::Queue) => {
            ("Forbid", "what is due while it runs is left out")
        }
        Some(Overlap::Allow) => ("Allow", "what is due while it runs is started beside it"),
        Some(Overlap::Replace) => ("Replace", "what is due while it runs takes its place"),
    }
}

/// Arguments of the image's entry point: by name, unless a job has it, too.
fn args(frame: &Frame<'_>, schedule: &Schedule) -> Vec<String> {
    let taken = frame
        .project
        .jobs
        .iter()
        .any(|job| job.name == schedule.name);
    if !taken {
        return vec!["job".to_owned(), schedule.name.clone()];
    }
    let mut args = vec!["exec".to_owned(), "--".to_owned()];
    match &schedule.command {
        Command::Line(line) => args.extend(["sh", "-c", line].map(str::to_owned)),
        Command::Words(words) => args.extend(words.iter().cloned()),
    }
    args
}

/// The expression as the controller reads it (robfig/cron, standard parser): names have three letters, and there are no `L`, `W`, `#`.
pub(super) fn expression(cron: &str) -> Option<String> {
    if cron.trim().starts_with('@') {
        return Some(cron.trim().to_owned());
    }
    let mut fields = Vec::new();
    for field in cron.split_whitespace() {
        let mut out = String::new();
        let mut word = String::new();
        for c in field.chars().chain(std::iter::once('\0')) {
            if c.is_ascii_alphabetic() {
                word.push(c.to_ascii_uppercase());
                continue;
            }
            match word.len() {
                0 => {}
                1 | 2 => return None,
                _ => out.push_str(&word[..3]),
            }
            word.clear();
            match c {
                '#' => return None,
                '\0' => {}
                c => out.push(c),
            }
        }
        fields.push(out);
    }
    Some(fields.join(" "))
}

#[cfg(test)]
mod tests {
    use super::expression;

    #[test]
    fn expressions() {
        for (cron, expected) in [
            ("0 3 * * *", Some("0 3 * * *")),
            ("@daily", Some("@daily")),
            (
                "*/5  8-18 * january monday-fri",
                Some("*/5 8-18 * JAN MON-FRI"),
            ),
            ("0 0 L * *", None),
            ("0 0 15W * *", None),
            ("0 0 * * 5#3", None),
        ] {
            assert_eq!(expression(cron).as_deref(), expected, "{cron}");
        }
    }
}
