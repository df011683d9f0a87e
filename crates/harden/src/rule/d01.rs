//! D01: the program is started through a shell that does not pass signals on.

use boatyard_plan::dockerfile::{Command, Instruction, Kind, Stage};

use super::command::{BUILTINS, exec_place, last};
use super::{Fixing, Rule};
use crate::dockerfile::{Dockerfile, json};
use crate::edit::Edit;
use crate::finding::{Finding, Severity};
use crate::report::Report;
use crate::shell::{Script, Simple};
use crate::workspace::{Document, Workspace};

pub(super) const RULE: Rule = Rule {
    id: "D01",
    severity: Severity::Error,
    title: "CMD or ENTRYPOINT in the shell form",
    why: "The shell form starts /bin/sh -c, which is process 1 and does not pass signals on: the application never learns that it is \
          to stop, loses its requests after the grace period and is killed.",
    mend: "write a JSON array, or sh -c with exec where variables are needed",
    fix: Fixing::Safe,
    same_as: "hadolint DL3025, BuildKit JSONArgsRecommended",
    check,
};

fn check(workspace: &Workspace, report: &mut Report) {
    for (document, dockerfile) in workspace.dockerfiles() {
        for (stage, instruction) in dockerfile.instructions() {
            let (Kind::Cmd(Command::Shell(word)) | Kind::Entrypoint(Command::Shell(word))) =
                &instruction.kind
            else {
                continue;
            };
            // `exec` in front hands the process over: signals arrive.
            let scripts = dockerfile.scripts(instruction);
            let handed = scripts
                .first()
                .and_then(|script| last(&script.items))
                .is_some_and(|simple| simple.program() == Some("exec"));
            let keyword = instruction.keyword.text.to_uppercase();
            let message = if handed {
                format!("{keyword} is in the shell form")
            } else {
                format!("{keyword} starts a shell that does not pass signals on")
            };
            let finding = report.add(&RULE, &document.path, word.span.clone(), message);
            match scripts.first() {
                Some(script) => mend(finding, document, dockerfile, (stage, instruction), script),
                None => {
                    finding.refuse("the shell of this image is not one that is read");
                }
            }
            if handed {
                finding.severity = Severity::Info;
            }
        }
    }
}

fn mend(
    finding: &mut Finding,
    document: &Document,
    dockerfile: &Dockerfile,
    (stage, instruction): (&Stage, &Instruction),
    script: &Script,
) {
    let span = finding.span.clone();
    let written = &document.text[span.clone()];
    if written
        .lines()
        .skip(1)
        .any(|line| line.trim_start().starts_with('#'))
    {
        finding.refuse("a comment stands in the command and would be lost");
        return;
    }
    if !script.mistakes.is_empty() {
        finding.refuse("the command cannot be read");
        return;
    }
    let Some(simple) = last(&script.items) else {
        finding.refuse(
            "what runs last is not one command: it cannot be said what exec would hand over to",
        );
        return;
    };
    let custom = dockerfile.shell(stage, instruction);
    let alone = script.items.len() == 1 && script.items[0].rest.is_empty();
    if let Some(words) = plain(simple).filter(|_| alone) {
        let edit = Edit::replace(&document.path, span, json(&words));
        // With the other instruction beside it, the words that reach the program change.
        if other(stage, instruction) {
            finding.suggested([edit]);
        } else {
            finding.safe([edit]);
        }
        return;
    }
    let Some(offset) = (match simple.program() {
        Some("exec") => Some(None),
        _ => exec_place(simple).map(Some),
    }) else {
        finding.refuse("what runs last is a builtin of the shell");
        return;
    };
    let payload = match offset {
        None => one_line(written),
        Some(at) => one_line(&format!(
            "{}exec {}",
            &document.text[span.start..at],
            &document.text[at..span.end]
        )),
    };
    let shell: Vec<String> = custom.map_or_else(
        || vec!["sh".to_owned(), "-c".to_owned()],
        <[String]>::to_vec,
    );
    let words: Vec<String> = shell.into_iter().chain([payload]).collect();
    finding.safe([Edit::replace(&document.path, span, json(&words))]);
}

/// The words of a command that means the same without a shell.
fn plain(simple: &Simple) -> Option<Vec<&str>> {
    if !simple.assignments.is_empty() || !simple.redirects.is_empty() {
        return None;
    }
    let mut words: Vec<&str> = simple
        .words
        .iter()
        .map(|word| word.text.as_deref())
        .collect::<Option<_>>()?;
    if words.first() == Some(&"exec") {
        words.remove(0);
    }
    let special = |word: &&str| word.starts_with('~') || word.contains(['{', '}']);
    let builtin = words.first().is_none_or(|first| BUILTINS.contains(first));
    (!builtin && !words.iter().any(special)).then_some(words)
}

/// Whether the stage has the other of the two instructions.
fn other(stage: &Stage, instruction: &Instruction) -> bool {
    let is_cmd = matches!(instruction.kind, Kind::Cmd(_));
    stage.instructions.iter().any(|one| match one.kind {
        Kind::Entrypoint(_) => is_cmd,
        Kind::Cmd(_) => !is_cmd,
        _ => false,
    })
}

/// Continued lines as one.
fn one_line(text: &str) -> String {
    let mut line = String::new();
    for (index, part) in text.lines().enumerate() {
        let part = part.trim_end();
        let part = part.strip_suffix('\\').unwrap_or(part);
        if index == 0 {
            line.push_str(part);
        } else {
            if !line.ends_with(' ') {
                line.push(' ');
            }
            line.push_str(part.trim_start());
        }
    }
    line
}
