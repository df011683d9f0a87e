//! M06: every system call is possible.

use super::manifest::{called, offer, set_path};
use super::{Fixing, Rule};
use crate::finding::Severity;
use crate::kubernetes::workloads;
use crate::report::Report;
use crate::workspace::Workspace;
use crate::yaml::Fresh;

pub(super) const RULE: Rule = Rule {
    id: "M06",
    severity: Severity::Error,
    title: "no seccomp profile",
    why: "Without one, every system call of the kernel is open to the container; most bugs that lead out of it are in those that no application \
          uses. The restricted profile refuses the pod.",
    mend: "set securityContext.seccompProfile.type: RuntimeDefault for the pod",
    fix: Fixing::Safe,
    same_as: "kubesec SeccompAny and SeccompUnconfined, kube-score container-seccomp-profile, trivy KSV030 and KSV104",
    check,
};

fn check(workspace: &Workspace, report: &mut Report) {
    for workload in workloads(workspace).iter().filter(|one| !one.is_windows()) {
        let pod = workload
            .pod
            .at(&["securityContext", "seccompProfile", "type"]);
        let fine =
            |node: &crate::yaml::Node| matches!(node.text(), Some("RuntimeDefault" | "Localhost"));
        let mut told = false;
        let each = |container: &crate::kubernetes::Container| {
            let own = container.security("seccompProfile");
            own.is_some_and(|own| own.get("type").is_some())
        };
        // That of the pod is refused even where no container has it.
        if let Some(node) = pod.as_ref().filter(|node| !fine(node))
            && workload.containers.iter().all(each)
        {
            let message = format!(
                "the seccomp profile of the pod is {}",
                node.text().unwrap_or_default()
            );
            let finding = report.add(&RULE, workload.file(), node.span.clone(), message);
            let value = Fresh::plain("RuntimeDefault");
            let edit = crate::yaml::edit::replace(workload.file(), workload.text(), node, &value);
            offer(finding, edit, true);
        }
        for container in &workload.containers {
            let own = container
                .security("seccompProfile")
                .and_then(|node| node.get("type"));
            if own.as_ref().or(pod.as_ref()).is_some_and(fine) || (told && own.is_none()) {
                continue;
            }
            let named = own.as_ref().or(pod.as_ref());
            let span = named.map_or_else(|| container.place(), |node| node.span.clone());
            let message = match named {
                Some(node) => format!("the seccomp profile is {}", node.text().unwrap_or_default()),
                None => format!("{} may make every system call", called(container)),
            };
            let finding = report.add(&RULE, workload.file(), span, message);
            if let Some(own) = &own {
                let edit = crate::yaml::edit::replace(
                    workload.file(),
                    workload.text(),
                    own,
                    &Fresh::plain("RuntimeDefault"),
                );
                offer(finding, edit, false);
            } else {
                let path = ["securityContext", "seccompProfile", "type"];
                let edit = set_path(
                    workload.file(),
                    workload.text(),
                    &workload.pod,
                    &path,
                    &Fresh::plain("RuntimeDefault"),
                );
                offer(finding, edit, pod.is_none());
                told = true;
            }
        }
    }
}
