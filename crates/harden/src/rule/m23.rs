//! M23: all replicas on one machine, and two who decide how many there are.

use super::{Fixing, Rule};
use crate::finding::Severity;
use crate::kubernetes::{objects, workloads};
use crate::report::Report;
use crate::workspace::Workspace;
use crate::yaml::edit;

pub(super) const RULE: Rule = Rule {
    id: "M23",
    severity: Severity::Info,
    title: "replicas are not spread, or counted by two",
    why: "Several replicas on one machine are gone with it. A number of replicas in the manifest beside an autoscaler sets it back at each deploy: pods are \
          killed in the middle of the load.",
    mend: "add topologySpreadConstraints over kubernetes.io/hostname; leave replicas out where an autoscaler decides",
    fix: Fixing::Safe,
    same_as: "kube-linter no-anti-affinity, kube-score pod-topology-spread-constraints and horizontalpodautoscaler-replicas, polaris topologySpreadConstraint",
    check,
};

fn check(workspace: &Workspace, report: &mut Report) {
    let all = objects(workspace);
    for workload in &workloads(workspace) {
        let Some(replicas) = workload.object.root.at(&["spec", "replicas"]) else {
            continue;
        };
        let scaled = all.iter().find(|object| {
            object.kind == "HorizontalPodAutoscaler"
                && object.namespace == workload.object.namespace
                && object
                    .root
                    .at(&["spec", "scaleTargetRef", "name"])
                    .is_some_and(|node| node.text() == Some(workload.object.name.as_str()))
                && object
                    .root
                    .at(&["spec", "scaleTargetRef", "kind"])
                    .is_some_and(|node| node.text() == Some(workload.object.kind.as_str()))
        });
        if let Some(scaler) = scaled {
            let finding = report.add(
                &RULE,
                workload.file(),
                replicas.span.clone(),
                format!("each deploy sets back what {} decided", scaler.name),
            );
            finding.help("remove replicas").severity = Severity::Warning;
            let spec = workload.object.root.get("spec");
            super::manifest::offer(
                finding,
                spec.and_then(|spec| {
                    edit::remove(workload.file(), workload.text(), &spec, "replicas")
                }),
                true,
            );
        }
        let spread = workload.pod.get("topologySpreadConstraints").is_some()
            || workload.pod.at(&["affinity", "podAntiAffinity"]).is_some();
        if workload.object.kind == "Deployment"
            && replicas.number().is_some_and(|count| count > 1)
            && !spread
        {
            report
                .add(
                    &RULE,
                    workload.file(),
                    replicas.span.clone(),
                    format!("all pods of {} may be on one machine", workload.object.name),
                )
                .help("add topologySpreadConstraints");
        }
    }
}
