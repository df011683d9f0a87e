//! D21: a pipe hides that its beginning failed.

use boatyard_plan::dockerfile::{Instruction, Stage};

use super::{Fixing, Rule};
use crate::dockerfile::{Dockerfile, Family};
use crate::edit::Edit;
use crate::finding::Severity;
use crate::place::line_start;
use crate::report::Report;
use crate::shell::{Command, List, Pipeline, Script, Simple};
use crate::workspace::Workspace;

pub(super) const RULE: Rule = Rule {
    id: "D21",
    severity: Severity::Warning,
    title: "a pipe in RUN hides failures",
    why: "A pipe ends as its last command does: a download that broke off in the middle builds an image that is broken, and the layer is kept in \
          the cache.",
    mend: "write SHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"] before it, or set -o pipefail && where the shell knows that",
    fix: Fixing::Safe,
    same_as: "hadolint DL4006",
    check,
};

fn check(workspace: &Workspace, report: &mut Report) {
    for (document, dockerfile) in workspace.dockerfiles() {
        for stage in &dockerfile.file.stages {
            let mut told = false;
            for instruction in &stage.instructions {
                if dockerfile
                    .shell(stage, instruction)
                    .is_some_and(|words| words.iter().any(|word| word.contains("pipefail")))
                {
                    continue;
                }
                if !matches!(instruction.kind, boatyard_plan::dockerfile::Kind::Run(_)) {
                    continue;
                }
                for script in dockerfile.scripts(instruction) {
                    let Some(pipe) = risky(script).filter(|_| !sets(script)) else {
                        continue;
                    };
                    let finding = report.add(
                        &RULE,
                        &document.path,
                        pipe.span.clone(),
                        "the pipe ends well also if its beginning fails",
                    );
                    match edit(
                        &document.path,
                        &document.text,
                        dockerfile,
                        stage,
                        instruction,
                        script,
                    ) {
                        // One SHELL mends all that come after it.
                        Some(_) if told => {}
                        Some(edit) => {
                            if breaks_off(script) {
                                finding.refuse("a command of the pipe stops reading early: with pipefail that would be a failure");
                            } else {
                                told |= edit.text.starts_with("SHELL");
                                finding.safe([edit]);
                            }
                        }
                        None => {
                            finding.refuse(
                                "it is not known whether the image has a shell that knows pipefail",
                            );
                        }
                    }
                }
            }
        }
    }
}

fn edit(
    path: &str,
    text: &str,
    dockerfile: &Dockerfile,
    stage: &Stage,
    instruction: &Instruction,
    script: &Script,
) -> Option<Edit> {
    match dockerfile.family(dockerfile.index(stage))? {
        Family::Alpine => {
            let first = script.items.first()?;
            let joiner = if instruction.heredocs.is_empty() {
                " && "
            } else {
                "\n"
            };
            Some(Edit::insert(
                path,
                first.span.start,
                format!("set -o pipefail{joiner}"),
            ))
        }
        Family::Debian | Family::RedHat if dockerfile.shell(stage, instruction).is_none() => {
            Some(Edit::insert(
                path,
                line_start(text, instruction.span.start),
                "SHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]\n",
            ))
        }
        _ => None,
    }
}

/// The first pipe whose beginning can fail.
fn risky(script: &Script) -> Option<&Pipeline> {
    pipes(&script.items).into_iter().find(|pipe| {
        let before = pipe.commands.split_last().map_or(&[][..], |(_, before)| before);
        before.iter().any(|command| !matches!(command, Command::Simple(simple) if matches!(simple.program(), Some("echo" | "printf" | "yes" | "true"))))
    })
}

/// All pipes at the top of a script, in its groups and conditions.
fn pipes(list: &List) -> Vec<&Pipeline> {
    let mut found = Vec::new();
    for item in list {
        for pipeline in
            std::iter::once(&item.first).chain(item.rest.iter().map(|next| &next.pipeline))
        {
            if pipeline.commands.len() > 1 {
                found.push(pipeline);
            }
            for command in &pipeline.commands {
                match command {
                    Command::Group(list, _)
                    | Command::Subshell(list, _)
                    | Command::Loop { body: list, .. } => found.extend(pipes(list)),
                    Command::If {
                        branches,
                        otherwise,
                        ..
                    } => {
                        for (condition, body) in branches {
                            found.extend(pipes(condition));
                            found.extend(pipes(body));
                        }
                        found.extend(otherwise.iter().flat_map(pipes));
                    }
                    _ => {}
                }
            }
        }
    }
    found
}

/// Whether the script sets pipefail itself.
fn sets(script: &Script) -> bool {
    super::command::all(script).iter().any(|simple| {
        let said = |simple: &Simple| {
            simple
                .words
                .iter()
                .any(|word| word.raw.contains("pipefail"))
        };
        matches!(simple.program(), Some("set" | "bash" | "sh" | "ash")) && said(simple)
    })
}

/// Whether a command behind a pipe may stop reading before the end, so that the one before it fails by SIGPIPE.
fn breaks_off(script: &Script) -> bool {
    pipes(&script.items).iter().any(|pipe| {
        pipe.commands.iter().skip(1).any(|command| match command {
            Command::Simple(simple) => {
                matches!(simple.program(), Some("head" | "read"))
                    || (simple.program() == Some("grep")
                        && (simple.flag('q', "quiet") || simple.flag('m', "max-count")))
            }
            _ => true,
        })
    })
}
