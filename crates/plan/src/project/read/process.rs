//! `[service.*]`, `[role.*]`, `[job.*]`, `[backing.*]`: what runs.

use boatyard_init::contract::Command;
use boatyard_init::preset;
use toml::de::DeValue;

use super::{deploy, image, quantity, stop, supervise, words};
use crate::document::{Findings, Part, Section, nearest, string, suggestion, wrong_type};
use crate::project::{Backing, BackingKind, Hosting, Job, Project, Role, Service, When, runs_once};

/// The services of the file; none if it has no `[service.*]`, see [`complete`].
pub(super) fn services(document: &Section<'_>, findings: &mut Findings) -> Vec<Service> {
    let tables = document.named("service", findings);
    let read = |(name, table): (&str, Section<'_>)| {
        words::name("service", name, Part::Key, &table.path, findings);
        table.only(&["copy", "roles"], findings);
        Service {
            name: name.to_owned(),
            copy: image::paths(&table, "copy", findings),
            roles: table
                .strings("roles", findings)
                .into_iter()
                .map(|(_, role)| role)
                .collect(),
        }
    };
    tables.into_iter().map(read).collect()
}

/// The roles of the file.
pub(super) fn roles(document: &Section<'_>, findings: &mut Findings) -> Vec<Role> {
    let tables = document.named("role", findings);
    tables
        .into_iter()
        .map(|(name, table)| role(name, &table, findings))
        .collect()
}

fn role(name: &str, table: &Section<'_>, findings: &mut Findings) -> Role {
    words::name("role", name, Part::Key, &table.path, findings);
    let keys = [
        "command",
        "port",
        "ready",
        "alive",
        "stop",
        "env",
        "after",
        "supervise",
    ];
    table.only(&[&keys[..], &deploy::PLACEMENT].concat(), findings);
    let port = port(table, findings);
    let command = command("role", name, table, findings);
    let ready = stop::ready(table, port, findings);
    let alive = stop::alive(table, port, findings);
    let placement = deploy::placement(table, runs_once(&command), findings);
    let stop = stop::of_role(table, preset::of(&command), findings);
    let supervise = supervise::read(table, &stop, findings);
    Role {
        name: name.to_owned(),
        command,
        port,
        ready,
        stop,
        env: image::env(table, findings),
        after: table.has("after").then(|| {
            table
                .strings("after", findings)
                .into_iter()
                .map(|(_, name)| name)
                .collect()
        }),
        supervise,
        alive,
        placement,
    }
}

/// The jobs of the file. Where one names no service, its service is empty: see [`complete`].
pub(super) fn jobs(document: &Section<'_>, findings: &mut Findings) -> Vec<Job> {
    let tables = document.named("job", findings);
    let read = |(name, table): (&str, Section<'_>)| {
        words::name("job", name, Part::Key, &table.path, findings);
        table.only(
            &["command", "when", "service", "retries", "resources"],
            findings,
        );
        Job {
            name: name.to_owned(),
            command: command("job", name, &table, findings),
            when: when(&table, findings),
            service: table.string("service", findings).unwrap_or_default(),
            retries: words::retries(&table, findings).unwrap_or_default(),
            resources: deploy::resources(&table, findings),
        }
    };
    tables.into_iter().map(read).collect()
}

/// Who runs a backing service on a cluster.
fn hosting(table: &Section<'_>, findings: &mut Findings) -> Hosting {
    let Some(given) = table.string("cluster", findings) else {
        return Hosting::default();
    };
    Hosting::named(&given).unwrap_or_else(|| {
        findings
            .value(
                &table.path("cluster"),
                format!("\"{given}\" does not say who runs it on a cluster"),
            )
            .with_label("expected \"elsewhere\", \"kept\" or \"scratch\"")
            .with_suggestion(suggestion("words", &given, Hosting::ALL.map(Hosting::name)));
        Hosting::default()
    })
}

/// The backing services of the file.
pub(super) fn backings(document: &Section<'_>, findings: &mut Findings) -> Vec<Backing> {
    let mut backings = Vec::new();
    for (name, table) in document.named("backing", findings) {
        words::name("backing service", name, Part::Key, &table.path, findings);
        table.only(&["kind", "cluster", "size", "class", "resources"], findings);
        let (given, path) = if table.has("kind") {
            let Some(kind) = table.string("kind", findings) else {
                continue;
            };
            (kind, table.path("kind"))
        } else {
            (name.to_owned(), table.path.clone())
        };
        if let Some(kind) = BackingKind::named(&given) {
            backings.push(Backing {
                name: name.to_owned(),
                kind,
                cluster: hosting(&table, findings),
                size: quantity::read(&table, "size", findings),
                class: deploy::object(&table, "class", findings),
                resources: deploy::resources(&table, findings),
            });
            continue;
        }
        let part = if table.has("kind") {
            Part::Value
        } else {
            Part::Key
        };
        let known = BackingKind::ALL.map(BackingKind::name);
        let help = match (part, nearest(&given, known)) {
            (Part::Key, None) => {
                Some("say what it is: kind = \"postgres\" or kind = \"redis\"".to_owned())
            }
            _ => suggestion("kinds", &given, known),
        };
        findings
            .part(
                part,
                &path,
                format!("no backing service is called \"{given}\""),
            )
            .with_label("not a known kind")
            .with_suggestion(help);
    }
    backings
}

/// Fills in what the file left open: the one service of a project without `[service.*]`, the roles that the only service
/// does not name, and the service of jobs.
pub(super) fn complete(project: &mut Project) {
    if project.services.is_empty() {
        project.services.push(Service {
            name: project.name.clone(),
            copy: Vec::new(),
            roles: Vec::new(),
        });
    }
    if let [only] = project.services.as_mut_slice() {
        for role in &project.roles {
            if !only.roles.contains(&role.name) {
                only.roles.push(role.name.clone());
            }
        }
    }
    let first = project.services[0].name.clone();
    let jobs = project.jobs.iter_mut().map(|job| &mut job.service);
    let schedules = project
        .schedules
        .iter_mut()
        .map(|schedule| &mut schedule.service);
    for service in jobs.chain(schedules).filter(|service| service.is_empty()) {
        service.clone_from(&first);
    }
}

/// The command of this table, which has to have one.
pub(super) fn command(
    what: &str,
    name: &str,
    table: &Section<'_>,
    findings: &mut Findings,
) -> Command {
    let path = table.path("command");
    let placeholder = Command::Line(String::new());
    let command = match table.value("command") {
        None => {
            findings
                .value(&table.path, format!("{what} {name} has no command"))
                .with_label("command is missing")
                .with_help("a line for a shell, or an array of words");
            return placeholder;
        }
        Some(DeValue::String(line)) => Command::Line(line.trim().to_owned()),
        Some(DeValue::Array(items)) => {
            let words = items.iter().enumerate();
            Command::Words(
                words
                    .filter_map(|(n, item)| {
                        string(item.get_ref(), &format!("{path}.{n}"), findings)
                    })
                    .collect(),
            )
        }
        Some(other) => {
            wrong_type(other, &path, "a string or an array of strings", findings);
            return placeholder;
        }
    };
    let (empty, zero) = match &command {
        Command::Line(line) => (line.is_empty(), line.contains('\0')),
        Command::Words(words) => (
            // An array whose items are all of the wrong type has been noted already.
            table
                .value("command")
                .and_then(DeValue::as_array)
                .is_none_or(|items| items.is_empty())
                || words.first().is_some_and(String::is_empty),
            words.iter().any(|word| word.contains('\0')),
        ),
    };
    if empty {
        findings
            .value(&path, format!("the command of {what} {name} is empty"))
            .with_label("nothing to run");
    }
    if zero {
        findings
            .value(
                &path,
                format!("the command of {what} {name} has a zero byte"),
            )
            .with_label("cannot be passed to a process");
    }
    command
}

fn port(table: &Section<'_>, findings: &mut Findings) -> Option<u16> {
    let number = table.integer("port", findings)?;
    match u16::try_from(number) {
        Ok(port) if port > 0 => Some(port),
        _ => {
            findings
                .value(
                    &table.path("port"),
                    format!("port {number} is out of range"),
                )
                .with_label("expected 1 to 65535");
            None
        }
    }
}

fn when(table: &Section<'_>, findings: &mut Findings) -> When {
    const MOMENTS: [(&str, When); 3] = [
        ("manual", When::Manual),
        ("before-deploy", When::BeforeDeploy),
        ("after-deploy", When::AfterDeploy),
    ];
    let Some(text) = table.string("when", findings) else {
        return When::default();
    };
    if let Some((_, when)) = MOMENTS.iter().find(|(name, _)| *name == text) {
        return *when;
    }
    findings
        .value(&table.path("when"), format!("unknown moment \"{text}\""))
        .with_label("not a moment at which jobs run")
        .with_suggestion(suggestion(
            "moments",
            &text,
            MOMENTS.iter().map(|(name, _)| *name),
        ));
    When::default()
}
