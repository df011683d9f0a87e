//! D24: two Dockerfiles for one application, which have drifted apart.

use boatyard_plan::dockerfile::{Instruction, Kind};

use super::{Fixing, Rule};
use crate::dockerfile::Dockerfile;
use crate::finding::Severity;
use crate::report::Report;
use crate::workspace::{Document, Workspace};

pub(super) const RULE: Rule = Rule {
    id: "D24",
    severity: Severity::Warning,
    title: "the variants for Docker and Kubernetes have drifted apart",
    why: "What was tested on a laptop is not what runs on the cluster. The two should differ in the user, signals, health checks and caches, and in \
          nothing else; copies that are kept by hand do not stay so.",
    mend: "bring them together, or keep one and derive the other",
    fix: Fixing::Never,
    same_as: "",
    check,
};

fn check(workspace: &Workspace, report: &mut Report) {
    for (document, dockerfile) in workspace.dockerfiles() {
        let Some((other, twin)) = twin(workspace, document) else {
            continue;
        };
        let (mine, theirs) = (features(dockerfile), features(twin));
        for (instruction, said) in &mine {
            if !theirs.iter().any(|(_, other)| other == said) {
                report.add(
                    &RULE,
                    &document.path,
                    instruction.span.clone(),
                    format!("{} does not have this", other.path),
                );
            }
        }
        for (instruction, said) in &theirs {
            if !mine.iter().any(|(_, other)| other == said) {
                report.add(
                    &RULE,
                    &other.path,
                    instruction.span.clone(),
                    format!("{} does not have this", document.path),
                );
            }
        }
    }
}

/// Dockerfiles that describe one image: the one for Docker, the one for Kubernetes.
pub(crate) fn twins(workspace: &Workspace) -> Vec<(String, String)> {
    let all = workspace.dockerfiles();
    all.filter_map(|(document, _)| {
        let (other, _) = twin(workspace, document)?;
        Some((other.path.clone(), document.path.clone()))
    })
    .collect()
}

/// The Dockerfile for Docker that `document`, one for Kubernetes, is a copy of.
fn twin<'w>(
    workspace: &'w Workspace,
    document: &Document,
) -> Option<(&'w Document, &'w Dockerfile)> {
    let marks = [
        ".k8s",
        "-k8s",
        "_k8s",
        "k8s.",
        "k8s-",
        "k8s/",
        ".kubernetes",
        "kubernetes/",
    ];
    let mark = marks.iter().find(|mark| document.path.contains(**mark))?;
    let kept = if mark.ends_with('/') { "docker/" } else { "" };
    let end = if mark.starts_with(['.', '-', '_']) {
        &mark[..1]
    } else {
        &mark[mark.len() - 1..]
    };
    let candidates = [
        document.path.replacen(mark, kept, 1),
        document.path.replacen(mark, "", 1),
        document.path.replacen(
            mark,
            &if mark.starts_with(end) {
                format!("{end}docker")
            } else {
                format!("docker{end}")
            },
            1,
        ),
    ];
    workspace
        .dockerfiles()
        .find(|(other, _)| other.path != document.path && candidates.contains(&other.path))
}

/// What makes the application: everything but user, signals, health, caches and how it is started.
fn features(dockerfile: &Dockerfile) -> Vec<(&Instruction, String)> {
    let froms = dockerfile.file.stages.iter().map(|stage| &stage.from);
    let all = froms.chain(dockerfile.instructions().map(|(_, one)| one));
    all.filter(|one| {
        let user = [
            "useradd", "adduser", "groupadd", "addgroup", "chown", "chmod", "chgrp",
        ]
        .iter()
        .any(|word| matches!(one.kind, Kind::Run(_)) && one.line.contains(word));
        !matches!(
            one.kind,
            Kind::User(_)
                | Kind::StopSignal(_)
                | Kind::Healthcheck(_)
                | Kind::Cmd(_)
                | Kind::Entrypoint(_)
                | Kind::Label(_)
                | Kind::Maintainer(_)
        ) && !user
    })
    .map(|one| {
        let words = one.line.split_whitespace().filter(|word| {
            !word.starts_with("--mount=type=cache")
                && !word.starts_with("--no-cache")
                && !word.starts_with("--chown")
                && !word.starts_with("--chmod")
                && !word.starts_with("--link")
        });
        let said = words.collect::<Vec<_>>().join(" ");
        (one, said.replace(" && rm -rf /var/lib/apt/lists/*", ""))
    })
    .collect()
}
