//! D04: no init where several processes may run.

use super::command::all;
use super::{Fixing, Rule};
use crate::dockerfile::{Dockerfile, arguments, exec, json};
use crate::edit::Edit;
use crate::finding::Severity;
use crate::report::Report;
use crate::workspace::Workspace;

pub(super) const RULE: Rule = Rule {
    id: "D04",
    severity: Severity::Warning,
    title: "several processes and no init",
    why: "Process 1 has to collect the processes whose parents are gone, and signals that it does not handle are dropped instead of ending it. \
          Programs that start others are rarely written for that: zombies pile up, and the container does not stop before it is killed.",
    mend: "start it by an init: boatyard-init, tini, dumb-init; or run with docker run --init, init: true in Compose",
    fix: Fixing::Safe,
    same_as: "",
    check,
};

/// Programs that start others and are not written to be process 1.
const FORKING: [&str; 9] = [
    "celery",
    "npm",
    "yarn",
    "pnpm",
    "supervisord",
    "honcho",
    "foreman",
    "uwsgi",
    "npx",
];

/// Programs that are made to be process 1.
const INITS: [&str; 3] = ["tini", "dumb-init", "catatonit"];

fn check(workspace: &Workspace, report: &mut Report) {
    for (document, dockerfile) in workspace.dockerfiles() {
        let program = dockerfile.program(&document.text);
        let name = program.name();
        // Whoever starts a script has to know what is in it: S06 looks there.
        if program.has_init() || !FORKING.contains(&name.as_str()) {
            continue;
        }
        let by_compose = workspace.composes().any(|(_, compose)| {
            let services = compose.root.get("services");
            let services = services
                .iter()
                .flat_map(|services| services.entries().to_vec());
            services
                .map(|entry| entry.value)
                .any(|service| service.get("init").and_then(|init| init.truth()) == Some(true))
        });
        let start = dockerfile.start();
        let Some(instruction) = start.entrypoint.or(start.cmd).filter(|_| !by_compose) else {
            continue;
        };
        let span = instruction.span.clone();
        let finding = report.add(
            &RULE,
            &document.path,
            span,
            format!("{name} starts processes, and nothing collects them"),
        );
        let words = exec(&arguments(&document.text, instruction, dockerfile.escape()));
        match (
            installed(dockerfile),
            words.as_ref().and_then(|words| words.first()),
        ) {
            (Some(init), Some((first, place))) => {
                let both = json(&[init, "--", first.as_str()]);
                let inner = both[1..both.len() - 1].to_owned();
                if start.entrypoint.is_some() {
                    finding.safe([Edit::replace(&document.path, place.clone(), inner)]);
                } else {
                    // The base image may have an ENTRYPOINT that this one would replace.
                    let entrypoint = format!("ENTRYPOINT {}\n", json(&[init, "--"]));
                    let at = crate::place::line_start(&document.text, instruction.span.start);
                    finding.suggested([Edit::insert(&document.path, at, entrypoint)]);
                }
            }
            (None, _) => {
                finding.refuse("no init is installed in the image");
            }
            (_, None) => {
                finding.refuse("the command is not a JSON array");
            }
        }
    }
}

/// An init that the image has installed.
fn installed(dockerfile: &Dockerfile) -> Option<&'static str> {
    let kept = dockerfile
        .runs()
        .filter(|(stage, ..)| dockerfile.is_kept(stage));
    kept.flat_map(|(_, _, script)| all(script))
        .filter(|simple| simple.has("install") || simple.has("add"))
        .flat_map(|simple| &simple.words)
        .find_map(|word| {
            INITS
                .into_iter()
                .find(|init| word.raw.split('=').next() == Some(*init))
        })
}
