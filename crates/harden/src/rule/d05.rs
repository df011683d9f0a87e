//! D05: the image runs as root.

use boatyard_plan::dockerfile::{Instruction, Kind, Stage};

use super::{Fixing, Rule};
use crate::dockerfile::{Dockerfile, Family, Name, account};
use crate::edit::Edit;
use crate::finding::{Finding, Severity};
use crate::place::line_start;
use crate::report::Report;
use crate::workspace::{Document, Workspace};

pub(super) const RULE: Rule = Rule {
    id: "D05",
    severity: Severity::Error,
    title: "the image runs as root",
    why: "Whoever breaks into the application is root in the container, one kernel bug away from the machine. Clusters that enforce the \
          restricted profile refuse to start it.",
    mend: "make a user with a fixed number and put USER UID:GID before CMD",
    fix: Fixing::Suggested,
    same_as: "hadolint DL3002, trivy DS-0002, checkov CKV_DOCKER_3 and CKV_DOCKER_8",
    check,
};

/// Numbers that no distribution gives away.
const UID: u32 = 10001;

/// Words in names of images that do not run as root.
const SAFE_BASES: [&str; 6] = [
    "nonroot",
    "unprivileged",
    "rootless",
    "bitnami/",
    "cgr.dev/chainguard",
    "jenkins/",
];

fn check(workspace: &Workspace, report: &mut Report) {
    for (document, dockerfile) in workspace.dockerfiles() {
        let chain = dockerfile.chain();
        let Some(stage) = chain.last() else { continue };
        let users: Vec<(&Instruction, String)> = dockerfile
            .made()
            .filter_map(|(_, one)| Some((one, user(one)?)))
            .collect();
        match users.last() {
            Some((instruction, user)) if is_root(user) => {
                let finding = report.add(
                    &RULE,
                    &document.path,
                    instruction.span.clone(),
                    format!("the last USER is {user}"),
                );
                let before = users
                    .iter()
                    .rfind(|(_, user)| !is_root(user))
                    .map(|(_, user)| user.clone());
                mend(finding, document, dockerfile, stage, before);
            }
            Some(_) => {}
            None => {
                let base = chain.first().map_or("", |stage| stage.image.text.as_str());
                let base = dockerfile.resolved(base);
                if SAFE_BASES.iter().any(|word| base.contains(word))
                    || base.contains('$')
                    || is_nobodys(&base, dockerfile)
                {
                    continue;
                }
                let said = if document.is_image() {
                    "no USER is set: the image runs as root"
                } else {
                    "no USER is set: the image runs as root, unless its base says otherwise"
                };
                let finding = report.add(&RULE, &document.path, stage.image.span.clone(), said);
                mend(finding, document, dockerfile, stage, None);
            }
        }
    }
}

/// Images that only carry files, for others to copy from.
fn is_nobodys(base: &str, dockerfile: &Dockerfile) -> bool {
    let start = dockerfile.start();
    base == "scratch" && start.cmd.is_none() && start.entrypoint.is_none()
}

fn user(instruction: &Instruction) -> Option<String> {
    match &instruction.kind {
        Kind::User(word) => Some(word.text.trim_matches(['"', '\'']).to_owned()),
        _ => None,
    }
}

pub(super) fn is_root(user: &str) -> bool {
    matches!(user.split(':').next().unwrap_or(user), "root" | "0")
}

fn mend(
    finding: &mut Finding,
    document: &Document,
    dockerfile: &Dockerfile,
    stage: &Stage,
    before: Option<String>,
) {
    let last_run = stage
        .instructions
        .iter()
        .rposition(|one| matches!(one.kind, Kind::Run(_)));
    let after = last_run.map_or(0, |at| at + 1);
    let start = stage.instructions[after..]
        .iter()
        .find(|one| matches!(one.kind, Kind::Cmd(_) | Kind::Entrypoint(_)));
    let Some(start) = start else {
        finding.refuse("there is no CMD or ENTRYPOINT after the last RUN, so it cannot be said where USER goes");
        return;
    };
    let at = line_start(&document.text, start.span.start);
    let lines = match (before, dockerfile.family(dockerfile.index(stage))) {
        (Some(user), _) => format!("USER {user}\n"),
        (None, Some(Family::Debian | Family::RedHat)) => format!(
            "{}\nUSER {UID}:{UID}\n",
            account("app", (UID, UID), "--no-create-home")
        ),
        (None, Some(Family::Alpine)) => {
            format!(
                "RUN addgroup -g {UID} app && adduser -D -H -u {UID} -G app app\nUSER {UID}:{UID}\n"
            )
        }
        (None, Some(Family::Bare)) => "USER 65532:65532\n".to_owned(),
        (None, None) => {
            let name = Name::of(&stage.image.text).short().to_owned();
            finding.refuse(format!(
                "it is not known what {name} is made of, so neither how a user is made"
            ));
            return;
        }
    };
    finding.suggested([Edit::insert(&document.path, at, lines)]);
}
