//! How a process is known to be ready, and how it is stopped.

use boatyard_init::contract::{Stop, Target};
use boatyard_init::preset::Preset;
use toml::de::DeValue;

use super::words;
use crate::document::{Findings, Section};
use crate::run::Probe;

/// Ways to be ready that only a process beside others can say: they are between it and init.
const WITHIN: [&str; 2] = ["notify", "running"];

/// How a role is asked from outside whether it is ready.
pub(super) fn ready(
    table: &Section<'_>,
    port: Option<u16>,
    findings: &mut Findings,
) -> Option<String> {
    let text = table.string("ready", findings)?;
    let path = table.path("ready");
    if WITHIN.contains(&text.as_str()) || text.starts_with("fd:") || text.starts_with("file:") {
        findings
            .value(&path, format!("a role cannot be ready by \"{text}\""))
            .with_label("a role is asked from outside of its container")
            .with_help(format!(
                "write it in [{}.supervise.main], where init asks the command itself",
                table.path
            ));
    } else if let Err(error) = Probe::parse(&text, port) {
        findings
            .value(&path, format!("ready is \"{text}\": {error}"))
            .with_label("cannot be asked")
            .with_help("for example \"http://:8080/healthz\", \"tcp://:6379\", or a command line");
    }
    Some(text)
}

/// How a role is asked from outside whether it has to be started again.
pub(super) fn alive(
    table: &Section<'_>,
    port: Option<u16>,
    findings: &mut Findings,
) -> Option<String> {
    let text = table.string("alive", findings)?;
    if let Err(error) = Probe::parse(&text, port) {
        findings
            .value(
                &table.path("alive"),
                format!("alive is \"{text}\": {error}"),
            )
            .with_label("cannot be asked")
            .with_help("for example \"http://:8080/alive\", \"tcp://:6379\", or a command line");
    }
    Some(text)
}

/// How a role is stopped. What the file does not say is as the program of the role wants it.
pub(super) fn of_role(table: &Section<'_>, preset: Preset, findings: &mut Findings) -> Stop {
    read(
        table,
        preset,
        &["signal", "grace", "target", "delay"],
        findings,
    )
}

/// How one of several services is stopped.
pub(super) fn of_service(table: &Section<'_>, preset: Preset, findings: &mut Findings) -> Stop {
    read(table, preset, &["signal", "grace", "target"], findings)
}

/// Seconds that a role goes on after a stop was asked for.
pub(super) fn delay(table: &Section<'_>, stop: &Stop, findings: &mut Findings) -> u64 {
    let Some(DeValue::Table(found)) = table.value("stop") else {
        return 0;
    };
    let table = Section::new(table.path("stop"), found);
    let delay = table.seconds("delay", findings).unwrap_or(0);
    if delay > stop.grace_secs / 2 {
        let grace = stop.grace_secs;
        findings
            .value(
                &table.path("delay"),
                format!(
                    "a delay of {delay}s is more than half of the {grace}s until all is killed"
                ),
            )
            .with_label("leaves too little time to stop")
            .with_help("a longer grace, or a shorter delay: 5s are enough for most routers");
    }
    delay
}

fn read(table: &Section<'_>, preset: Preset, keys: &[&str], findings: &mut Findings) -> Stop {
    const TARGETS: [(&str, Target); 3] = [
        ("main", Target::Main),
        ("group", Target::Group),
        ("all", Target::All),
    ];
    let mut stop = Stop {
        signal: preset.signal.to_string(),
        target: preset.target,
        ..Stop::default()
    };
    let Some(table) = table.section("stop", findings) else {
        return stop;
    };
    table.only(keys, findings);
    if let Some(signal) = table.string("signal", findings) {
        stop.signal = words::signal(&signal, &table.path("signal"), findings);
    }
    if let Some(seconds) = table.seconds("grace", findings) {
        stop.grace_secs = seconds;
    }
    if let Some(target) = table.choice("target", "target", &TARGETS, findings) {
        stop.target = target;
    }
    stop
}
