//! What is measured, in the text format of Prometheus (exposition format 0.0.4), under supercronic's names; what
//! supercronic does not count is called `boatyard_cron_*`.

use std::fmt::Write as _;

use super::scheduler::{About, BUCKETS, Counts, Scheduler};

/// How often the crontab was read again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reloads {
    /// With other jobs after it.
    pub done: u64,
    /// With a mistake in the file: the jobs before went on.
    pub failed: u64,
}

type Value = fn(&Counts, usize) -> u64;

const FAMILIES: [(&str, &str, &str, Value); 7] = [
    (
        "supercronic_currently_running",
        "gauge",
        "count of currently running cron executions",
        |_, running| u64::try_from(running).unwrap_or(u64::MAX),
    ),
    (
        "supercronic_executions",
        "counter",
        "count of cron executions",
        |counts, _| counts.executions,
    ),
    (
        "supercronic_successful_executions",
        "counter",
        "count of successful cron executions",
        |counts, _| counts.successes,
    ),
    (
        "supercronic_failed_executions",
        "counter",
        "count of failed cron executions",
        |counts, _| counts.failures,
    ),
    (
        "supercronic_deadline_exceeded",
        "counter",
        "count of times a job was due while it ran",
        |counts, _| counts.overdue,
    ),
    (
        "boatyard_cron_timeouts",
        "counter",
        "count of runs ended because they took too long",
        |counts, _| counts.timeouts,
    ),
    (
        "boatyard_cron_retries",
        "counter",
        "count of runs tried again",
        |counts, _| counts.retries,
    ),
];

/// All of it.
pub fn metrics(scheduler: &Scheduler, reloads: Reloads) -> String {
    let jobs: Vec<(String, &Counts, usize)> = scheduler
        .counts()
        .map(|(about, counts, running)| (labels(&about), counts, running))
        .collect();
    let mut text = String::new();
    for (name, kind, help, value) in FAMILIES {
        let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
        for (labels, counts, running) in &jobs {
            let _ = writeln!(text, "{name}{{{labels}}} {}", value(counts, *running));
        }
    }
    let name = "supercronic_cron_execution_time_seconds";
    let _ = writeln!(
        text,
        "# HELP {name} duration of the cron executions\n# TYPE {name} histogram"
    );
    for (labels, counts, _) in &jobs {
        for (bound, count) in BUCKETS.iter().zip(counts.buckets) {
            let _ = writeln!(text, "{name}_bucket{{{labels},le=\"{bound}\"}} {count}");
        }
        let (all, total) = (counts.executions, counts.total.as_secs_f64());
        let _ = writeln!(text, "{name}_bucket{{{labels},le=\"+Inf\"}} {all}");
        let _ = writeln!(
            text,
            "{name}_sum{{{labels}}} {total}\n{name}_count{{{labels}}} {all}"
        );
    }
    let name = "boatyard_cron_reloads";
    let _ = writeln!(
        text,
        "# HELP {name} count of times the crontab was read again\n# TYPE {name} counter"
    );
    let _ = writeln!(
        text,
        "{name}{{result=\"done\"}} {}\n{name}{{result=\"failed\"}} {}",
        reloads.done, reloads.failed
    );
    text
}

fn labels(about: &About) -> String {
    let About {
        command,
        schedule,
        position,
        ..
    } = about;
    format!(
        "command=\"{}\",position=\"{position}\",schedule=\"{}\"",
        escaped(command),
        escaped(schedule)
    )
}

/// The format escapes these three and nothing else.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}
