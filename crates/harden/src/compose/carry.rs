//! The whole file: which service is what, and what they have in common.

use std::collections::{BTreeMap, BTreeSet};

use boatyard_plan::detect::{Composed, ComposedJob, ComposedRole, label};
use boatyard_plan::diagnostic::Diagnostic;
use boatyard_plan::project::When;

use super::backing::{self, Backing};
use super::elsewhere::bring;
use super::order::{Order, completed, waits_for};
use super::reader::Reader;
use super::recipe::{self, Source};
use super::{environment, health, kind, network, service, top};
use crate::yaml::{Node, read};

/// The longest name: a DNS label (RFC 1035).
const LONGEST: usize = 63;

/// Why a Compose file says nothing.
#[derive(Clone, Debug)]
pub struct Unreadable {
    /// Its mistakes.
    pub mistakes: Vec<Diagnostic>,
}

/// Files of the project that the Compose file `file` and those `beside` it name and that are not among them.
pub fn wanted(file: &str, text: &str, beside: &BTreeMap<String, String>) -> Vec<String> {
    let (documents, _) = read(text);
    let root = documents.into_iter().next().map(|document| document.root);
    root.map_or_else(Vec::new, |root| bring(file, &root, beside).wanted)
}

/// What the Compose file `file`, relative to the project, says, with the files `beside` it that it names. `folder` is the name
/// of the project's folder.
pub fn carry(
    file: &str,
    text: &str,
    folder: &str,
    beside: &BTreeMap<String, String>,
) -> Result<Composed, Unreadable> {
    let (documents, mistakes) = read(text);
    let root = documents.first().map(|document| document.root.clone());
    let Some(root) = root
        .filter(Node::is_mapping)
        .filter(|_| mistakes.is_empty())
    else {
        return Err(Unreadable {
            mistakes: if mistakes.is_empty() {
                vec![nothing(text)]
            } else {
                mistakes
            },
        });
    };
    let mut reader = Reader::new(file, text);
    let said = root.get("name").and_then(|node| reader.word(&node));
    let name = said.and_then(|name| label(&name));
    let project = name
        .clone()
        .or_else(|| label(folder))
        .unwrap_or_else(|| "app".to_owned());
    top::look(&mut reader, &root);
    let mut brought = bring(file, &root, beside);
    brought.tell(&mut reader);
    let services = brought.services;
    let mut whole = Whole {
        names: names(&mut reader, &services),
        jobs: completed(&services),
        composed: Composed {
            file: file.to_owned(),
            name,
            ..Composed::default()
        },
        backings: Vec::new(),
        order: Order::default(),
        parts: Vec::new(),
    };
    let source = recipe::choose(&mut reader, file, &services);
    whole.beside(&mut reader, &services);
    whole.ours(&mut reader, &services, source.as_ref(), &project);
    match source {
        Some(Source::Built(recipe, _)) => whole.composed.recipe = Some(recipe),
        Some(Source::Image(image)) => whole.composed.image = Some(image),
        None => {}
    }
    let mut composed = whole.settle();
    composed.left = reader.told();
    composed.found = reader.found;
    Ok(composed)
}

fn nothing(text: &str) -> Diagnostic {
    Diagnostic {
        message: "this is no Compose file: it has no services".to_owned(),
        span: 0..text.len().min(1),
        label: String::new(),
        help: None,
    }
}

/// Names in the project by names in the file: DNS labels, each once.
fn names(reader: &mut Reader<'_>, services: &[(Node, Node)]) -> BTreeMap<String, String> {
    let mut names = BTreeMap::new();
    let mut taken = BTreeSet::new();
    for (key, _) in services {
        let said = key.text().unwrap_or_default();
        let first = label(said).unwrap_or_else(|| "service".to_owned());
        let mut name = first.clone();
        // Of as many names as there are one is free.
        for number in 2.. {
            if taken.insert(name.clone()) {
                break;
            }
            let end = format!("-{number}");
            let head = &first[..first.len().min(LONGEST - end.len())];
            name = format!("{}{end}", head.trim_end_matches('-'));
        }
        if name != said {
            reader.left(
                key,
                format!("the name {said}"),
                format!("it is {name} here: names are DNS labels, and host names"),
            );
        }
        names.insert(said.to_owned(), name);
    }
    names
}

/// A service of the application.
struct Part {
    env: BTreeMap<String, String>,
    user: Option<(u32, u32)>,
    what: What,
}

enum What {
    Role(ComposedRole),
    Job(ComposedJob),
}

struct Whole {
    names: BTreeMap<String, String>,
    jobs: BTreeSet<String>,
    composed: Composed,
    backings: Vec<Backing>,
    order: Order,
    parts: Vec<Part>,
}

impl Whole {
    /// Takes the services that are backing services: one of a kind, since they have one network and one port each.
    fn beside(&mut self, reader: &mut Reader<'_>, services: &[(Node, Node)]) {
        for (key, service) in services {
            let host = key.text().unwrap_or_default();
            let Some(node) = service
                .get("image")
                .filter(|_| service.get("build").is_none())
            else {
                continue;
            };
            let Some((image, (kind, more))) = reader.word(&node).and_then(|image| {
                let kind = kind::of(&image)?;
                Some((image, kind))
            }) else {
                continue;
            };
            if self.backings.iter().any(|one| one.kind == kind) {
                reader.left(
                    &node,
                    format!("service {host}: a second {}", kind.name()),
                    "a project has one of a kind: they would have the same port",
                );
                continue;
            }
            if let Some(more) = more {
                reader.left(
                    &node,
                    format!("{more} of {image}"),
                    "Boatyard's postgres has Debian's package of PostgreSQL and nothing else",
                );
            }
            let name = self.names.get(host).cloned().unwrap_or_default();
            let backing = backing::read(reader, (host, &name), service, kind, &image);
            self.composed.backings.push((name, kind));
            self.backings.push(backing);
        }
    }

    /// Takes the services that are the application's, and notes all others.
    fn ours(
        &mut self,
        reader: &mut Reader<'_>,
        services: &[(Node, Node)],
        source: Option<&Source>,
        project: &str,
    ) {
        for (key, service) in services {
            let said = key.text().unwrap_or_default();
            if kind::is_backing(service) {
                continue;
            }
            if !recipe::is_of(service, source, reader.file()) {
                recipe::left(reader, key, service);
                continue;
            }
            let name = self.names.get(said).cloned().unwrap_or_default();
            let env = environment::read(reader, said, service, &self.backings, project);
            let user = service::user(reader, said, service);
            let what = if self.jobs.contains(said) {
                What::Job(job(reader, said, name, service, When::BeforeDeploy))
            } else if is_tool(service) {
                What::Job(job(reader, said, name, service, When::Manual))
            } else {
                What::Role(self.role(reader, said, name, service))
            };
            service::rest(reader, said, service);
            self.parts.push(Part { env, user, what });
        }
    }

    fn role(
        &mut self,
        reader: &mut Reader<'_>,
        said: &str,
        name: String,
        service: &Node,
    ) -> ComposedRole {
        let port = network::port(reader, said, service);
        if let Some(node) = service.get("profiles") {
            reader.left(
                &node,
                format!("profiles of {said}"),
                "boatyard up starts every role, or those that it is given",
            );
        }
        let after = waits_for(reader, said, service);
        let after = self.order.take(reader, said, service, after);
        let is_job = |other: &String| self.jobs.contains(other);
        let is_backing = |other: &String| self.backings.iter().any(|one| one.host == *other);
        // Jobs before deploy and backing services come first by default.
        let waits = after
            .iter()
            .any(|other| !is_job(other) && !is_backing(other));
        let after = after
            .iter()
            .filter_map(|other| self.names.get(other).cloned());
        ComposedRole {
            entrypoint: said_words(reader, service, "entrypoint"),
            command: said_words(reader, service, "command"),
            port,
            ready: health::ready(reader, said, service, port),
            signal: service::signal(reader, said, service),
            grace_secs: service::grace_secs(reader, said, service),
            env: BTreeMap::new(),
            after: if waits { after.collect() } else { Vec::new() },
            name,
        }
    }

    /// Decides which variables all have, and which one alone.
    fn settle(mut self) -> Composed {
        let mut values: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        let mut of_jobs = BTreeSet::new();
        for part in &self.parts {
            for (name, value) in &part.env {
                values
                    .entry(name.clone())
                    .or_default()
                    .insert(value.clone());
                *counts.entry(name.clone()).or_default() += 1;
                if matches!(part.what, What::Job(_)) {
                    of_jobs.insert(name.clone());
                }
            }
        }
        let alone = self.parts.len() == 1;
        let is_common = |name: &String| {
            values.get(name).is_some_and(|all| all.len() == 1)
                && (alone
                    || counts.get(name).is_some_and(|count| *count > 1)
                    || of_jobs.contains(name))
        };
        for part in &self.parts {
            let common = part.env.iter().filter(|(name, _)| is_common(name));
            self.composed
                .env
                .extend(common.map(|(name, value)| (name.clone(), value.clone())));
        }
        let users: BTreeSet<(u32, u32)> = self.parts.iter().filter_map(|part| part.user).collect();
        self.composed.user = users.first().copied().filter(|_| users.len() == 1);
        for part in self.parts {
            let own = part.env.into_iter().filter(|(name, _)| !is_common(name));
            match part.what {
                What::Role(mut role) => {
                    role.env = own.collect();
                    self.composed.roles.push(role);
                }
                What::Job(job) => self.composed.jobs.push(job),
            }
        }
        self.composed
    }
}

fn job(
    reader: &mut Reader<'_>,
    said: &str,
    name: String,
    service: &Node,
    when: When,
) -> ComposedJob {
    for key in [
        "ports",
        "expose",
        "healthcheck",
        "stop_signal",
        "stop_grace_period",
    ] {
        if let Some(node) = service.get(key) {
            reader.left(
                &node,
                format!("{key} of {said}"),
                "a job runs to its end: nobody asks or stops it",
            );
        }
    }
    // Backing services come first anyway; jobs run one after the other, as in the file.
    waits_for(reader, said, service);
    ComposedJob {
        name,
        entrypoint: said_words(reader, service, "entrypoint"),
        command: said_words(reader, service, "command"),
        when,
    }
}

fn said_words(reader: &mut Reader<'_>, service: &Node, key: &str) -> Option<Vec<String>> {
    service.get(key).and_then(|node| reader.command(&node))
}

/// Whether a service is started only when somebody asks for it, and nobody asks it anything.
fn is_tool(service: &Node) -> bool {
    service.get("profiles").is_some()
        && service.get("ports").is_none()
        && service.get("healthcheck").is_none()
}
