//! M14: how a new version replaces the old one.

use super::manifest::{offer, set_path};
use super::{Fixing, Rule};
use crate::finding::Severity;
use crate::kubernetes::workloads;
use crate::report::Report;
use crate::workspace::Workspace;
use crate::yaml::Fresh;

pub(super) const RULE: Rule = Rule {
    id: "M14",
    severity: Severity::Error,
    title: "what may run once only is replaced while it runs",
    why: "A Deployment starts the new pod before it stops the old one, unless it says otherwise: for that time there are two beats that send every task \
          twice.",
    mend: "set spec.strategy.type: Recreate",
    fix: Fixing::Safe,
    same_as: "kube-linter no-rolling-update-strategy (the other half), kube-score deployment-strategy",
    check,
};

fn check(workspace: &Workspace, report: &mut Report) {
    for workload in workloads(workspace)
        .iter()
        .filter(|workload| workload.object.kind == "Deployment")
    {
        let beats = workload.containers.iter().any(|container| {
            let words = container.words();
            let line = words.join(" ");
            let parts: Vec<&str> = line
                .split_whitespace()
                .map(|part| part.rsplit('/').next().unwrap_or(part))
                .collect();
            let role =
                crate::kubernetes::literal_env(&container.node)
                    .iter()
                    .any(|(name, value, _)| {
                        name == "ROLE"
                            && value.as_ref().and_then(|node| node.text()) == Some("beat")
                    });
            role || (parts.contains(&"celery") && parts.contains(&"beat"))
        });
        let kind = workload.object.root.at(&["spec", "strategy", "type"]);
        if !beats || kind.as_ref().and_then(|node| node.text()) == Some("Recreate") {
            continue;
        }
        let span = kind
            .as_ref()
            .map_or_else(|| workload.object.place(), |node| node.span.clone());
        let finding = report.add(
            &RULE,
            workload.file(),
            span,
            format!(
                "{}: two beats run while it is replaced",
                workload.object.name
            ),
        );
        if workload
            .object
            .root
            .at(&["spec", "strategy", "rollingUpdate"])
            .is_some()
        {
            finding.refuse("rollingUpdate has to go, too");
            continue;
        }
        let edit = set_path(
            workload.file(),
            workload.text(),
            &workload.object.root,
            &["spec", "strategy", "type"],
            &Fresh::plain("Recreate"),
        );
        offer(finding, edit, true);
    }
}
