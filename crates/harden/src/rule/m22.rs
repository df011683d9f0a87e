//! M22: scheduled work.

use super::manifest::{offer, set_path};
use super::{Fixing, Rule};
use crate::finding::Severity;
use crate::kubernetes::workloads;
use crate::report::Report;
use crate::workspace::Workspace;
use crate::yaml::{Fresh, edit};

pub(super) const RULE: Rule = Rule {
    id: "M22",
    severity: Severity::Warning,
    title: "a CronJob that overlaps, is missed, or runs at another hour",
    why: "By default a run begins while the one before is still at work. After a pause of the controller with more than 100 missed runs, no run begins any more \
          without startingDeadlineSeconds. Without timeZone, 3 in the morning is that of the cluster.",
    mend: "set concurrencyPolicy: Forbid, startingDeadlineSeconds and timeZone",
    fix: Fixing::Suggested,
    same_as: "kube-score cronjob-has-deadline and cronjob-restartpolicy",
    check,
};

fn check(workspace: &Workspace, report: &mut Report) {
    for workload in workloads(workspace)
        .iter()
        .filter(|workload| workload.object.kind == "CronJob")
    {
        let (file, text) = (workload.file(), workload.text());
        let Some(spec) = workload.object.root.get("spec") else {
            continue;
        };
        let Some(schedule) = spec.get("schedule") else {
            report
                .add(
                    &RULE,
                    file,
                    workload.object.place(),
                    format!("{} has no schedule", workload.object.name),
                )
                .help("write schedule")
                .severity = Severity::Error;
            continue;
        };
        if let Some(wrong) = wrong(schedule.text().unwrap_or_default()) {
            report
                .add(
                    &RULE,
                    file,
                    schedule.span.clone(),
                    format!("the schedule {wrong}"),
                )
                .help("write five fields: minute, hour, day, month, weekday from 0, Sunday, to 6; in place of a range over the end a list")
                .severity = Severity::Error;
        }
        for (key, value, message) in [
            (
                "concurrencyPolicy",
                Fresh::plain("Forbid"),
                "a run begins while the one before is at work",
            ),
            (
                "startingDeadlineSeconds",
                Fresh::plain(300),
                "after 100 missed runs none begins any more",
            ),
        ] {
            if spec.get(key).is_none() {
                let finding = report.add(
                    &RULE,
                    file,
                    schedule.span.clone(),
                    format!("{}: {message}", workload.object.name),
                );
                finding.help(format!("set {key}: {}", value.flow()));
                offer(finding, set_path(file, text, &spec, &[key], &value), false);
            }
        }
        if spec.get("timeZone").is_none() {
            report
                .add(
                    &RULE,
                    file,
                    schedule.span.clone(),
                    format!("{} runs by the cluster's clock", workload.object.name),
                )
                .help("set timeZone, e.g. Etc/UTC")
                .severity = Severity::Info;
        }
        let job = spec.at(&["jobTemplate", "spec"]);
        if let Some((job, entry)) = job
            .as_ref()
            .and_then(|job| Some((job, job.entry("ttlSecondsAfterFinished")?)))
        {
            let finding = report.add(&RULE, file, entry.key.span.clone(), "jobs are removed by their time, and the limits of the history have nothing to count");
            finding.help("remove it: successfulJobsHistoryLimit and failedJobsHistoryLimit keep the last runs");
            offer(
                finding,
                edit::remove(file, text, job, "ttlSecondsAfterFinished"),
                true,
            );
        }
    }
}

const MONTHS: &[&str] = &[
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];
const DAYS: &[&str] = &["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// The bounds of each field, and the names of its values from the least on (robfig/cron 3, spec.go).
const FIELDS: [(u32, u32, &[&str]); 5] = [
    (0, 59, &[]),
    (0, 23, &[]),
    (1, 31, &[]),
    (1, 12, MONTHS),
    (0, 6, DAYS),
];

/// What is wrong with a schedule of five fields; macros are right. As the API server reads it (robfig/cron 3, `ParseStandard`).
pub(crate) fn wrong(text: &str) -> Option<String> {
    if text.starts_with('@') {
        let known = [
            "@yearly",
            "@annually",
            "@monthly",
            "@weekly",
            "@daily",
            "@midnight",
            "@hourly",
        ];
        return (!known.contains(&text) && !text.starts_with("@every "))
            .then(|| format!("\"{text}\" is not known"));
    }
    if text.contains("TZ=") {
        return Some("has a time zone in it: that is not supported; set timeZone".to_owned());
    }
    let fields: Vec<&str> = text.split_whitespace().collect();
    if fields.len() != FIELDS.len() {
        return Some(format!("has {} fields", fields.len()));
    }
    let mut parts = fields
        .iter()
        .zip(FIELDS)
        .flat_map(|(field, bounds)| field.split(',').map(move |part| (part, bounds)));
    parts.find_map(|(part, bounds)| wrong_part(part, bounds))
}

fn wrong_part(part: &str, (least, most, names): (u32, u32, &[&str])) -> Option<String> {
    let (range, step) = part
        .split_once('/')
        .map_or((part, None), |(range, step)| (range, Some(step)));
    if step.is_some_and(|step| step.parse::<u32>().map_or(true, |step| step == 0)) {
        return Some(format!("has a step that is none: {part}"));
    }
    if matches!(range, "*" | "?") {
        return None;
    }
    let number = |text: &str| {
        let lower = text.to_ascii_lowercase();
        let word = (least..).zip(names).find(|(_, name)| **name == lower);
        let number = word.map_or_else(|| text.parse().ok(), |(number, _)| Some(number));
        number.filter(|number| (least..=most).contains(number))
    };
    let (from, to) = range.split_once('-').unwrap_or((range, range));
    match (number(from), number(to)) {
        (None, _) => Some(format!("has {from} where {least} to {most} is possible")),
        (_, None) => Some(format!("has {to} where {least} to {most} is possible")),
        (Some(begin), Some(end)) if begin > end => {
            Some(format!("has a range that ends before it begins: {range}"))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::wrong;

    #[test]
    fn schedules() {
        for (text, right) in [
            ("0 3 * * *", true),
            ("*/5 0-6,12 1 JAN mon-fri", true),
            ("0 3 * * 7", false),
            ("0 3 * * fri-sun", false),
            ("0 20-6 * * *", false),
            ("0 3 * DEC-FEB *", false),
            ("0 3 * * sun-sat", true),
            ("@daily", true),
            ("@often", false),
            ("0 24 * * *", false),
            ("0 3 * *", false),
            ("*/0 * * * *", false),
            ("TZ=UTC 0 3 * * *", false),
        ] {
            assert_eq!(wrong(text).is_none(), right, "{text}");
        }
    }
}
