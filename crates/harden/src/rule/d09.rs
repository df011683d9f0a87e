//! D09: health checks of images for Docker.

use boatyard_plan::dockerfile::{Instruction, Kind};

use super::{Fixing, Rule};
use crate::edit::Edit;
use crate::finding::Severity;
use crate::place::{line_start, next_line};
use crate::report::Report;
use crate::settings::Variant;
use crate::workspace::Workspace;

pub(super) const RULE: Rule = Rule {
    id: "D09",
    severity: Severity::Info,
    title: "no HEALTHCHECK, or several",
    why: "Without one, Docker and Compose take a process that hangs for one that works, and depends_on with service_healthy waits for ever. Of \
          several only the last one counts.",
    mend: "write one HEALTHCHECK that asks the application, with --start-period for its start",
    fix: Fixing::Safe,
    same_as: "hadolint DL3012 and DL3057, trivy DS-0023 and DS-0026, checkov CKV_DOCKER_2",
    check,
};

fn check(workspace: &Workspace, report: &mut Report) {
    for (document, dockerfile) in workspace.dockerfiles() {
        for stage in &dockerfile.file.stages {
            let checks: Vec<&Instruction> = stage
                .instructions
                .iter()
                .filter(|one| matches!(one.kind, Kind::Healthcheck(_)))
                .collect();
            for replaced in checks.iter().rev().skip(1) {
                let lines = line_start(&document.text, replaced.span.start)
                    ..next_line(&document.text, replaced.span.end);
                let finding = report.add(
                    &RULE,
                    &document.path,
                    replaced.span.clone(),
                    "a later HEALTHCHECK replaces this one",
                );
                finding.safe([Edit::remove(&document.path, lines)]);
                finding.severity = Severity::Warning;
            }
        }
        if workspace.variant(document) != Variant::Docker {
            continue;
        }
        let any = dockerfile
            .made()
            .any(|(_, one)| matches!(one.kind, Kind::Healthcheck(_)));
        let exposes = dockerfile
            .made()
            .find(|(_, one)| matches!(one.kind, Kind::Expose(_)));
        if let Some((_, expose)) = exposes.filter(|_| !any) {
            report.add(
                &RULE,
                &document.path,
                expose.span.clone(),
                "nothing says whether what listens here works",
            );
        }
    }
}
