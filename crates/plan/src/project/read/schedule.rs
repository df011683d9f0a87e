//! `[schedule.*]`: what runs at its times.

use boatyard_init::contract::Manner;
use boatyard_init::cron::{self, Overlap};

use super::process::command;
use super::{deploy, words};
use crate::document::{Findings, Part, Section, nearest};
use crate::project::Schedule;

const KEYS: &[&str] = &[
    "cron",
    "command",
    "service",
    "timezone",
    "overlap",
    "timeout",
    "retries",
    "retry-delay",
    "splay",
    "resources",
];

const OVERLAPS: [(&str, Overlap); 4] = [
    ("skip", Overlap::Forbid),
    ("queue", Overlap::Queue),
    ("allow", Overlap::Allow),
    ("replace", Overlap::Replace),
];

/// The schedules of the file. Where one names no service, its service is empty: see
/// [`complete`](super::process::complete).
pub(super) fn read(document: &Section<'_>, findings: &mut Findings) -> Vec<Schedule> {
    let tables = document.named("schedule", findings);
    tables
        .into_iter()
        .map(|(name, table)| schedule(name, &table, findings))
        .collect()
}

fn schedule(name: &str, table: &Section<'_>, findings: &mut Findings) -> Schedule {
    words::name("schedule", name, Part::Key, &table.path, findings);
    table.only(KEYS, findings);
    let cron = table.string("cron", findings);
    match &cron {
        Some(cron) => words::cron(cron, &table.path("cron"), findings),
        None if !table.has("cron") => {
            findings
                .value(&table.path, format!("schedule {name} does not say when"))
                .with_label("cron is missing")
                .with_help("for example cron = \"0 3 * * *\": every day at 03:00");
        }
        None => {}
    }
    Schedule {
        name: name.to_owned(),
        cron: cron.unwrap_or_default(),
        command: command("schedule", name, table, findings),
        service: table.string("service", findings).unwrap_or_default(),
        manner: manner(table, findings),
        resources: deploy::resources(table, findings),
    }
}

fn manner(table: &Section<'_>, findings: &mut Findings) -> Manner {
    Manner {
        timezone: timezone(table, findings),
        overlap: table.choice("overlap", "policy", &OVERLAPS, findings),
        timeout_secs: table.seconds("timeout", findings),
        retries: words::retries(table, findings),
        retry_delay_secs: table.seconds("retry-delay", findings),
        splay_secs: table.seconds("splay", findings),
    }
}

fn timezone(table: &Section<'_>, findings: &mut Findings) -> Option<String> {
    let zone = table.string("timezone", findings)?;
    if !cron::is_zone(&zone) {
        let zones = cron::zones();
        let help = match nearest(&zone, zones.iter().map(String::as_str)) {
            Some(name) => format!("did you mean \"{name}\"?"),
            None => "names are as in the IANA database, for example \"Europe/Paris\"".to_owned(),
        };
        findings
            .value(
                &table.path("timezone"),
                format!("there is no time zone \"{zone}\""),
            )
            .with_label("not in the database of time zones")
            .with_help(help);
    }
    Some(zone)
}
