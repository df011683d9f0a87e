//! M18: everything may talk to everything.

use std::collections::BTreeSet;

use super::{Fixing, Rule};
use crate::edit::Edit;
use crate::finding::{Finding, Severity};
use crate::kubernetes::{Object, Workload, objects, workloads};
use crate::report::Report;
use crate::workspace::Workspace;

pub(super) const RULE: Rule = Rule {
    id: "M18",
    severity: Severity::Info,
    title: "no NetworkPolicy",
    why: "Without one, every pod of the cluster can reach every port of yours, and yours can reach everything: whoever breaks into one application is at the \
          database of the next.",
    mend: "deny by default, then allow what comes from the ingress controller, name resolution and what the application needs",
    fix: Fixing::Suggested,
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
            let finding = report.add(
                &RULE,
                workload.file(),
                workload.object.place(),
                format!(
                    "every pod of the cluster can reach {}",
                    workload.object.name
                ),
            );
            propose(finding, workload, &all);
        }
    }
}

/// Puts a policy behind the objects of the file: nothing gets in but to what is served, nothing gets out but to name resolution
/// and to the same namespace.
fn propose(finding: &mut Finding, workload: &Workload<'_>, all: &[Object<'_>]) {
    let text = &workload.object.document.text;
    let is_block = !text.trim_start().starts_with(['{', '['])
        && workload
            .object
            .root
            .get("kind")
            .is_some_and(|kind| !kind.aliased);
    if !is_block || text.trim_end().ends_with("...") {
        finding.refuse("the file is not one to which an object can be added");
        return;
    }
    let namespace = &workload.object.namespace;
    let metadata = if namespace.is_empty() {
        "  name: isolated\n".to_owned()
    } else {
        format!("  name: isolated\n  namespace: {namespace}\n")
    };
    let mut ports = BTreeSet::new();
    for service in all
        .iter()
        .filter(|object| object.kind == "Service" && object.namespace == *namespace)
    {
        for port in service
            .root
            .get("spec")
            .iter()
            .flat_map(|spec| spec.list("ports"))
        {
            ports.extend(port.string("targetPort").or_else(|| port.string("port")));
        }
    }
    let served: Vec<String> = ports
        .iter()
        .map(|port| format!("        - port: {port}\n"))
        .collect();
    let served = served.concat();
    let served = if served.is_empty() {
        served
    } else {
        format!(
            "    # From the ingress controller: name its namespace here.\n    - from:\n        - namespaceSelector: {{}}\n      ports:\n{served}"
        )
    };
    let policy = format!(
        "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n{metadata}spec:\n  podSelector: {{}}\n  policyTypes: [Ingress, Egress]\n  ingress:\n    - from:\n        - podSelector: {{}}\n{served}  egress:\n    - to:\n        - podSelector: {{}}\n    # Name resolution. Add what the application calls outside of its namespace.\n    - ports:\n        - {{port: 53, protocol: UDP}}\n        - {{port: 53, protocol: TCP}}\n"
    );
    let lead = if text.ends_with('\n') { "" } else { "\n" };
    finding.suggested([Edit::insert(
        workload.file(),
        text.len(),
        format!("{lead}{policy}"),
    )]);
}
