//! Scheduled work.

use boatyard_init::cron::{self, Overlap};
use boatyard_plan::project::Schedule;
use boatyard_plan::run;

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
        waits: false,
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
    run::scheduled(frame.project, schedule).args
}

/// The expression as the controller has to read it (robfig/cron 3, `ParseStandard`) to mean what boatyard-init understands; none
/// with `L`, `W` or `#`. There names have three letters, weekdays end with 6, no range passes Sunday, and an item that is a star
/// with the step 1 or in a list is a star, which decides how day and weekday go together.
pub(super) fn expression(cron: &str) -> Option<String> {
    let schedule = cron::Schedule::parse(cron, cron::Stars::Alone).ok()?;
    let plain = schedule.plain()?;
    let mut fields = cron.split_whitespace();
    let (Some(minute), Some(hour), Some(day), Some(month), Some(weekday), None) = (
        fields.next(),
        fields.next(),
        fields.next(),
        fields.next(),
        fields.next(),
        fields.next(),
    ) else {
        // One of the words, which are the same there.
        return Some(cron.trim().to_ascii_lowercase());
    };
    let is_star = |field: &str| matches!(field, "*" | "?");
    let day = if !is_star(day) && plain.days.len() == 31 {
        "1-31".to_owned()
    } else {
        day.to_owned()
    };
    let weekday = if is_star(weekday) {
        weekday.to_owned()
    } else {
        let days: Vec<String> = plain.weekdays.iter().map(u16::to_string).collect();
        days.join(",")
    };
    Some([minute, hour, &day, &short_names(month), &weekday].join(" "))
}

/// The field with its names in three letters.
fn short_names(field: &str) -> String {
    let mut short = String::new();
    let mut letters = 0;
    for c in field.chars() {
        letters = if c.is_ascii_alphabetic() {
            letters + 1
        } else {
            0
        };
        if letters <= 3 {
            short.push(c.to_ascii_uppercase());
        }
    }
    short
}

#[cfg(test)]
mod tests {
    use boatyard_init::cron::{Schedule, Stars};

    use super::expression;
    use crate::rule::m22::wrong;

    #[test]
    fn expressions() {
        for (cron, expected) in [
            ("0 3 * * *", Some("0 3 * * *")),
            ("@daily", Some("@daily")),
            (
                "*/5  8-18 * january monday-fri",
                Some("*/5 8-18 * JAN 1,2,3,4,5"),
            ),
            ("0 3 * * 7", Some("0 3 * * 0")),
            ("0 3 * * 1-7", Some("0 3 * * 0,1,2,3,4,5,6")),
            ("0 3 * * fri-sun", Some("0 3 * * 0,5,6")),
            ("0 3 * * wed,Friday-sunday", Some("0 3 * * 0,3,5,6")),
            ("0 3 * * */2", Some("0 3 * * 0,2,4,6")),
            ("0 3 * * 5/2", Some("0 3 * * 0,5")),
            ("0 3 ? * ?", Some("0 3 ? * ?")),
            ("0 3 */1 * mon", Some("0 3 1-31 * 1")),
            ("0 3 */2 * mon", Some("0 3 */2 * 1")),
            ("0 0 * * 5L", None),
            ("0 0 L * *", None),
            ("0 0 15W * *", None),
            ("0 0 * * 5#3", None),
        ] {
            assert_eq!(expression(cron).as_deref(), expected, "{cron}");
        }
    }

    /// The API server accepts it, and it is the same days and times; how day and weekday go together, too.
    #[test]
    fn they_mean_the_same() {
        let plain = |text: &str| Schedule::parse(text, Stars::Alone).ok()?.plain();
        let days = ["*", "?", "*/1", "*/2", "1-31", "*,5", "31", "1/10"];
        let weekdays = [
            "*",
            "?",
            "*/1",
            "*/3",
            "7",
            "0-7",
            "sat-sunday",
            "5/2",
            "Mon,7",
            "1-5",
        ];
        for day in days {
            for weekday in weekdays {
                for time in ["0 3", "*/7 5/6", "1-9/2,50 ?"] {
                    for month in ["*", "january-DEC/2", "6"] {
                        let cron = format!("{time} {day} {month} {weekday}");
                        let made = expression(&cron).expect(&cron);
                        assert_eq!(wrong(&made), None, "{cron}: {made}");
                        assert_eq!(plain(&made), plain(&cron), "{cron}: {made}");
                        // An item that is a star in a list, or with the step 1, is one for the controller.
                        let fields: Vec<&str> = made.split(' ').collect();
                        for field in [fields[2], fields[4]] {
                            let is_star = field.starts_with(['*', '?']);
                            assert!(
                                !is_star || field.len() == 1 || field == "*/2",
                                "{cron}: {made}"
                            );
                        }
                    }
                }
            }
        }
    }
}
