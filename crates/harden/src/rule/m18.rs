//! M18: everything may talk to everything.

use std::collections::BTreeSet;

use super::{Fixing, Rule};
use crate::finding::Severity;
use crate::kubernetes::{objects, workloads};
use crate::report::Report;
use crate::workspace::Workspace;

pub(super) const RULE: Rule = Rule {
    id: "M18",
    severity: Severity::Info,
    title: "no NetworkPolicy",
    why: "Without one, every pod of the cluster can reach every port of yours, and yours can reach everything: whoever breaks into one application is at the \
          database of the next.",
    mend: "deny by default, then allow what comes from the ingress controller, name resolution and what the application needs",
    fix: Fixing::Never,
    same_as: "kube-linter non-isolated-pod, kube-score pod-networkpolicy, polaris missingNetworkPolicy, trivy KSV038",
    check,
};

fn check(workspace: &Workspace, report: &mut Report) {
    let all = objects(workspace);
    let covered: BTreeSet<&str> = all
        .iter()
        .filter(|object| object.kind == "NetworkPolicy")
        .map(|object| object.namespace.as_str())
        .collect();
    let mut told = BTreeSet::new();
    for workload in &workloads(workspace) {
        let namespace = workload.object.namespace.clone();
        let served = all
            .iter()
            .any(|object| object.kind == "Service" && object.namespace == namespace);
        if served && !covered.contains(namespace.as_str()) && told.insert(namespace) {
            report.add(
                &RULE,
                workload.file(),
                workload.object.place(),
                format!(
                    "every pod of the cluster can reach {}",
                    workload.object.name
                ),
            );
        }
    }
}
