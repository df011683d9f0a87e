//! M09: nobody knows what the container needs.

use super::manifest::called;
use super::{Fixing, Rule};
use crate::finding::Severity;
use crate::kubernetes::workloads;
use crate::report::Report;
use crate::workspace::Workspace;

pub(super) const RULE: Rule = Rule {
    id: "M09",
    severity: Severity::Warning,
    title: "requests or the memory limit are missing",
    why: "Without requests the scheduler puts any number of pods on one machine, and the first to be thrown out is yours. Without a limit of memory one \
          leak takes the machine down. A limit of cpu is a choice; it is not asked for.",
    mend: "set resources.requests.cpu, resources.requests.memory and resources.limits.memory from what is measured",
    fix: Fixing::Never,
    same_as: "kube-linter unset-cpu-requirements and unset-memory-requirements, kube-score container-resources, polaris cpuRequestsMissing and memoryLimitsMissing, trivy KSV011, \
              KSV015, KSV016, KSV018",
    check,
};

fn check(workspace: &Workspace, report: &mut Report) {
    for workload in &workloads(workspace) {
        if workload.pod.at(&["resources", "requests"]).is_some() {
            continue;
        }
        for container in workload
            .containers
            .iter()
            .filter(|container| !container.init)
        {
            let missing: Vec<&str> = [
                ("requests.cpu", ["requests", "cpu"]),
                ("requests.memory", ["requests", "memory"]),
                ("limits.memory", ["limits", "memory"]),
            ]
            .into_iter()
            .filter(|(_, [kind, what])| {
                let said = |kind: &str| container.node.at(&["resources", kind, what]).is_some();
                // A limit without a request is the request, too.
                !(said(kind) || (*kind == "requests" && said("limits")))
            })
            .map(|(name, _)| name)
            .collect();
            if !missing.is_empty() {
                report.add(
                    &RULE,
                    workload.file(),
                    container.place(),
                    format!("{} has no {}", called(container), missing.join(", ")),
                );
            }
        }
    }
}
