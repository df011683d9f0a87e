//! `[role.NAME.supervise.*]`: several services in one container, as nginx in front of gunicorn.

use std::collections::BTreeMap;

use boatyard_init::contract::{self, Habits, MAIN, Restart, Service, Stop, Supervise};
use boatyard_init::preset;
use boatyard_init::supervise::{Misfit, Output, Plan, Readiness, Socket};

use super::process::command;
use super::{image, stop, words};
use crate::document::{Findings, Part, Section, suggestion};

const HABITS: [&str; 10] = [
    "after",
    "ready",
    "ready-timeout",
    "essential",
    "restart",
    "sockets",
    "user",
    "cwd",
    "log",
    "env",
];

const RESTARTS: [(&str, Restart); 3] = [
    ("never", Restart::Never),
    ("on-failure", Restart::OnFailure),
    ("always", Restart::Always),
];

/// What the table of a role says about services beside its command; none if it runs alone. A delay of its stop is init's
/// work too.
pub(super) fn read(role: &Section<'_>, stop: &Stop, findings: &mut Findings) -> Option<Supervise> {
    let stop_delay_secs = stop::delay(role, stop, findings);
    if !role.has("supervise") && stop_delay_secs == 0 {
        return None;
    }
    let tables = role.named("supervise", findings);
    let names: Vec<&str> = tables
        .iter()
        .map(|(name, _)| *name)
        .filter(|name| *name != MAIN)
        .collect();
    let mut supervise = Supervise {
        stop_delay_secs,
        ..Supervise::default()
    };
    for (name, table) in &tables {
        if *name == MAIN {
            supervise.main_ready = main(table, findings);
            supervise.main = habits(MAIN, table, &names, findings);
        } else {
            let service = service(name, table, &names, findings);
            supervise.services.insert((*name).to_owned(), service);
        }
    }
    // What the role says is asked from outside, and may go through a service that waits for main.
    if supervise.main_ready.is_none() && !supervise.services.is_empty() {
        supervise.main_ready = Some("running".to_owned());
    }
    circle(role, &supervise, findings);
    Some(supervise)
}

/// How the role's own command is known to be ready.
fn main(table: &Section<'_>, findings: &mut Findings) -> Option<String> {
    let of_role: Vec<&str> = ["command", "stop"]
        .into_iter()
        .filter(|key| table.has(key))
        .collect();
    for key in &of_role {
        findings
            .key(
                &table.path(key),
                format!("{key} of main is that of the role itself"),
            )
            .with_label("not a key here")
            .with_help(format!(
                "write it above, in [{}]",
                table.path.trim_end_matches(".supervise.main")
            ));
    }
    table.only(&[&HABITS[..], &of_role].concat(), findings);
    ready(table, findings)
}

fn service(name: &str, table: &Section<'_>, names: &[&str], findings: &mut Findings) -> Service {
    words::name("service", name, Part::Key, &table.path, findings);
    table.only(
        &[&HABITS[..], &["command", "stop", "oneshot"]].concat(),
        findings,
    );
    let command = command("service", name, table, findings);
    let stop = stop::of_service(table, preset::of(&command), findings);
    Service {
        command,
        stop,
        ready: ready(table, findings),
        habits: Habits {
            oneshot: table.boolean("oneshot", findings).unwrap_or(false),
            ..habits(name, table, names, findings)
        },
    }
}

fn ready(table: &Section<'_>, findings: &mut Findings) -> Option<String> {
    let text = table.string("ready", findings)?;
    let path = table.path("ready");
    match Readiness::parse(&text, None) {
        None => {
            findings
                .value(&path, format!("ready is \"{text}\", which cannot be asked"))
                .with_label("not a way to be ready")
                .with_help(
                    "one of \"running\", \"notify\", \"fd:3\", \"tcp://:8000\", \"http://:8000/healthz\", \"file:/run/up\", or a command line",
                );
        }
        Some(Readiness::Descriptor(number)) => {
            let sockets = table.value("sockets").and_then(|value| value.as_array());
            let first = 3 + sockets.map_or(0, |found| found.len());
            if usize::try_from(number).is_ok_and(|number| number < first) {
                findings
                    .value(&path, format!("descriptor {number} is one of the sockets"))
                    .with_label("taken")
                    .with_help(format!("write \"fd:{first}\""));
            }
        }
        Some(_) => {}
    }
    Some(text)
}

fn habits(name: &str, table: &Section<'_>, names: &[&str], findings: &mut Findings) -> Habits {
    let usual = Habits::default();
    Habits {
        after: after(name, table, names, findings),
        ready_timeout_secs: table
            .seconds("ready-timeout", findings)
            .unwrap_or(usual.ready_timeout_secs),
        essential: table
            .boolean("essential", findings)
            .unwrap_or(usual.essential),
        restart: table.choice("restart", "policy", &RESTARTS, findings),
        oneshot: false,
        sockets: sockets(table, findings),
        user: table.string("user", findings),
        cwd: table.string("cwd", findings),
        log: log(table, findings),
        env: image::env(table, findings),
    }
}

fn after(name: &str, table: &Section<'_>, names: &[&str], findings: &mut Findings) -> Vec<String> {
    let mut after = Vec::new();
    for (path, other) in table.strings("after", findings) {
        let known = names.iter().copied().chain([MAIN]);
        let known = known.filter(|known| *known != name);
        if other != MAIN && !names.contains(&other.as_str()) {
            findings
                .value(
                    &path,
                    format!("{name} comes after \"{other}\", which is unknown"),
                )
                .with_label("no such service in this role")
                .with_suggestion(suggestion("services", &other, known));
        }
        after.push(other);
    }
    after
}

fn log(table: &Section<'_>, findings: &mut Findings) -> Option<String> {
    let text = table.string("log", findings)?;
    if Output::parse(&text).is_none() {
        findings
            .value(
                &table.path("log"),
                format!("log is \"{text}\", where nothing can be written"),
            )
            .with_label("neither a path nor null")
            .with_help("the absolute path of a file, or \"null\"; without it lines are printed with those of init");
    }
    Some(text)
}

fn sockets(table: &Section<'_>, findings: &mut Findings) -> Vec<String> {
    let mut sockets = Vec::new();
    for (path, text) in table.strings("sockets", findings) {
        if Socket::parse(&text).is_none() {
            findings
                .value(&path, format!("\"{text}\" is not a socket"))
                .with_label("nothing to listen at")
                .with_help("\"tcp://ADDRESS:PORT\", \"tcp://:PORT\" or \"unix:/PATH\"");
        }
        sockets.push(text);
    }
    sockets
}

/// What comes after each other in a circle can never start. All else has been noted at its place.
fn circle(role: &Section<'_>, supervise: &Supervise, findings: &mut Findings) {
    let placeholder = contract::Role {
        command: contract::Command::Line("true".to_owned()),
        stop: Stop::default(),
        port: None,
        ready: None,
        env: BTreeMap::new(),
        supervise: Some(Supervise {
            services: supervise
                .services
                .iter()
                .map(|(name, service)| (name.clone(), bare(service)))
                .collect::<BTreeMap<_, _>>(),
            main: Habits {
                after: supervise.main.after.clone(),
                ..Habits::default()
            },
            ..Supervise::default()
        }),
    };
    if let Err(Misfit::Circle { services }) = Plan::of(&placeholder) {
        let first = services.first().map_or("", String::as_str);
        findings
            .value(
                &format!("{}.{first}.after", role.path("supervise")),
                format!("services wait for each other: {}", services.join(", ")),
            )
            .with_label("closes the circle")
            .with_help("none of them could ever start: take one name out of an after");
    }
}

/// Nothing of a service but what it comes after.
fn bare(service: &Service) -> Service {
    Service {
        command: service.command.clone(),
        stop: Stop::default(),
        ready: None,
        habits: Habits {
            after: service.habits.after.clone(),
            ..Habits::default()
        },
    }
}
