//! D20: instructions that do not do what they seem to.

use boatyard_plan::dockerfile::{Instruction, Kind, Stage, Word};

use super::command::all;
use super::d05::is_root;
use super::{Fixing, Rule};
use crate::dockerfile::Dockerfile;
use crate::edit::Edit;
use crate::finding::Severity;
use crate::place::{line_start, next_line};
use crate::report::Report;
use crate::workspace::{Document, Workspace};

pub(super) const RULE: Rule = Rule {
    id: "D20",
    severity: Severity::Warning,
    title: "an instruction does not do what it seems to",
    why: "cd ends with its RUN, a relative WORKDIR depends on the base image, ADD unpacks and downloads, sudo has nothing to add to root and hides \
          the exit code, MAINTAINER is not read any more, of several CMD only the last counts.",
    mend: "write WORKDIR with an absolute path, COPY, USER, LABEL; one CMD and one ENTRYPOINT",
    fix: Fixing::Safe,
    same_as: "hadolint DL3000, DL3003, DL3004, DL3011, DL3020, DL4000, DL4003, DL4004; trivy DS-0004, DS-0005, DS-0007, DS-0010, DS-0013, DS-0016, DS-0022, DS-0030; \
              checkov CKV_DOCKER_1, CKV_DOCKER_4, CKV_DOCKER_6, CKV_DOCKER_10",
    check,
};

fn check(workspace: &Workspace, report: &mut Report) {
    for (document, dockerfile) in workspace.dockerfiles() {
        for stage in &dockerfile.file.stages {
            several(document, stage, report);
            let mut user_is_root = dockerfile.parent(dockerfile.index(stage)).is_none();
            let mut absolute = dockerfile.parent(dockerfile.index(stage)).is_some();
            for instruction in &stage.instructions {
                match &instruction.kind {
                    Kind::User(word) => user_is_root = is_root(&word.text),
                    Kind::Workdir(word) => {
                        let path = word.text.trim_matches(['"', '\'']);
                        if !path.starts_with(['/', '$', '\\']) && !absolute && !path.contains(":\\")
                        {
                            report
                                .add(
                                    &RULE,
                                    &document.path,
                                    word.span.clone(),
                                    format!(
                                        "WORKDIR {path} is relative to what the base image says"
                                    ),
                                )
                                .help("write an absolute path");
                        }
                        absolute = true;
                    }
                    Kind::Run(_) => run(document, dockerfile, instruction, user_is_root, report),
                    Kind::Add(words) => {
                        let sources: Vec<&str> = words
                            .iter()
                            .rev()
                            .skip(1)
                            .map(|word| word.text.as_str())
                            .collect();
                        if instruction
                            .flags
                            .iter()
                            .all(|flag| matches!(flag.name.as_str(), "chown" | "chmod" | "link"))
                            && sources.iter().all(|source| is_plain_file(source))
                        {
                            report
                                .add(
                                    &RULE,
                                    &document.path,
                                    instruction.keyword.span.clone(),
                                    "ADD for files that are only copied",
                                )
                                .help("write COPY")
                                .safe([Edit::replace(
                                    &document.path,
                                    instruction.keyword.span.clone(),
                                    "COPY",
                                )]);
                        }
                    }
                    Kind::Maintainer(word) => {
                        let who = word.text.trim_matches(['"', '\'']);
                        let label = format!(
                            "LABEL org.opencontainers.image.authors={}",
                            serde_json::Value::from(who)
                        );
                        report
                            .add(
                                &RULE,
                                &document.path,
                                instruction.span.clone(),
                                "MAINTAINER is not read any more",
                            )
                            .help(format!("write {label}"))
                            .safe([Edit::replace(
                                &document.path,
                                instruction.span.clone(),
                                label,
                            )]);
                    }
                    Kind::Expose(ports) => expose(document, ports, report),
                    _ => {}
                }
            }
        }
    }
}

/// Ports that nobody needs or that cannot be.
fn expose(document: &Document, ports: &[Word], report: &mut Report) {
    for port in ports {
        let number = port.text.split('/').next().unwrap_or_default();
        if number == "22" {
            let message = "port 22 is for ssh, which no container needs";
            report
                .add(&RULE, &document.path, port.span.clone(), message)
                .help("use docker exec or kubectl exec");
        } else if number.bytes().all(|byte| byte.is_ascii_digit()) && number.parse::<u16>().is_err()
        {
            report
                .add(
                    &RULE,
                    &document.path,
                    port.span.clone(),
                    format!("there is no port {number}"),
                )
                .help("ports end at 65535");
        }
    }
}

/// Of several `CMD` or `ENTRYPOINT` the last one counts.
fn several(document: &Document, stage: &Stage, report: &mut Report) {
    let of = |is: fn(&Kind) -> bool| {
        stage
            .instructions
            .iter()
            .filter(move |one| is(&one.kind))
            .collect::<Vec<_>>()
    };
    for list in [
        of(|kind| matches!(kind, Kind::Cmd(_))),
        of(|kind| matches!(kind, Kind::Entrypoint(_))),
    ] {
        for replaced in list.iter().rev().skip(1) {
            let lines = line_start(&document.text, replaced.span.start)
                ..next_line(&document.text, replaced.span.end);
            let keyword = replaced.keyword.text.to_uppercase();
            report
                .add(
                    &RULE,
                    &document.path,
                    replaced.span.clone(),
                    format!("a later {keyword} replaces this one"),
                )
                .help("remove it")
                .safe([Edit::remove(&document.path, lines)]);
        }
    }
}

fn run(
    document: &Document,
    dockerfile: &Dockerfile,
    instruction: &Instruction,
    user_is_root: bool,
    report: &mut Report,
) {
    for script in dockerfile.scripts(instruction) {
        let commands = all(script);
        for simple in &commands {
            match simple.program() {
                Some("sudo") => {
                    let finding = report.add(
                        &RULE,
                        &document.path,
                        simple.words[0].span.clone(),
                        "sudo in an image",
                    );
                    finding.help("remove it, or write USER root before and the user again after");
                    let next = simple.words.get(1);
                    match next.filter(|next| {
                        user_is_root && !next.raw.starts_with('-') && !next.raw.contains('=')
                    }) {
                        Some(next) => {
                            finding.safe([Edit::remove(
                                &document.path,
                                simple.words[0].span.start..next.span.start,
                            )]);
                        }
                        None => {
                            finding.refuse("the commands are not run by root, or sudo has flags");
                        }
                    }
                }
                Some("cd") if commands.len() == 1 => {
                    let finding = report.add(
                        &RULE,
                        &document.path,
                        simple.span.clone(),
                        "cd ends with this RUN",
                    );
                    finding.help("write WORKDIR");
                    match simple
                        .word(1)
                        .filter(|path| path.starts_with('/') && simple.words.len() == 2)
                    {
                        Some(path) => {
                            finding.suggested([Edit::replace(
                                &document.path,
                                instruction.span.clone(),
                                format!("WORKDIR {path}"),
                            )]);
                        }
                        None => {
                            finding.refuse("it is not a plain absolute path");
                        }
                    }
                }
                _ => {}
            }
        }
    }
}

/// Whether `ADD` does nothing with it but copying.
fn is_plain_file(source: &str) -> bool {
    let lower = source.to_ascii_lowercase();
    let archive = [
        ".tar", ".tgz", ".tbz", ".tbz2", ".txz", ".gz", ".bz2", ".xz", ".zst", ".tzst",
    ];
    !lower.contains("://")
        && !lower.starts_with("git@")
        && !lower.contains(['$', '*', '?', '['])
        && !archive.iter().any(|end| lower.ends_with(end))
}
