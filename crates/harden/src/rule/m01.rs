//! M01: a pod may run as root.

use super::manifest::{called, offer, set_path};
use super::{Fixing, Rule};
use crate::finding::Severity;
use crate::kubernetes::workloads;
use crate::report::Report;
use crate::workspace::Workspace;
use crate::yaml::Fresh;

pub(super) const RULE: Rule = Rule {
    id: "M01",
    severity: Severity::Error,
    title: "runAsNonRoot is not set",
    why: "Without it a container runs as whatever its image says, and that is root in most images. Namespaces that enforce the restricted profile \
          refuse the pod.",
    mend: "set securityContext.runAsNonRoot: true for the pod, with an image whose user is a number",
    fix: Fixing::Safe,
    same_as: "kube-linter run-as-non-root, kubesec RunAsNonRoot, polaris runAsRootAllowed, trivy KSV012",
    check,
};

fn check(workspace: &Workspace, report: &mut Report) {
    for workload in workloads(workspace).iter().filter(|one| !one.is_windows()) {
        let place = workload.pod.at(&["securityContext", "runAsNonRoot"]);
        let pod = place.as_ref().and_then(crate::yaml::Node::truth);
        let each = |container: &crate::kubernetes::Container| {
            let own = container.security("runAsNonRoot");
            own.and_then(|own| own.truth()) == Some(true)
        };
        // That of the pod is refused even where no container has it.
        if let Some(place) = place.filter(|_| pod == Some(false))
            && workload.containers.iter().all(each)
        {
            let finding = report.add(
                &RULE,
                workload.file(),
                place.span.clone(),
                "the pod may run as root",
            );
            let value = Fresh::plain("true");
            let edit = crate::yaml::edit::replace(workload.file(), workload.text(), &place, &value);
            offer(finding, edit, true);
        }
        for container in &workload.containers {
            let own = container.security("runAsNonRoot");
            let said = own.as_ref().and_then(crate::yaml::Node::truth).or(pod);
            if said == Some(true) {
                continue;
            }
            let span = own
                .as_ref()
                .map_or_else(|| container.place(), |node| node.span.clone());
            let finding = report.add(
                &RULE,
                workload.file(),
                span,
                format!("{} may run as root", called(container)),
            );
            let value = Fresh::plain("true");
            let edit = match own {
                Some(_) => super::manifest::secure(workload, container, &["runAsNonRoot"], &value),
                None => set_path(
                    workload.file(),
                    workload.text(),
                    &workload.pod,
                    &["securityContext", "runAsNonRoot"],
                    &value,
                ),
            };
            // With a user that is not root it only says what is.
            offer(finding, edit, workload.is_non_root(container));
        }
    }
}
