//! D14: owners or modes are changed in a layer of their own.

use boatyard_plan::dockerfile::{Instruction, Kind, Stage, Word};

use super::command::all;
use super::{Fixing, Rule};
use crate::edit::Edit;
use crate::finding::Severity;
use crate::place::{line_start, next_line};
use crate::report::Report;
use crate::shell::{Script, Simple};
use crate::workspace::Workspace;

pub(super) const RULE: Rule = Rule {
    id: "D14",
    severity: Severity::Warning,
    title: "chown -R or chmod -R after COPY doubles the files",
    why: "A layer holds whole files: one whose owner or mode changes is stored a second time, and downloaded a second time by everyone.",
    mend: "say it where the files come from: COPY --chown=USER:GROUP, COPY --chmod=MODE",
    fix: Fixing::Suggested,
    same_as: "",
    check,
};

fn check(workspace: &Workspace, report: &mut Report) {
    for (document, dockerfile) in workspace.dockerfiles() {
        for (stage, instruction, script) in dockerfile.runs() {
            if !dockerfile.is_kept(stage) {
                continue;
            }
            for simple in all(script) {
                let Some(change) = Change::of(simple) else {
                    continue;
                };
                let copies = copies(stage, instruction, &change.path);
                if copies.is_empty() {
                    continue;
                }
                let finding = report.add(
                    &RULE,
                    &document.path,
                    simple.span.clone(),
                    format!("{} stores {} a second time", change.program, change.path),
                );
                finding.help(format!("write COPY --{}={}", change.program, change.to));
                let flags = |copy: &&Instruction| {
                    !copy.flags.iter().any(|flag| flag.name == change.program)
                };
                if !alone(script) || !instruction.flags.is_empty() {
                    finding.refuse("the RUN does other things, too");
                } else if !copies.iter().all(flags) {
                    finding.refuse("a COPY says something else already");
                } else {
                    let mut edits: Vec<Edit> = copies
                        .iter()
                        .map(|copy| {
                            Edit::insert(
                                &document.path,
                                copy.keyword.span.end,
                                format!(" --{}={}", change.program, change.to),
                            )
                        })
                        .collect();
                    let lines = line_start(&document.text, instruction.span.start)
                        ..next_line(&document.text, instruction.span.end);
                    edits.push(Edit::remove(&document.path, lines));
                    finding.suggested(edits);
                }
            }
        }
    }
}

/// `chown -R USER PATH`
struct Change {
    program: &'static str,
    to: String,
    path: String,
}

impl Change {
    fn of(simple: &Simple) -> Option<Self> {
        let program = ["chown", "chmod"]
            .into_iter()
            .find(|name| simple.program() == Some(*name))?;
        if !simple.flag('R', "recursive") {
            return None;
        }
        let words: Vec<&str> = simple
            .words
            .iter()
            .skip(1)
            .map(|word| word.raw.as_str())
            .filter(|word| !word.starts_with('-'))
            .collect();
        let [to, path] = words[..] else { return None };
        // COPY --chmod takes numbers.
        let known = program == "chown" || to.bytes().all(|byte| byte.is_ascii_digit());
        (known && !to.contains('`') && path.starts_with('/')).then(|| Self {
            program,
            to: to.trim_matches(['"', '\'']).to_owned(),
            path: path.trim_end_matches('/').to_owned(),
        })
    }
}

/// The copies before `run` that bring files to `path` or below.
fn copies<'s>(stage: &'s Stage, run: &Instruction, path: &str) -> Vec<&'s Instruction> {
    let mut folder = String::from("/");
    let mut found = Vec::new();
    for instruction in &stage.instructions {
        if instruction.span.start >= run.span.start {
            break;
        }
        match &instruction.kind {
            Kind::Workdir(Word { text, .. }) => folder.clone_from(text),
            Kind::Copy(words) => {
                let to = words.last().map_or("", |word| word.text.as_str());
                let to = match to.strip_prefix("./").or_else(|| (to == ".").then_some("")) {
                    Some(rest) => format!("{folder}/{rest}"),
                    None if to.starts_with('/') => to.to_owned(),
                    None => format!("{folder}/{to}"),
                };
                let to = to.trim_end_matches('/');
                if to == path || to.starts_with(&format!("{path}/")) {
                    found.push(instruction);
                }
            }
            _ => {}
        }
    }
    found
}

/// Whether the script is one command.
fn alone(script: &Script) -> bool {
    let [item] = &script.items[..] else {
        return false;
    };
    item.rest.is_empty() && item.first.commands.len() == 1
}
