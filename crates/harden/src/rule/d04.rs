//! D04: no init where several processes may run.

use std::ops::Range;

use super::command::all;
use super::{Fixing, Rule};
use crate::dockerfile::{Dockerfile, Program, arguments, exec, json};
use crate::edit::Edit;
use crate::finding::Severity;
use crate::report::Report;
use crate::workspace::Workspace;

pub(super) const RULE: Rule = Rule {
    id: "D04",
    severity: Severity::Warning,
    title: "several processes and no init, or one that ends them all at once",
    why: "Process 1 has to collect the processes whose parents are gone, and signals that it does not handle are dropped instead of ending it. \
          Programs that start others are rarely written for that: zombies pile up, and the container does not stop before it is killed. \
          An init that signals the whole group (tini -g, dumb-init) ends the pool of a Celery worker with the tasks in it; the main process alone would finish them.",
    mend: "start it by an init: boatyard-init, tini, dumb-init; or run with docker run --init, init: true in Compose; before a Celery worker without -g, dumb-init with -c",
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
        if let Some(place) = group(&program) {
            let finding = report.add(
                &RULE,
                &document.path,
                place.span,
                "every stop loses the tasks that run: each process of the pool gets the signal",
            );
            finding.help(place.help);
            finding.safe([Edit::replace(&document.path, place.edited, place.said)]);
            continue;
        }
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

/// An init that signals the whole group of a Celery worker.
struct Group {
    span: Range<usize>,
    help: &'static str,
    edited: Range<usize>,
    said: &'static str,
}

/// Where the init of a Celery worker is told to signal its group, as `tini -g` is and dumb-init is not told otherwise.
fn group(program: &Program) -> Option<Group> {
    let is_worker =
        program.name() == "celery" && program.bare().iter().any(|word| word == "worker");
    // Behind a shell that stays nothing but the group gets signals: D02 comes first.
    let mut scripts = program.words.iter().filter(|(word, _)| word.contains(' '));
    let is_worker = is_worker && scripts.all(|(script, _)| script.contains("exec "));
    let (first, _) = program.words.first().filter(|_| is_worker)?;
    let is_flag = |word: &str| word.starts_with('-');
    let flags = program.words[1..]
        .iter()
        .take_while(|(word, _)| is_flag(word) && word != "--");
    let place = |at: usize| program.words.get(at).and_then(|(_, span)| span.clone());
    match first.rsplit('/').next().unwrap_or(first) {
        "tini" | "tini-static" => {
            let at = 1 + flags.into_iter().position(|(word, _)| word == "-g")?;
            let (span, next) = (place(at)?, place(at + 1)?);
            Some(Group {
                edited: span.start..next.start,
                span,
                help: "leave -g out",
                said: "",
            })
        }
        "dumb-init" => {
            let alone = |word: &str| matches!(word, "-c" | "--single-child");
            if flags.into_iter().any(|(word, _)| alone(word)) {
                return None;
            }
            let (span, next) = (place(0)?, place(1)?);
            Some(Group {
                edited: next.start..next.start,
                span,
                help: "write -c",
                said: "\"-c\", ",
            })
        }
        _ => None,
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
