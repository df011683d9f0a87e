//! What the parts of a project say about each other: names that exist, names and ports used once, an order that ends.

use std::collections::{BTreeMap, BTreeSet};

use boatyard_init::contract::MAIN;
use boatyard_init::supervise::Socket;

use super::shell;
use crate::document::{Findings, Part, nearest, suggestion};
use crate::project::{Project, Role, When};

/// Notes every mistake between the parts of `project`.
pub(super) fn all(project: &Project, findings: &mut Findings) {
    names(project, findings);
    roles_of_services(project, findings);
    services_of_jobs(project, findings);
    ports(project, findings);
    after(project, findings);
    cycles(project, findings);
    volumes(project, findings);
    hosts(project, findings);
    shell::all(project, findings);
}

/// Names of stages that every build has.
const STAGES: [&str; 3] = ["base", "compiler", "runner"];

/// Roles, jobs and backing services share one name space: they are the processes of the project. Services may not be
/// called like a stage.
fn names(project: &Project, findings: &mut Findings) {
    let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
    let backings = project
        .backings
        .iter()
        .map(|backing| ("backing", backing.name.as_str()));
    let roles = project
        .roles
        .iter()
        .map(|role| ("role", role.name.as_str()));
    let jobs = project.jobs.iter().map(|job| ("job", job.name.as_str()));
    for (kind, name) in backings.chain(roles).chain(jobs) {
        if let Some(other) = seen.insert(name, kind) {
            findings
                .key(
                    &format!("{kind}.{name}"),
                    format!("the name {name} is taken by [{other}.{name}]"),
                )
                .with_label("a second process of this name")
                .with_help("roles, jobs and backing services have a name of their own each");
        }
    }
    for service in &project.services {
        if project.backings.iter().any(|one| one.name == service.name) {
            findings
                .key(
                    &format!("service.{}", service.name),
                    format!("the name {} is taken by [backing.{0}]", service.name),
                )
                .with_label("a second image of this name")
                .with_help("services and backing services have a name of their own each");
        }
        if STAGES.contains(&service.name.as_str()) || service.name.starts_with("backing-") {
            findings
                .key(
                    &format!("service.{}", service.name),
                    format!("a service cannot be called \"{}\"", service.name),
                )
                .with_label("the name of a stage of every build")
                .with_help("choose another name, for example \"app\"");
        }
    }
}

fn roles_of_services(project: &Project, findings: &mut Findings) {
    if project.services.is_empty() {
        return;
    }
    let mut owner: BTreeMap<&str, &str> = BTreeMap::new();
    let mut meant: BTreeSet<&str> = BTreeSet::new();
    for service in &project.services {
        for (index, name) in service.roles.iter().enumerate() {
            let path = format!("service.{}.roles.{index}", service.name);
            if !project.roles.iter().any(|role| role.name == *name) {
                let known: Vec<&str> = project
                    .roles
                    .iter()
                    .map(|role| role.name.as_str())
                    .collect();
                // A slip of the pen is one mistake: the role that was meant is not homeless too.
                meant.extend(nearest(name, known.iter().copied()));
                findings
                    .value(
                        &path,
                        format!("service {} has the unknown role \"{name}\"", service.name),
                    )
                    .with_label(format!("there is no [role.{name}]"))
                    .with_help(match nearest(name, known.iter().copied()) {
                        Some(meant) => format!("did you mean \"{meant}\"?"),
                        None => format!(
                            "add [role.{name}] with its command, or take \"{name}\" out of the roles"
                        ),
                    });
            } else if let Some(first) = owner.insert(name, &service.name) {
                findings
                    .value(&path, format!("role {name} is in service {first} already"))
                    .with_label("one image runs a role")
                    .with_help(format!(
                        "keep {name} in one service, or give the second one a role of its own"
                    ));
            }
        }
    }
    if project.services.len() == 1 {
        // There is no other image that could be meant.
        return;
    }
    for role in project.roles.iter().filter(|role| {
        !owner.contains_key(role.name.as_str()) && !meant.contains(role.name.as_str())
    }) {
        let first = &project.services[0].name;
        findings
            .key(
                &format!("role.{}", role.name),
                format!("role {} is in no service", role.name),
            )
            .with_label("no image would run it")
            .with_help(format!(
                "add \"{}\" to the roles of a service, for example [service.{first}]",
                role.name
            ));
    }
}

fn services_of_jobs(project: &Project, findings: &mut Findings) {
    let jobs = project
        .jobs
        .iter()
        .map(|job| ("job", &job.name, &job.service));
    let schedules = project
        .schedules
        .iter()
        .map(|schedule| ("schedule", &schedule.name, &schedule.service));
    for (kind, name, service) in jobs.chain(schedules) {
        let implied = project.services.is_empty() && *service == project.name;
        if service.is_empty()
            || implied
            || project.services.iter().any(|known| known.name == *service)
        {
            continue;
        }
        let known = project.services.iter().map(|known| known.name.as_str());
        findings
            .value(
                &format!("{kind}.{name}.service"),
                format!("{kind} {name} has the unknown service \"{service}\""),
            )
            .with_label(format!("there is no [service.{service}]"))
            .with_suggestion(suggestion("services", service, known));
    }
}

/// All processes of a project share one network namespace, as the containers of a pod do.
fn ports(project: &Project, findings: &mut Findings) {
    let mut taken: BTreeMap<u16, String> = BTreeMap::new();
    let backings = project.backings.iter().map(|backing| {
        let path = format!("backing.{}", backing.name);
        (
            Part::Key,
            path,
            format!("backing {}", backing.name),
            Some(backing.kind.port()),
        )
    });
    let roles = project.roles.iter().map(|role| {
        let path = format!("role.{}.port", role.name);
        (Part::Value, path, format!("role {}", role.name), role.port)
    });
    let sockets = project.roles.iter().flat_map(sockets_of);
    for (part, path, who, port) in backings.chain(roles).chain(sockets) {
        let Some(port) = port else { continue };
        if let Some(first) = taken.get(&port) {
            findings
                .part(part, &path, format!("{who} and {first} both listen on port {port}"))
                .with_label("taken")
                .with_help("the processes of a project share one network, as in a pod: give each its own port");
        } else {
            taken.insert(port, who);
        }
    }
}

/// The sockets that init opens for services of a role, but that on the port of the role itself.
fn sockets_of(role: &Role) -> Vec<(Part, String, String, Option<u16>)> {
    let Some(supervise) = &role.supervise else {
        return Vec::new();
    };
    let services = supervise
        .services
        .iter()
        .map(|(name, service)| (name.as_str(), &service.habits));
    let mut found = Vec::new();
    for (service, habits) in services.chain([(MAIN, &supervise.main)]) {
        for (index, text) in habits.sockets.iter().enumerate() {
            let Some(Socket::Tcp(address)) = Socket::parse(text) else {
                continue;
            };
            let port = Some(address.port()).filter(|port| Some(*port) != role.port);
            let name = &role.name;
            found.push((
                Part::Value,
                format!("role.{name}.supervise.{service}.sockets.{index}"),
                format!("{service} of role {name}"),
                port,
            ));
        }
    }
    found
}

/// A host name leads to one role, which listens.
fn hosts(project: &Project, findings: &mut Findings) {
    let mut taken: BTreeMap<&str, &str> = BTreeMap::new();
    for role in &project.roles {
        let Some(host) = &role.placement.host else {
            continue;
        };
        let path = format!("role.{}.host", role.name);
        if role.port.is_none() {
            findings
                .value(&path, format!("role {} has a host and no port", role.name))
                .with_label("leads nowhere")
                .with_help("say on which port it listens");
        }
        if let Some(other) = taken.insert(host, &role.name) {
            findings
                .value(&path, format!("{host} leads to role {other} already"))
                .with_label("taken")
                .with_help("give each role a host name of its own");
        }
    }
}

/// A volume belongs to processes of the project.
fn volumes(project: &Project, findings: &mut Findings) {
    let roles = project.roles.iter().map(|role| role.name.as_str());
    let jobs = project.jobs.iter().map(|job| job.name.as_str());
    let schedules = project.schedules.iter().map(|one| one.name.as_str());
    let known: Vec<&str> = roles.chain(jobs).chain(schedules).collect();
    for volume in &project.deploy.volumes {
        for (index, name) in volume.of.iter().enumerate() {
            if !known.contains(&name.as_str()) {
                findings
                    .value(
                        &format!("deploy.volume.{}.of.{index}", volume.name),
                        format!("volume {} is of \"{name}\", which is unknown", volume.name),
                    )
                    .with_label("no such role, job or schedule")
                    .with_suggestion(suggestion("names", name, known.iter().copied()));
            }
        }
    }
}

fn after(project: &Project, findings: &mut Findings) {
    let roles = project.roles.iter().map(|role| role.name.as_str());
    let backings = project.backings.iter().map(|backing| backing.name.as_str());
    let before = project
        .jobs
        .iter()
        .filter(|job| job.when == When::BeforeDeploy)
        .map(|job| job.name.as_str());
    let known: Vec<&str> = roles.chain(backings).chain(before).collect();
    for role in &project.roles {
        for (index, name) in role.after.iter().flatten().enumerate() {
            if known.contains(&name.as_str()) {
                continue;
            }
            let path = format!("role.{}.after.{index}", role.name);
            let message = format!("role {} waits for \"{name}\", which is unknown", role.name);
            let help = if project.jobs.iter().any(|job| job.name == *name) {
                Some(format!(
                    "only jobs with when = \"before-deploy\" can be waited for: say so in [job.{name}]"
                ))
            } else {
                suggestion(
                    "names",
                    name,
                    known.iter().copied().filter(|known| *known != role.name),
                )
            };
            findings
                .value(&path, message)
                .with_label("no such role, backing service or job")
                .with_suggestion(help);
        }
    }
}

/// Notes each cycle once, at the role of it that comes first in the file.
fn cycles(project: &Project, findings: &mut Findings) {
    let next = |name: &str| {
        project
            .roles
            .iter()
            .find(|role| role.name == name)
            .and_then(|role| role.after.as_deref())
    };
    let mut done: BTreeSet<&str> = BTreeSet::new();
    for start in &project.roles {
        // The path from `start`, with the index of the next edge to try at each of its roles.
        let mut path: Vec<(&str, usize)> = vec![(&start.name, 0)];
        while let Some((name, edge)) = path.last_mut() {
            let (from, index) = (*name, *edge);
            *edge += 1;
            let Some(to) = next(from).and_then(|after| after.get(index)) else {
                done.insert(from);
                path.pop();
                continue;
            };
            if let Some(at) = path.iter().position(|(name, _)| name == to) {
                let mut round: Vec<&str> = path[at..].iter().map(|(name, _)| *name).collect();
                round.push(to);
                findings
                    .value(
                        &format!("role.{from}.after.{index}"),
                        format!("roles wait for each other: {}", round.join(" -> ")),
                    )
                    .with_label("closes the circle")
                    .with_help("none of them could ever start: take one name out of an after");
            } else if !done.contains(to.as_str()) {
                path.push((to, 0));
            }
        }
    }
}
