//! M03: a volume that the application cannot write.

use super::manifest::{offer, set_path};
use super::{Fixing, Rule};
use crate::finding::Severity;
use crate::kubernetes::workloads;
use crate::report::Report;
use crate::workspace::Workspace;
use crate::yaml::Fresh;

pub(super) const RULE: Rule = Rule {
    id: "M03",
    severity: Severity::Warning,
    title: "a claimed volume without fsGroup",
    why: "A new volume belongs to root. Without fsGroup a process that is not root cannot write to it, and the first upload fails.",
    mend: "set securityContext.fsGroup of the pod to the group of the image's user; on OpenShift leave it out",
    fix: Fixing::Suggested,
    same_as: "",
    check,
};

fn check(workspace: &Workspace, report: &mut Report) {
    for workload in workloads(workspace).iter().filter(|one| !one.is_windows()) {
        let context = workload.pod.get("securityContext");
        let said = |key: &str| context.as_ref().and_then(|context| context.get(key));
        let claimed = workload
            .pod
            .list("volumes")
            .into_iter()
            .find_map(|volume| volume.get("persistentVolumeClaim"));
        let templates = workload.object.root.at(&["spec", "volumeClaimTemplates"]);
        let Some(claim) = claimed.or(templates) else {
            continue;
        };
        let user = said("runAsUser").and_then(|node| node.number());
        if said("fsGroup").is_some() || user.is_none_or(|user| user <= 0) {
            continue;
        }
        let group = said("runAsGroup").or_else(|| said("runAsUser"));
        let value = Fresh::plain(
            group
                .as_ref()
                .and_then(|node| node.text())
                .unwrap_or_default(),
        );
        let finding = report.add(
            &RULE,
            workload.file(),
            claim.span.start..claim.span.start,
            "this volume belongs to root, and the pod does not",
        );
        let edit = set_path(
            workload.file(),
            workload.text(),
            &workload.pod,
            &["securityContext", "fsGroup"],
            &value,
        );
        offer(finding, edit, false);
    }
}
