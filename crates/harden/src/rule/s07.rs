//! S07: a script that does not run, or not as it is meant.

use boatyard_plan::secret::{in_command, is_secret_name};

use super::splitting::falls_apart;
use super::starting::{is_start_script, is_started};
use super::{Fixing, Rule};
use crate::edit::Edit;
use crate::finding::Severity;
use crate::report::Report;
use crate::shell::{Script, Simple, simples};
use crate::workspace::{Document, Workspace};

pub(super) const RULE: Rule = Rule {
    id: "S07",
    severity: Severity::Warning,
    title: "a script that does not run, or not as it is meant",
    why: "A script that may not be executed, whose lines end as on Windows, or whose shell does not know its language ends with \"not found\" or \
          \"exec format error\", which nobody understands. Words without quotes fall apart at blanks, and secrets that are printed stay in logs.",
    mend: "chmod +x, lines that end in a newline alone, #!/bin/sh or #!/usr/bin/env bash in the first line, quotes around variables",
    fix: Fixing::Safe,
    same_as: "shellcheck SC1017, SC2039, SC2086, SC2148, SC2155, SC3010, SC3030",
    check,
};

fn check(workspace: &Workspace, report: &mut Report) {
    for (document, script) in workspace.scripts() {
        lines(document, report);
        first_line(workspace, document, script, report);
        mode(workspace, document, report);
        simples(&script.items, &mut |simple, _| {
            secrets(document, simple, report);
            masked(document, simple, report);
        });
        if is_start_script(workspace, document) {
            written_out(document, script, report);
            for variable in falls_apart(script) {
                report
                    .add(
                        &RULE,
                        &document.path,
                        variable.span.clone(),
                        format!("${} falls apart at blanks", variable.name),
                    )
                    .help("put double quotes around it")
                    .severity = Severity::Info;
            }
        }
    }
}

/// Secrets among the words of commands.
fn written_out(document: &Document, script: &Script, report: &mut Report) {
    simples(&script.items, &mut |simple, _| {
        let start = simple.span.start;
        for given in in_command(document.text.get(simple.span.clone()).unwrap_or_default()) {
            let place = start + given.word.start..start + given.word.end;
            report
                .add(&RULE, &document.path, place, "a secret is written out")
                .help(format!(
                    "make a new one, write ${{{}}}, and give it where this runs",
                    given.name
                ));
        }
    });
}

/// Lines that end as on Windows.
fn lines(document: &Document, report: &mut Report) {
    let ends: Vec<usize> = document
        .text
        .match_indices("\r\n")
        .map(|(at, _)| at)
        .collect();
    let Some(&first) = ends.first() else { return };
    let edits: Vec<Edit> = ends
        .into_iter()
        .map(|at| Edit::remove(&document.path, at..at + 1))
        .collect();
    report
        .add(
            &RULE,
            &document.path,
            first..first + 1,
            "lines end as on Windows: no shell finds its first line",
        )
        .help("write lines that end in a newline alone")
        .safe(edits)
        .severity = Severity::Error;
}

fn first_line(workspace: &Workspace, document: &Document, script: &Script, report: &mut Report) {
    let first = document.text.lines().next().unwrap_or_default();
    if !first.starts_with("#!") {
        if document.executable == Some(true) && !document.text.trim().is_empty()
            || is_started(workspace, document.name())
        {
            let shell = if bashism(document, script).is_some() {
                "#!/usr/bin/env bash\n"
            } else {
                "#!/bin/sh\n"
            };
            report
                .add(
                    &RULE,
                    &document.path,
                    0..first.len(),
                    "the first line does not say which shell reads this",
                )
                .help(format!("begin with {}", shell.trim_end()))
                .safe([Edit::insert(&document.path, 0, shell)]);
        }
        return;
    }
    let program = first
        .trim_start_matches("#!")
        .split_whitespace()
        .next()
        .unwrap_or_default();
    if program.rsplit('/').next() != Some("sh") {
        return;
    }
    if let Some(span) = bashism(document, script) {
        report
            .add(
                &RULE,
                &document.path,
                span,
                "this is bash's own, and the first line says sh",
            )
            .help("write #!/usr/bin/env bash in the first line, if the image has bash")
            .suggested([Edit::replace(
                &document.path,
                0..first.trim_end().len(),
                "#!/usr/bin/env bash",
            )])
            .severity = Severity::Error;
    }
}

/// The first thing in a script that only bash knows.
fn bashism(document: &Document, script: &Script) -> Option<std::ops::Range<usize>> {
    let mut found: Vec<std::ops::Range<usize>> = Vec::new();
    tests(&script.items, &document.text, &mut found);
    simples(&script.items, &mut |simple, _| {
        if simple.program() == Some("source") || simple.program() == Some("declare") {
            found.push(simple.words[0].span.clone());
        }
        found.extend(
            simple
                .assignments
                .iter()
                .filter(|one| one.value.raw.starts_with('('))
                .map(|one| one.span.clone()),
        );
        let here = simple
            .redirects
            .iter()
            .filter(|one| one.operator == "<<<" || one.operator.starts_with("&>"));
        found.extend(here.map(|one| one.span.clone()));
    });
    found.into_iter().min_by_key(|span| span.start)
}

/// `[[`
fn tests(list: &crate::shell::List, text: &str, found: &mut Vec<std::ops::Range<usize>>) {
    use crate::shell::Command;
    for item in list {
        for pipeline in
            std::iter::once(&item.first).chain(item.rest.iter().map(|next| &next.pipeline))
        {
            for command in &pipeline.commands {
                match command {
                    Command::Test(span) if text[span.clone()].starts_with("[[") => {
                        found.push(span.start..span.start + 2);
                    }
                    Command::If {
                        branches,
                        otherwise,
                        ..
                    } => {
                        for (condition, body) in branches {
                            tests(condition, text, found);
                            tests(body, text, found);
                        }
                        if let Some(body) = otherwise {
                            tests(body, text, found);
                        }
                    }
                    Command::Case { arms, .. } => {
                        for arm in arms {
                            tests(&arm.body, text, found);
                        }
                    }
                    Command::Loop {
                        condition, body, ..
                    } => {
                        tests(condition, text, found);
                        tests(body, text, found);
                    }
                    Command::Group(list, _) | Command::Subshell(list, _) => {
                        tests(list, text, found);
                    }
                    Command::Function { body, .. } => {
                        if let Command::Group(list, _) = &**body {
                            tests(list, text, found);
                        }
                    }
                    _ => {}
                }
            }
        }
    }
}

/// A script that is started and may not be executed.
fn mode(workspace: &Workspace, document: &Document, report: &mut Report) {
    let name = document.name();
    if document.executable != Some(false) {
        return;
    }
    let direct = workspace.dockerfiles().find(|(other, dockerfile)| {
        let words = dockerfile.program(&other.text).bare();
        words
            .first()
            .is_some_and(|word| word.rsplit('/').next() == Some(name))
    });
    let Some((other, _)) = direct else { return };
    if other.text.contains("chmod") {
        return;
    }
    let first = document.text.lines().next().unwrap_or_default().len();
    report
        .add(
            &RULE,
            &document.path,
            0..first,
            format!("{} starts this, and it may not be executed", other.path),
        )
        .help(format!("chmod +x {}, or COPY --chmod=755", document.path))
        .refuse("the mode of a file is not in its text")
        .severity = Severity::Error;
}

/// Secrets that are printed.
fn secrets(document: &Document, simple: &Simple, report: &mut Report) {
    if !matches!(simple.program(), Some("echo" | "printf"))
        || simple
            .redirects
            .iter()
            .any(|one| !one.operator.contains('2'))
    {
        return;
    }
    for word in &simple.words {
        for variable in word.variables.iter().filter(|variable| {
            is_secret_name(&variable.name) && !variable.rest.starts_with(['+', ':'])
        }) {
            report
                .add(
                    &RULE,
                    &document.path,
                    variable.span.clone(),
                    format!("${} is printed", variable.name),
                )
                .help("leave it out: logs are read by many and kept for long");
        }
    }
}

/// `export A=$(b)` ends well also if b fails.
fn masked(document: &Document, simple: &Simple, report: &mut Report) {
    if !matches!(
        simple.program(),
        Some("export" | "readonly" | "local" | "declare")
    ) {
        return;
    }
    for word in simple
        .words
        .iter()
        .skip(1)
        .filter(|word| !word.commands.is_empty() && word.raw.contains('='))
    {
        let name = word.raw.split('=').next().unwrap_or_default();
        report
            .add(
                &RULE,
                &document.path,
                word.span.clone(),
                format!("{name} is set also if the command in it fails"),
            )
            .help(format!(
                "write {name}=$(...) and then {} {name}",
                simple.program().unwrap_or_default()
            ));
    }
}
