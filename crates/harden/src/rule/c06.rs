//! C06: what a Compose file names elsewhere.

use std::collections::BTreeSet;

use boatyard_plan::document::suggestion;

use super::images::services;
use super::{Fixing, Rule};
use crate::compose::{self, Named, What, named};
use crate::finding::Severity;
use crate::report::Report;
use crate::workspace::{Content, Document, Workspace};
use crate::yaml::Node;

pub(super) const RULE: Rule = Rule {
    id: "C06",
    severity: Severity::Error,
    title: "a file or a service that is named and is not there",
    why: "Compose reads what extends, include, env_file and depends_on name before it does anything, and ends if one is missing or leads back to itself: \
          the project does not start at all. It is noticed by whoever clones it next.",
    mend: "correct the name, or make what it names",
    fix: Fixing::Never,
    same_as: "",
    check,
};

/// How far files lead to each other before that is a circle of its own.
const DEEPEST: usize = 32;
/// What a file of variables that is not committed is shown by.
const EXAMPLES: [&str; 6] = [
    ".example",
    ".sample",
    ".dist",
    ".template",
    ".tmpl",
    ".default",
];

fn check(workspace: &Workspace, report: &mut Report) {
    let known = known(workspace);
    for (document, compose) in workspace.composes() {
        for one in named(&document.path, &compose.root) {
            file(workspace, document, &one, report);
        }
        for (name, service) in services(&compose.root) {
            extends(workspace, document, &name, &service, report);
            if let Some(known) = &known {
                waits(document, &compose.root, &service, known, report);
            }
        }
    }
}

/// The root of the Compose file at one of `places`.
fn there<'w>(workspace: &'w Workspace, places: &[String]) -> Option<(&'w str, &'w Node)> {
    let mut documents = places.iter().filter_map(|path| workspace.document(path));
    documents.find_map(|document| match &document.content {
        Content::Compose(compose) => Some((document.path.as_str(), &compose.root)),
        _ => None,
    })
}

fn file(workspace: &Workspace, document: &Document, one: &Named, report: &mut Report) {
    let path = &document.path;
    let found = one
        .places
        .iter()
        .find(|place| workspace.paths.contains(*place));
    if found.is_some() {
        if one.what == What::Include {
            let mut way = vec![path.as_str()];
            if circles(workspace, path, &one.places, &mut way) {
                let message = format!("include goes in a circle: {}, {path}", way.join(", "));
                report
                    .add(&RULE, path, one.node.span.clone(), message)
                    .help("leave one of them out");
            }
        }
        return;
    }
    let (key, optional) = match one.what {
        What::Include => ("include", false),
        What::Extends => ("extends", false),
        What::Variables { optional } => ("env_file", optional),
    };
    if optional {
        return;
    }
    let name = one.said.rsplit('/').next().unwrap_or(&one.said);
    let beside = |end: &&str| {
        let mut places = one.places.iter();
        places.any(|place| workspace.paths.contains(&format!("{place}{end}")))
    };
    let is_shown = EXAMPLES.iter().any(beside);
    if is_shown && matches!(one.what, What::Variables { .. }) {
        return;
    }
    let message = format!("{key}: {} is not there", one.said);
    let finding = report.add(&RULE, path, one.node.span.clone(), message);
    if matches!(one.what, What::Variables { .. }) && name.starts_with(".env") {
        // Not committed on purpose, as a rule; it may be there tomorrow.
        finding.severity = Severity::Info;
        finding.help(format!(
            "where it is made by hand, commit a {name}.example that shows what belongs into it, or write {{path: {}, required: false}}",
            one.said
        ));
    }
}

/// Whether what lies at `places` includes `first` again. `way` is how one gets there.
fn circles<'w>(
    workspace: &'w Workspace,
    first: &str,
    places: &[String],
    way: &mut Vec<&'w str>,
) -> bool {
    let Some((path, root)) = there(workspace, places) else {
        return false;
    };
    if path == first {
        return true;
    }
    if way.len() > DEEPEST || way.contains(&path) {
        return false;
    }
    way.push(path);
    let more = named(path, root).into_iter();
    let mut more = more.filter(|one| one.what == What::Include);
    if more.any(|one| circles(workspace, first, &one.places, way)) {
        return true;
    }
    way.pop();
    false
}

/// What a service is based on: a file, if it says one, and a service.
fn base(path: &str, service: &Node) -> Option<(Node, Option<Vec<String>>)> {
    let extends = service.get("extends")?;
    let name = match extends.text() {
        Some(_) => extends.clone(),
        None => extends.get("service")?,
    };
    let Some(file) = extends.get("file") else {
        return Some((name, None));
    };
    let named = compose::file(path, &file, What::Extends)?;
    Some((name, Some(named.places)))
}

fn extends(
    workspace: &Workspace,
    document: &Document,
    name: &str,
    service: &Node,
    report: &mut Report,
) {
    let Content::Compose(compose) = &document.content else {
        return;
    };
    let (mut path, mut root) = (document.path.as_str(), &compose.root);
    let mut current = service.clone();
    let mut way = vec![name.to_owned()];
    for depth in 0..DEEPEST {
        let Some((node, places)) = base(path, &current) else {
            return;
        };
        if let Some(places) = places {
            let Some(next) = there(workspace, &places) else {
                return;
            };
            (path, root) = next;
        }
        let wanted = node.text().unwrap_or_default();
        way.push(if path == document.path {
            wanted.to_owned()
        } else {
            format!("{wanted} of {path}")
        });
        if path == document.path && wanted == name {
            let message = format!("extends goes in a circle: {}", way.join(", "));
            let place = base(&document.path, service);
            let span = place.map_or_else(|| service.span.clone(), |(node, _)| node.span);
            report
                .add(&RULE, &document.path, span, message)
                .help("leave one of them out");
            return;
        }
        let all = services(root);
        let Some((_, found)) = all.iter().find(|(one, _)| one == wanted) else {
            // What is further on is told where it stands; of several files one may have it.
            if depth == 0 && !(path == document.path && beside(workspace, document, wanted)) {
                let message = format!("{path} has no service \"{wanted}\"");
                let finding = report.add(&RULE, &document.path, node.span.clone(), message);
                let known = all.iter().map(|(name, _)| name.as_str());
                if let Some(help) = suggestion("services", wanted, known) {
                    finding.help(help);
                }
            }
            return;
        };
        current = found.clone();
    }
}

/// Whether another Compose file of this folder, or of one that it lies in, has the service: files are read one over the other.
fn beside(workspace: &Workspace, document: &Document, name: &str) -> bool {
    let mut others = workspace.composes().filter(|(one, _)| {
        one.path != document.path && document.folder().starts_with(one.folder())
    });
    others.any(|(_, compose)| services(&compose.root).iter().any(|(one, _)| one == name))
}

/// Services that are waited for.
fn waits(
    document: &Document,
    root: &Node,
    service: &Node,
    known: &BTreeSet<String>,
    report: &mut Report,
) {
    let Some(depends) = service.get("depends_on") else {
        return;
    };
    let keys = depends.entries().iter().filter(|entry| {
        let required = entry.value.get("required").and_then(|node| node.truth());
        required != Some(false)
    });
    let keys = keys.map(|entry| entry.key.clone());
    for node in keys.chain(depends.items()) {
        let Some(name) = node.text().filter(|name| *name != "<<") else {
            continue;
        };
        if known.contains(name) {
            continue;
        }
        let message = format!("there is no service \"{name}\" to wait for");
        let finding = report.add(&RULE, &document.path, node.span.clone(), message);
        let own = services(root);
        let known = own.iter().map(|(name, _)| name.as_str());
        if let Some(help) = suggestion("services", name, known) {
            finding.help(help);
        }
    }
}

/// All services of all Compose files, since files are read one over the other, and include each other; `None` if one includes what
/// is not here.
fn known(workspace: &Workspace) -> Option<BTreeSet<String>> {
    let mut known = BTreeSet::new();
    for (document, compose) in workspace.composes() {
        let included = compose.root.list("include").len();
        let all = named(&document.path, &compose.root).into_iter();
        let here =
            all.filter(|one| one.what == What::Include && there(workspace, &one.places).is_some());
        if here.count() < included {
            return None;
        }
        known.extend(services(&compose.root).into_iter().map(|(name, _)| name));
    }
    Some(known)
}
