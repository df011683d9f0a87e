//! D08: a health check in an image for Kubernetes.

use boatyard_plan::dockerfile::Kind;

use super::{Fixing, Rule};
use crate::edit::Edit;
use crate::finding::Severity;
use crate::place::{line_start, next_line};
use crate::report::Report;
use crate::settings::Variant;
use crate::workspace::Workspace;

pub(super) const RULE: Rule = Rule {
    id: "D08",
    severity: Severity::Warning,
    title: "HEALTHCHECK in an image for Kubernetes",
    why: "Kubernetes never runs it: readers believe that the container is watched, and other engines run a check on top of the probes.",
    mend: "write readinessProbe and livenessProbe in the manifest, and leave HEALTHCHECK out of this variant",
    fix: Fixing::Safe,
    same_as: "",
    check,
};

fn check(workspace: &Workspace, report: &mut Report) {
    for (document, dockerfile) in workspace.dockerfiles() {
        if workspace.variant(document) != Variant::K8s {
            continue;
        }
        for (_, instruction) in dockerfile.made() {
            if !matches!(instruction.kind, Kind::Healthcheck(Some(_))) {
                continue;
            }
            let start = line_start(&document.text, instruction.span.start);
            let end = next_line(&document.text, instruction.span.end);
            report
                .add(
                    &RULE,
                    &document.path,
                    instruction.span.clone(),
                    "Kubernetes does not use HEALTHCHECK",
                )
                .safe([Edit::remove(&document.path, start..end)]);
        }
    }
}
