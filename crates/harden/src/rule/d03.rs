//! D03: a login shell resets PATH.

use boatyard_plan::dockerfile::{Command, Instruction, Kind};

use super::{Fixing, Rule};
use crate::dockerfile::{Dockerfile, arguments, exec, json};
use crate::edit::Edit;
use crate::finding::Severity;
use crate::report::Report;
use crate::workspace::{Document, Workspace};

pub(super) const RULE: Rule = Rule {
    id: "D03",
    severity: Severity::Warning,
    title: "a login shell resets PATH",
    why: "A login shell reads /etc/profile, which sets PATH anew: the virtual environment that ENV PATH put in front is gone, and another \
          python runs than the one that has the packages.",
    mend: "leave out -l: sh -c, bash -c",
    fix: Fixing::Safe,
    same_as: "",
    check,
};

/// Tools that are set up by a profile, so that a login shell is meant.
const PROFILES: [&str; 7] = [
    "conda", "nvm", "rvm", "rbenv", "sdkman", "profile", "bashrc",
];

fn check(workspace: &Workspace, report: &mut Report) {
    for (document, dockerfile) in workspace.dockerfiles() {
        if PROFILES.iter().any(|word| document.text.contains(word)) {
            continue;
        }
        for (_, instruction) in dockerfile.instructions() {
            match &instruction.kind {
                Kind::Cmd(Command::Exec(_))
                | Kind::Entrypoint(Command::Exec(_))
                | Kind::Run(Command::Exec(_))
                | Kind::Shell(_) => {
                    array(document, dockerfile, instruction, report);
                }
                Kind::Run(Command::Shell(_)) => script(document, dockerfile, instruction, report),
                _ => {}
            }
        }
    }
}

fn array(
    document: &Document,
    dockerfile: &Dockerfile,
    instruction: &Instruction,
    report: &mut Report,
) {
    let joined = arguments(&document.text, instruction, dockerfile.escape());
    let words = exec(&joined).unwrap_or_default();
    let Some(shell) = words.iter().position(|(word, _)| is_shell(word)) else {
        return;
    };
    let flags = words[shell + 1..]
        .iter()
        .take_while(|(word, _)| word.starts_with('-'));
    for (index, (word, span)) in flags.enumerate() {
        let Some(left) = without_login(word) else {
            continue;
        };
        let finding = report.add(
            &RULE,
            &document.path,
            span.clone(),
            format!("{} {word} is a login shell", words[shell].0),
        );
        if left == "-" {
            let rest: Vec<&str> = words
                .iter()
                .enumerate()
                .filter(|(at, _)| *at != shell + 1 + index)
                .map(|(_, (word, _))| word.as_str())
                .collect();
            let whole = joined.span(0..joined.text.len());
            if document.text[whole.clone()].contains('\n') {
                finding.refuse("the array is written on several lines");
            } else {
                finding.safe([Edit::replace(&document.path, whole, json(&rest))]);
            }
        } else {
            finding.safe([Edit::replace(
                &document.path,
                span.clone(),
                format!("\"{left}\""),
            )]);
        }
    }
}

fn script(
    document: &Document,
    dockerfile: &Dockerfile,
    instruction: &Instruction,
    report: &mut Report,
) {
    for simple in dockerfile
        .scripts(instruction)
        .iter()
        .flat_map(super::command::all)
    {
        if !simple.program().is_some_and(is_shell) {
            continue;
        }
        for word in simple
            .words
            .iter()
            .skip(1)
            .take_while(|word| word.raw.starts_with('-'))
        {
            let Some(left) = without_login(&word.raw) else {
                continue;
            };
            let finding = report.add(
                &RULE,
                &document.path,
                word.span.clone(),
                format!("{} {} is a login shell", simple.words[0].raw, word.raw),
            );
            let left = if left == "-" { String::new() } else { left };
            let start = if left.is_empty() {
                word.span.start - 1
            } else {
                word.span.start
            };
            if document.text[start..word.span.end].trim() == word.raw {
                finding.safe([Edit::replace(&document.path, start..word.span.end, left)]);
            }
        }
    }
}

fn is_shell(word: &str) -> bool {
    matches!(
        word.rsplit('/').next(),
        Some("sh" | "bash" | "ash" | "dash" | "ksh")
    )
}

/// The flags without the one for a login shell; `-` if nothing is left, `None` if there was none.
fn without_login(word: &str) -> Option<String> {
    if word == "--login" {
        return Some("-".to_owned());
    }
    if word.starts_with("--") || !word.contains('l') {
        return None;
    }
    Some(word.replacen('l', "", 1))
}
