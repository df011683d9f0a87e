//! M04: a process may gain rights.

use super::manifest::{called, offer, secure};
use super::{Fixing, Rule};
use crate::finding::Severity;
use crate::kubernetes::workloads;
use crate::report::Report;
use crate::workspace::Workspace;
use crate::yaml::Fresh;

pub(super) const RULE: Rule = Rule {
    id: "M04",
    severity: Severity::Error,
    title: "allowPrivilegeEscalation is not false",
    why: "Programs that change the user (su, sudo, anything with the setuid bit) work in the container, so that whoever breaks in can become root. \
          The restricted profile refuses the pod.",
    mend: "set securityContext.allowPrivilegeEscalation: false for every container",
    fix: Fixing::Safe,
    same_as: "kube-linter privilege-escalation-container, kubesec AllowPrivilegeEscalation, polaris privilegeEscalationAllowed, trivy KSV001",
    check,
};

fn check(workspace: &Workspace, report: &mut Report) {
    for workload in workloads(workspace).iter().filter(|one| !one.is_windows()) {
        for container in &workload.containers {
            let own = container.security("allowPrivilegeEscalation");
            if own.as_ref().and_then(crate::yaml::Node::truth) == Some(false) {
                continue;
            }
            let explicit = own.is_some();
            let span = own.map_or_else(|| container.place(), |node| node.span);
            let finding = report.add(
                &RULE,
                workload.file(),
                span,
                format!("{} may gain rights", called(container)),
            );
            // The API refuses it together with privileged; M08 is about that.
            if container
                .security("privileged")
                .and_then(|node| node.truth())
                == Some(true)
            {
                finding.refuse("the container is privileged");
                continue;
            }
            let edit = secure(
                workload,
                container,
                &["allowPrivilegeEscalation"],
                &Fresh::plain("false"),
            );
            offer(finding, edit, !explicit);
        }
    }
}
