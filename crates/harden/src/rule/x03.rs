//! X03: one port everywhere.

use super::images::{Made, bound, built, of_container, services};
use super::manifest::called;
use super::x02::words;
use super::{Fixing, Rule};
use crate::edit::Edit;
use crate::finding::Severity;
use crate::kubernetes::{Container, literal_env, workloads};
use crate::report::Report;
use crate::workspace::Workspace;
use crate::yaml::Node;

pub(super) const RULE: Rule = Rule {
    id: "X03",
    severity: Severity::Error,
    title: "the port of the image is not the one of its manifests",
    why: "The program listens on one port and is asked on another: probes fail and the pod is restarted for ever, or the Service answers nobody. Each \
          file is right for itself, so that no other check sees it.",
    mend: "write one port everywhere: EXPOSE, PORT, the program's own flag, containerPort, probes, ports of Compose",
    fix: Fixing::Suggested,
    same_as: "",
    check,
};

fn check(workspace: &Workspace, report: &mut Report) {
    manifests(workspace, report);
    composes(workspace, report);
}

fn manifests(workspace: &Workspace, report: &mut Report) {
    for workload in &workloads(workspace) {
        for container in workload
            .containers
            .iter()
            .filter(|container| !container.init)
        {
            let Some(made) = of_container(workspace, container) else {
                continue;
            };
            let Some(port) = listens(made, &container.words(), |name| env(container, name)) else {
                continue;
            };
            let ports = container.ports();
            // Several ports are several things: which is which cannot be told.
            if let [(number, _, node)] = &ports[..]
                && *number != port
                && !made.1.ports().contains(number)
            {
                told(
                    report,
                    workload.file(),
                    node,
                    &format!(
                        "{} listens on {port} ({}), and not on {number}",
                        called(container),
                        made.0.path
                    ),
                    port,
                );
            }
            for probe in ["readinessProbe", "livenessProbe", "startupProbe"] {
                let asked = ["httpGet", "tcpSocket"]
                    .iter()
                    .find_map(|how| container.node.at(&[probe, how, "port"]));
                let Some(node) = asked else { continue };
                let named = ports
                    .iter()
                    .any(|(_, name, _)| name.is_some() && name.as_deref() == node.text());
                if let Some(number) = node.number().filter(|number| *number != port && !named)
                    && !made.1.ports().contains(&number)
                    && !ports
                        .iter()
                        .any(|(one, ..)| *one == number && ports.len() > 1)
                {
                    told(
                        report,
                        workload.file(),
                        &node,
                        &format!(
                            "{probe} asks port {number}, and {} listens on {port}",
                            made.0.path
                        ),
                        port,
                    );
                }
            }
        }
    }
}

fn composes(workspace: &Workspace, report: &mut Report) {
    for (document, compose) in workspace.composes() {
        for (name, service) in services(&compose.root) {
            let Some(made) = built(workspace, document, &service) else {
                continue;
            };
            let variable = |wanted: &str| service_env(&service, wanted);
            let Some(port) = listens(made, &words(&service), variable) else {
                continue;
            };
            let list = service.list("ports");
            let [mapping] = &list[..] else { continue };
            let (node, inner) = match mapping.get("target") {
                Some(target) => (target.clone(), target.number()),
                None => (
                    mapping.clone(),
                    mapping
                        .text()
                        .and_then(|text| text.rsplit(':').next()?.split('/').next()?.parse().ok()),
                ),
            };
            if let Some(inner) =
                inner.filter(|inner| *inner != port && !made.1.ports().contains(inner))
            {
                let finding = report.add(
                    &RULE,
                    &document.path,
                    node.span.clone(),
                    format!(
                        "{name} listens on {port} ({}), and not on {inner}",
                        made.0.path
                    ),
                );
                let written = &document.text[node.span.clone()];
                if let Some(at) = written.rfind(&inner.to_string()).filter(|_| !node.aliased) {
                    let start = node.span.start + at;
                    finding.suggested([Edit::replace(
                        &document.path,
                        start..start + inner.to_string().len(),
                        port.to_string(),
                    )]);
                }
            }
        }
    }
}

fn told(report: &mut Report, file: &str, node: &Node, message: &str, port: i64) {
    let finding = report.add(&RULE, file, node.span.clone(), message);
    finding.help(format!(
        "write {port} here, or {} there",
        node.text().unwrap_or_default()
    ));
    if node.aliased {
        finding.refuse(super::manifest::SHARED);
    } else {
        finding.suggested([Edit::replace(file, node.span.clone(), port.to_string())]);
    }
}

/// The port that a container of an image listens on: its own words, its own PORT, or what the image says.
pub(super) fn listens(
    made: Made<'_>,
    own: &[String],
    variable: impl Fn(&str) -> Option<String>,
) -> Option<i64> {
    if let Some(port) = bound(&own.join(" ")) {
        return Some(port);
    }
    if !own.is_empty() {
        // What it runs is its own: the image's port says nothing.
        return None;
    }
    let (document, dockerfile) = made;
    let line = dockerfile.program(&document.text).bare().join(" ");
    bound(&line)
        .or_else(|| variable("PORT")?.parse().ok())
        .or_else(|| dockerfile.port(&document.text))
}

fn env(container: &Container, name: &str) -> Option<String> {
    literal_env(&container.node)
        .into_iter()
        .find(|(one, ..)| one == name)
        .and_then(|(_, value, _)| value?.text().map(str::to_owned))
}

/// A variable of a service, in either of the two forms.
pub(super) fn service_env(service: &Node, name: &str) -> Option<String> {
    let environment = service.get("environment")?;
    if let Some(value) = environment.get(name) {
        return value.text().map(str::to_owned);
    }
    environment.items().iter().find_map(|item| {
        item.text()?
            .strip_prefix(name)?
            .strip_prefix('=')
            .map(str::to_owned)
    })
}
