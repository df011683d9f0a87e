//! M02: a pod runs as root by number, or in the group of root.

use super::manifest::{called, offer, set_path};
use super::{Fixing, Rule};
use crate::finding::Severity;
use crate::kubernetes::workloads;
use crate::report::Report;
use crate::workspace::Workspace;
use crate::yaml::Fresh;

pub(super) const RULE: Rule = Rule {
    id: "M02",
    severity: Severity::Error,
    title: "runAsUser or runAsGroup is that of root",
    why: "A process that is root in a container is one kernel bug away from the machine. A user without a group of its own is in the group of root, \
          which may read much that others may not.",
    mend: "set runAsUser and runAsGroup to the numbers of the image's user; on OpenShift leave both out",
    fix: Fixing::Suggested,
    same_as: "kubesec RunAsUser and RunAsGroup, kube-score container-security-context-user-group-id, trivy KSV020 and KSV021",
    check,
};

fn check(workspace: &Workspace, report: &mut Report) {
    for workload in workloads(workspace).iter().filter(|one| !one.is_windows()) {
        let pod = workload.pod.get("securityContext");
        let nodes = workload
            .containers
            .iter()
            .map(|container| (called(container), container.node.get("securityContext")));
        for (name, context) in nodes.chain([("the pod".to_owned(), pod.clone())]) {
            let user = context
                .as_ref()
                .and_then(|context| context.get("runAsUser"));
            if let Some(user) = user.filter(|user| user.number() == Some(0)) {
                report.add(
                    &RULE,
                    workload.file(),
                    user.span,
                    format!("{name} runs as root"),
                );
            }
        }
        let user = pod.as_ref().and_then(|pod| pod.get("runAsUser"));
        let Some(user) = user.filter(|user| user.number().is_some_and(|user| user > 0)) else {
            continue;
        };
        if pod.is_some_and(|pod| pod.get("runAsGroup").is_none()) {
            let finding = report.add(
                &RULE,
                workload.file(),
                user.span.clone(),
                "the group is that of root: runAsUser has no runAsGroup",
            );
            finding.severity = Severity::Info;
            let value = Fresh::plain(user.text().unwrap_or_default());
            let edit = set_path(
                workload.file(),
                workload.text(),
                &workload.pod,
                &["securityContext", "runAsGroup"],
                &value,
            );
            offer(finding, edit, false);
        }
    }
}
