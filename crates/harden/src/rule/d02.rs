//! D02: a shell in the exec form that stays between process 1 and the program.

use boatyard_plan::dockerfile::{Command, Kind};

use super::command::{exec_place, last};
use super::images::services;
use super::{Fixing, Rule};
use crate::dockerfile::{arguments, exec};
use crate::edit::Edit;
use crate::finding::Severity;
use crate::kubernetes::workloads;
use crate::report::Report;
use crate::shell::{self, Joined};
use crate::workspace::Workspace;
use crate::yaml::{Node, written};

pub(super) const RULE: Rule = Rule {
    id: "D02",
    severity: Severity::Error,
    title: "sh -c without exec before the program",
    why: "The shell stays as process 1 and does not pass signals on. Some shells leave that out for a single command; whether yours does \
          depends on its version, and none does after && or a variable assignment.",
    mend: "put exec before the last command",
    fix: Fixing::Safe,
    same_as: "",
    check,
};

fn check(workspace: &Workspace, report: &mut Report) {
    dockerfiles(workspace, report);
    for workload in workloads(workspace)
        .iter()
        .filter(|workload| !workload.ends())
    {
        for container in workload
            .containers
            .iter()
            .filter(|container| !container.init)
        {
            let mut nodes = container.node.list("command");
            nodes.extend(container.node.list("args"));
            words(workload.file(), workload.text(), &nodes, report);
        }
    }
    for (document, compose) in workspace.composes() {
        for (_, service) in services(&compose.root) {
            let mut nodes = service.list("entrypoint");
            nodes.extend(service.list("command"));
            words(&document.path, &document.text, &nodes, report);
        }
    }
}

/// The words that a container or a service runs.
fn words(file: &str, text: &str, nodes: &[Node], report: &mut Report) {
    let said: Vec<&str> = nodes
        .iter()
        .map(|node| node.text().unwrap_or_default())
        .collect();
    let Some(node) = payload(&said).map(|at| &nodes[at]) else {
        return;
    };
    let said = node.text().unwrap_or_default();
    let script = shell::parse(&Joined::plain(said, 0..said.len()));
    let Some(place) = last(&script.items).and_then(exec_place) else {
        return;
    };
    let message = format!(
        "the shell stays between process 1 and \"{}\"",
        word_at(said, place)
    );
    let finding = report.add(&RULE, file, node.span.clone(), message);
    match written(text, node).filter(|_| script.mistakes.is_empty()) {
        Some(written) => {
            finding.safe([Edit::insert(file, written.origin(place), "exec ")]);
        }
        None => {
            finding.refuse("the script is folded, or written with escapes or behind an alias");
        }
    }
}

fn dockerfiles(workspace: &Workspace, report: &mut Report) {
    for (document, dockerfile) in workspace.dockerfiles() {
        for (_, instruction) in dockerfile.instructions() {
            let (Kind::Cmd(Command::Exec(_)) | Kind::Entrypoint(Command::Exec(_))) =
                &instruction.kind
            else {
                continue;
            };
            let words = exec(&arguments(&document.text, instruction, dockerfile.escape()))
                .unwrap_or_default();
            let Some(at) = payload(
                &words
                    .iter()
                    .map(|(word, _)| word.as_str())
                    .collect::<Vec<_>>(),
            ) else {
                continue;
            };
            let (said, span) = &words[at];
            let script = shell::parse(&Joined::plain(said, 0..said.len()));
            let Some(place) = last(&script.items).and_then(exec_place) else {
                continue;
            };
            let finding = report.add(
                &RULE,
                &document.path,
                span.clone(),
                format!(
                    "the shell stays between process 1 and \"{}\"",
                    word_at(said, place)
                ),
            );
            let mended = format!("{}exec {}", &said[..place], &said[place..]);
            if script.mistakes.is_empty() {
                let json = serde_json::Value::from(mended).to_string();
                finding.safe([Edit::replace(&document.path, span.clone(), json)]);
            } else {
                finding.refuse("the script cannot be read");
            }
        }
    }
}

/// The index of the script that a shell among `words` is given.
pub(super) fn payload(words: &[&str]) -> Option<usize> {
    let is_shell = |word: &&str| {
        matches!(
            word.rsplit('/').next(),
            Some("sh" | "bash" | "dash" | "ash")
        )
    };
    let shell = words.iter().position(is_shell)?;
    let mut at = shell + 1;
    while let Some(word) = words.get(at) {
        if !word.starts_with(['-', '+']) {
            return None;
        }
        if !word.starts_with("--") && word.ends_with('c') {
            return (at + 1 < words.len()).then_some(at + 1);
        }
        at += if *word == "-o" { 2 } else { 1 };
    }
    None
}

fn word_at(text: &str, at: usize) -> &str {
    let rest = &text[at..];
    rest.split([' ', '\t', '\n']).next().unwrap_or(rest)
}
