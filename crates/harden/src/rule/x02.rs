//! X02: the time that a program takes to stop, and the time that it is given.

use super::images::{built, graceful_secs, line, of_container, services};
use super::manifest::{called, offer, set_path};
use super::{Fixing, Rule};
use crate::finding::Severity;
use crate::kubernetes::{duration_secs, workloads};
use crate::report::Report;
use crate::workspace::Workspace;
use crate::yaml::{Fresh, Node};

pub(super) const RULE: Rule = Rule {
    id: "X02",
    severity: Severity::Error,
    title: "the program is given less time to stop than it takes",
    why: "The program may finish its requests for as long as it was told, but whoever stops the container kills it before: Kubernetes after \
          terminationGracePeriodSeconds (30 where it is not said, less what preStop takes), Compose after stop_grace_period (10 seconds).",
    mend: "give the container more time than the program, or the program less than the container",
    fix: Fixing::Safe,
    same_as: "",
    check,
};

/// What a container needs on top of its program.
const MARGIN: i64 = 5;
/// What Compose gives where nothing is said.
const COMPOSE_SECS: i64 = 10;

fn check(workspace: &Workspace, report: &mut Report) {
    for workload in &workloads(workspace) {
        for container in workload
            .containers
            .iter()
            .filter(|container| !container.init)
        {
            let made = of_container(workspace, container);
            let Some(needs) = graceful_secs(&line(workspace, &container.words(), made)) else {
                continue;
            };
            let before = container.pre_stop_secs().unwrap_or(0);
            if needs + before < workload.grace() {
                continue;
            }
            let span = workload.grace_place(container);
            let message = format!(
                "{} takes {needs} s to stop{}, and is killed after {} s",
                called(container),
                if before > 0 {
                    format!(" after {before} s of preStop")
                } else {
                    String::new()
                },
                workload.grace()
            );
            let finding = report.add(&RULE, workload.file(), span, message);
            let value = Fresh::plain(needs + before + MARGIN);
            finding.help(format!(
                "set terminationGracePeriodSeconds: {}",
                value.flow()
            ));
            let edit = set_path(
                workload.file(),
                workload.text(),
                &workload.pod,
                &["terminationGracePeriodSeconds"],
                &value,
            );
            offer(finding, edit, true);
        }
    }
    for (document, compose) in workspace.composes() {
        for (name, service) in services(&compose.root) {
            let Some(needs) = graceful_secs(&line(
                workspace,
                &words(&service),
                built(workspace, document, &service),
            )) else {
                continue;
            };
            let said = service.get("stop_grace_period");
            let given = said
                .as_ref()
                .and_then(|node| duration_secs(node.text()?))
                .unwrap_or(COMPOSE_SECS);
            if needs < given {
                continue;
            }
            let span = said.map_or(service.span.start..service.span.start, |node| node.span);
            let finding = report.add(
                &RULE,
                &document.path,
                span,
                format!("{name} takes {needs} s to stop, and is killed after {given} s"),
            );
            let value = Fresh::plain(format!("{}s", needs + MARGIN));
            finding.help(format!("set stop_grace_period: {}", value.flow()));
            let edit = set_path(
                &document.path,
                &document.text,
                &service,
                &["stop_grace_period"],
                &value,
            );
            offer(finding, edit, true);
        }
    }
}

/// What a service of a Compose file runs, where it says so.
pub(super) fn words(service: &Node) -> Vec<String> {
    ["entrypoint", "command"]
        .iter()
        .filter_map(|key| service.get(key))
        .flat_map(|node| {
            let said = node.text().map(str::to_owned);
            let items: Vec<String> = node
                .items()
                .iter()
                .filter_map(|item| item.text().map(str::to_owned))
                .collect();
            said.into_iter().chain(items).collect::<Vec<_>>()
        })
        .filter(|word| !word.is_empty())
        .collect()
}
