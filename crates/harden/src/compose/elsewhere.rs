//! What other files bring into the services: `extends`, `include`, `env_file`.
//!
//! ```text
//! compose.yaml, other files of the project --bring--> services as they are in the end; files that are not there
//! ```
//! What comes from another file stands where the key stands that names it.

use std::collections::BTreeMap;

use boatyard_plan::detect::GIVEN_LATER;

use super::merge::{entry, mapping, merge, nothing, placed, scalar, with_variables};
use super::reader::{Reader, pairs};
use super::recipe::within;
use super::variable_file;
use crate::yaml::{Entry, Node, read};

/// How far files and services lead to each other.
const DEEPEST: usize = 8;

/// How often files are named in all: two that include each other several times would never end.
const MOST: usize = 200;

/// What was brought together.
#[derive(Default)]
pub(super) struct Brought {
    /// The services with their names, those of the file first.
    pub services: Vec<(Node, Node)>,
    /// Files of the project that are named and were not given.
    pub wanted: Vec<String>,
    /// What could not be brought: where that stands, what, and what to do.
    left: Vec<(Node, String, String)>,
}

impl Brought {
    /// Notes what could not be brought.
    pub(super) fn tell(&mut self, reader: &mut Reader<'_>) {
        for (at, what, help) in self.left.drain(..) {
            reader.left(&at, what, help);
        }
    }
}

/// A Compose file while it is read.
struct Here<'a> {
    file: &'a str,
    root: &'a Node,
    /// Where the first file names it; none: it is the first file.
    at: Option<&'a Node>,
    depth: usize,
}

/// The services of the Compose file `file`, with what the files `beside` it bring.
pub(super) fn bring(file: &str, root: &Node, beside: &BTreeMap<String, String>) -> Brought {
    let mut bringing = Bringing {
        beside,
        first: file,
        brought: Brought::default(),
        opened: 0,
    };
    let here = Here {
        file,
        root,
        at: None,
        depth: 0,
    };
    bringing.brought.services = bringing.services(&here);
    bringing.brought
}

struct Bringing<'a> {
    beside: &'a BTreeMap<String, String>,
    first: &'a str,
    brought: Brought,
    opened: usize,
}

impl Bringing<'_> {
    fn services(&mut self, here: &Here<'_>) -> Vec<(Node, Node)> {
        let said = here.root.get("services");
        let mut services: Vec<(Node, Node)> = Vec::new();
        for (key, service) in said.map(|node| pairs(&node)).unwrap_or_default() {
            let whole = self.whole(here, key.text().unwrap_or_default(), &service);
            let whole = with_variables(whole);
            let key = here.at.map_or_else(|| key.clone(), |at| placed(&key, at));
            services.push((key, whole));
        }
        for one in here.root.list("include") {
            let paths = match (one.text(), one.get("path")) {
                (Some(text), _) => vec![text.to_owned()],
                (None, Some(path)) => texts(&path),
                (None, None) => Vec::new(),
            };
            let at = here.at.unwrap_or(&one);
            for path in paths {
                let Some((file, root)) = self.compose(here, at, "include", &path) else {
                    continue;
                };
                let more = self.services(&Here {
                    file: &file,
                    root: &root,
                    at: Some(at),
                    depth: here.depth + 1,
                });
                for (key, service) in more {
                    if services.iter().all(|(one, _)| one.text() != key.text()) {
                        services.push((key, service));
                    }
                }
            }
        }
        services
    }

    /// The service with what it extends and what its files of variables say.
    fn whole(&mut self, here: &Here<'_>, name: &str, service: &Node) -> Node {
        let own = self.own(here, name, service);
        let Some(extends) = service.get("extends") else {
            return own;
        };
        let at = here.at.unwrap_or(&extends);
        let file = extends.string("file");
        let said = extends.text().map(str::to_owned);
        let base = said
            .or_else(|| extends.string("service"))
            .unwrap_or_default();
        let opened = match file {
            Some(file) => match self.compose(here, at, "extends", &file) {
                Some(opened) => opened,
                None => return own,
            },
            None => (here.file.to_owned(), here.root.clone()),
        };
        let (file, root) = opened;
        let there = Here {
            file: &file,
            root: &root,
            at: Some(at),
            depth: here.depth + 1,
        };
        let found = root.at(&["services", &base]);
        if let Some(found) = found.filter(|_| there.depth <= DEEPEST) {
            return merge(&self.whole(&there, &base, &found), &own);
        }
        let what = format!("extends of {name}: {file} has no service {base}, or it goes round");
        self.leave(at, what, "name a service that is there");
        own
    }

    /// What the service says itself, with paths as they are for the first file.
    fn own(&mut self, here: &Here<'_>, name: &str, service: &Node) -> Node {
        let is_plain = here.at.is_none()
            && service.get("extends").is_none()
            && service.get("env_file").is_none();
        if is_plain {
            return service.clone();
        }
        let mut entries = Vec::new();
        let mut variables = None;
        for (key, value) in pairs(service) {
            match key.text() {
                Some("extends") => {}
                Some("env_file") => variables = Some(self.variables(here, name, &value)),
                Some("build") if here.at.is_some() => {
                    let value = self.moved(here, &value);
                    entries.push(Entry { key, value });
                }
                _ => entries.push(Entry { key, value }),
            }
        }
        let own = mapping(entries, service);
        let own = here.at.map_or_else(|| own.clone(), |at| placed(&own, at));
        match variables {
            Some(variables) => merge(&own, &variables),
            None => own,
        }
    }

    /// A service with nothing but the variables of the files that `env_file` names, in place of their names.
    fn variables(&mut self, here: &Here<'_>, service: &str, env_file: &Node) -> Node {
        let at = here.at.unwrap_or(env_file).clone();
        let mut entries: Vec<Entry> = Vec::new();
        let items = if env_file.is_list() {
            env_file.items()
        } else {
            vec![env_file.clone()]
        };
        for item in items {
            let Some(said) = item
                .text()
                .map(str::to_owned)
                .or_else(|| item.string("path"))
            else {
                continue;
            };
            let name = said.rsplit('/').next().unwrap_or(&said);
            // It is not committed as a rule, and what is in it is not ours to write down.
            let is_local = name == ".env" || name.starts_with(".env.");
            let is_needed = item.get("required").and_then(|node| node.truth()) != Some(false);
            let what = format!("env_file of {service}");
            let Some((_, text)) = self.open(here, (&at, is_needed && !is_local), &what, &said)
            else {
                if is_local {
                    self.leave(&at, format!("env_file {said} of {service}"), GIVEN_LATER);
                }
                continue;
            };
            let all = variable_file::read(&text);
            if is_local {
                let names: Vec<&str> = all.iter().map(|(name, _)| name.as_str()).collect();
                let what = format!("{said} of {service}: {}", names.join(", "));
                self.leave(&at, what, GIVEN_LATER);
                continue;
            }
            for (name, value) in all {
                // Of two files the later one counts.
                entries.retain(|entry| entry.key.text() != Some(&name));
                let value = value.map_or_else(|| nothing(&at), |value| scalar(&value, &at));
                entries.push(entry(scalar(&name, &at), value));
            }
        }
        let variables = entry(scalar("env_file", &at), mapping(entries, &at));
        mapping(vec![variables], &at)
    }

    /// `build` of another file: its folder as the first file names it.
    fn moved(&self, here: &Here<'_>, build: &Node) -> Node {
        let folder = |file: &str| file.rfind('/').map_or("", |at| &file[..at]).to_owned();
        let depth = self.first.matches('/').count();
        let path = |said: &str| format!("{}{}/{said}", "../".repeat(depth), folder(here.file));
        let moved = |said: &str| {
            if said.starts_with(['/', '~'])
                || said.contains("://")
                || folder(here.file).is_empty() && depth == 0
            {
                said.to_owned()
            } else {
                path(said).trim_start_matches('/').to_owned()
            }
        };
        if let Some(text) = build.text() {
            return scalar(&moved(text), build);
        }
        let said = build.string("context").unwrap_or_else(|| ".".to_owned());
        let mut entries: Vec<Entry> = pairs(build)
            .into_iter()
            .filter(|(key, _)| key.text() != Some("context"))
            .map(|(key, value)| entry(key, value))
            .collect();
        entries.push(entry(
            scalar("context", build),
            scalar(&moved(&said), build),
        ));
        mapping(entries, build)
    }

    /// A Compose file that another one names.
    fn compose(
        &mut self,
        here: &Here<'_>,
        at: &Node,
        key: &str,
        said: &str,
    ) -> Option<(String, Node)> {
        self.opened += 1;
        if here.depth >= DEEPEST || self.opened > MOST {
            self.leave(
                at,
                format!("{key}: {said} leads on and on"),
                "write it into one file",
            );
            return None;
        }
        let (file, text) = self.open(here, (at, true), key, said)?;
        let (documents, mistakes) = read(&text);
        let root = documents.into_iter().next().map(|document| document.root);
        let root = root.filter(|root| root.is_mapping() && mistakes.is_empty());
        if root.is_none() {
            let what = format!("{key}: {file} cannot be read");
            self.leave(at, what, "boatyard check tells its mistakes");
        }
        Some((file, root?))
    }

    /// The path of a file that `here` names and its text; what is not there is noted if it `is_needed`.
    fn open(
        &mut self,
        here: &Here<'_>,
        (at, is_needed): (&Node, bool),
        key: &str,
        said: &str,
    ) -> Option<(String, String)> {
        let folder = here.file.rfind('/').map_or("", |at| &here.file[..at]);
        let filled = super::interpolate::fill(said);
        let path = within(folder, &filled.text).filter(|_| filled.unset.is_empty());
        let Some(path) = path else {
            let what = format!("{key}: {said} is not in the project");
            self.leave(
                at,
                what,
                "only files of the project are read: copy it there",
            );
            return None;
        };
        if let Some(text) = self.beside.get(&path) {
            return Some((path, text.clone()));
        }
        if is_needed {
            self.leave(
                at,
                format!("{key}: {said} is not there"),
                "make the file, or remove the key",
            );
        }
        self.brought.wanted.push(path);
        None
    }

    fn leave(&mut self, at: &Node, what: String, help: &str) {
        self.brought.left.push((at.clone(), what, help.to_owned()));
    }
}

fn texts(node: &Node) -> Vec<String> {
    match node.text() {
        Some(text) => vec![text.to_owned()],
        None => node
            .items()
            .iter()
            .filter_map(|item| item.text().map(str::to_owned))
            .collect(),
    }
}
