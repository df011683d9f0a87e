//! S01: a start script stays between process 1 and the program.

use std::ops::Range;

use super::command::BUILTINS;
use super::starting::{is_long_running, is_start_script};
use super::{Fixing, Rule};
use crate::edit::Edit;
use crate::finding::Severity;
use crate::report::Report;
use crate::shell::{Command, Item, List, Script, Simple, simples};
use crate::workspace::Workspace;

pub(super) const RULE: Rule = Rule {
    id: "S01",
    severity: Severity::Error,
    title: "the program of a start script is run without exec",
    why: "The shell stays as its parent. It does not pass signals on: the program never learns that it is to stop and is killed with what it \
          was doing. In a script with several roles each branch needs its own exec.",
    mend: "write exec before the program, in every branch",
    fix: Fixing::Safe,
    same_as: "",
    check,
};

fn check(workspace: &Workspace, report: &mut Report) {
    for (document, script) in workspace.scripts() {
        if !is_start_script(workspace, document) {
            continue;
        }
        let functions = functions(script);
        let traps = super::command::all(script)
            .iter()
            .any(|simple| simple.program() == Some("trap"));
        for (simple, after) in ends(&script.items) {
            let Some(name) = simple.program() else {
                if simple
                    .words
                    .first()
                    .is_some_and(|word| word.raw == "\"$@\"" || word.raw == "$@")
                {
                    told(report, &document.path, simple, "what was asked for");
                }
                continue;
            };
            if BUILTINS.contains(&name) || functions.contains(&name) || !is_long_running(simple) {
                continue;
            }
            // A script that waits and forwards by itself does not hand over.
            if traps || after {
                continue;
            }
            told(report, &document.path, simple, name);
        }
    }
}

fn told(report: &mut Report, path: &str, simple: &Simple, name: &str) {
    let at: Range<usize> = simple.words[0].span.clone();
    report
        .add(
            &RULE,
            path,
            simple.span.clone(),
            format!("the shell stays between process 1 and {name}"),
        )
        .safe([Edit::insert(path, at.start, "exec ")]);
}

fn functions(script: &Script) -> Vec<&str> {
    fn collect<'s>(list: &'s List, found: &mut Vec<&'s str>) {
        for item in list {
            for command in &item.first.commands {
                if let Command::Function { name, .. } = command {
                    found.push(name);
                }
            }
        }
    }
    let mut found = Vec::new();
    collect(&script.items, &mut found);
    // Those in branches are rare; a call of one is known by having no folder and no flags, which cannot be told from a program.
    simples(&script.items, &mut |_, _| {});
    found
}

/// The commands that a list ends with, in every branch; and whether something comes after it.
pub(super) fn ends(list: &List) -> Vec<(&Simple, bool)> {
    let Some(Item {
        first,
        rest,
        background: None,
        ..
    }) = list.last()
    else {
        return Vec::new();
    };
    let pipeline = rest.last().map_or(first, |next| &next.pipeline);
    let [command] = &pipeline.commands[..] else {
        return Vec::new();
    };
    if pipeline.negated {
        return Vec::new();
    }
    match command {
        Command::Simple(simple) => vec![(simple, false)],
        Command::If {
            branches,
            otherwise,
            ..
        } => branches
            .iter()
            .map(|(_, body)| body)
            .chain(otherwise)
            .flat_map(ends)
            .collect(),
        Command::Case { arms, .. } => arms.iter().flat_map(|arm| ends(&arm.body)).collect(),
        Command::Group(list, _) => ends(list),
        _ => Vec::new(),
    }
}
