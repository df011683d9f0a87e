//! M21: jobs that never end, and never go.

use super::manifest::{offer, set_path};
use super::{Fixing, Rule};
use crate::finding::Severity;
use crate::kubernetes::workloads;
use crate::report::Report;
use crate::workspace::Workspace;
use crate::yaml::Fresh;

pub(super) const RULE: Rule = Rule {
    id: "M21",
    severity: Severity::Warning,
    title: "a Job without a limit of time, or that stays for ever",
    why: "A Job that hangs blocks what waits for it until somebody looks. Jobs that are done stay with their pods until somebody removes them. A restart policy \
          of Always is refused.",
    mend: "set activeDeadlineSeconds and ttlSecondsAfterFinished, and restartPolicy Never or OnFailure",
    fix: Fixing::Suggested,
    same_as: "kube-linter job-ttl-seconds-after-finished and restart-policy",
    check,
};

fn check(workspace: &Workspace, report: &mut Report) {
    for workload in workloads(workspace)
        .iter()
        .filter(|workload| workload.ends())
    {
        let path: &[&str] = if workload.object.kind == "Job" {
            &["spec"]
        } else {
            &["spec", "jobTemplate", "spec"]
        };
        let Some(spec) = workload.object.root.at(path) else {
            continue;
        };
        let policy = workload.pod.get("restartPolicy");
        if !policy
            .as_ref()
            .is_some_and(|node| matches!(node.text(), Some("Never" | "OnFailure")))
        {
            let span = policy
                .as_ref()
                .map_or_else(|| workload.object.place(), |node| node.span.clone());
            let finding = report.add(
                &RULE,
                workload.file(),
                span,
                format!(
                    "{}: the API refuses a Job whose restartPolicy is Always",
                    workload.object.name
                ),
            );
            finding.help("write Never or OnFailure").severity = Severity::Error;
            let edit = set_path(
                workload.file(),
                workload.text(),
                &workload.pod,
                &["restartPolicy"],
                &Fresh::plain("Never"),
            );
            offer(finding, edit, false);
        }
        if spec.get("activeDeadlineSeconds").is_none()
            && workload.pod.get("activeDeadlineSeconds").is_none()
        {
            let finding = report.add(
                &RULE,
                workload.file(),
                workload.object.place(),
                format!("{} may hang for ever", workload.object.name),
            );
            finding.help("set activeDeadlineSeconds");
            let edit = set_path(
                workload.file(),
                workload.text(),
                &spec,
                &["activeDeadlineSeconds"],
                &Fresh::plain(3600),
            );
            offer(finding, edit, false);
        }
        if workload.object.kind == "Job" && spec.get("ttlSecondsAfterFinished").is_none() {
            let finding = report.add(
                &RULE,
                workload.file(),
                workload.object.place(),
                format!("{} stays when it is done", workload.object.name),
            );
            finding.help("set ttlSecondsAfterFinished; where GitOps applies the file again and again, make it a hook instead").severity = Severity::Info;
            let edit = set_path(
                workload.file(),
                workload.text(),
                &spec,
                &["ttlSecondsAfterFinished"],
                &Fresh::plain(86400),
            );
            offer(finding, edit, false);
        }
    }
}
