//! M13: budgets for disruptions.

use super::{Fixing, Rule};
use crate::edit::Edit;
use crate::finding::Severity;
use crate::kubernetes::{Object, Workload, labels, objects, selects, workloads};
use crate::report::Report;
use crate::workspace::Workspace;

pub(super) const RULE: Rule = Rule {
    id: "M13",
    severity: Severity::Warning,
    title: "no budget for disruptions, or one that blocks",
    why: "When machines are emptied for an upgrade, all replicas may go at once, unless a PodDisruptionBudget says how many have to stay. One that lets \
          none go stops the upgrade of the cluster.",
    mend: "a PodDisruptionBudget with maxUnavailable: 1 for what has several replicas",
    fix: Fixing::Suggested,
    same_as: "kube-linter pdb-max-unavailable and pdb-min-available, kube-score deployment-has-poddisruptionbudget, polaris missingPodDisruptionBudget and pdbDisruptionsIsZero",
    check,
};

fn check(workspace: &Workspace, report: &mut Report) {
    let all = objects(workspace);
    let budgets: Vec<&Object<'_>> = all
        .iter()
        .filter(|object| object.kind == "PodDisruptionBudget")
        .collect();
    let list = workloads(workspace);
    for workload in &list {
        let Some(node) = workload.object.root.at(&["spec", "replicas"]) else {
            continue;
        };
        let several = node.number().is_some_and(|count| count > 1)
            && matches!(workload.object.kind.as_str(), "Deployment" | "StatefulSet");
        if !several || budgets.iter().any(|budget| covers(budget, workload)) {
            continue;
        }
        let finding = report.add(
            &RULE,
            workload.file(),
            node.span.clone(),
            format!(
                "all {} pods of {} may go at once",
                node.text().unwrap_or_default(),
                workload.object.name
            ),
        );
        let selector = workload
            .object
            .root
            .at(&["spec", "selector", "matchLabels"]);
        let labels = labels(selector.as_ref());
        if labels.is_empty() || workload.object.document.text.contains("{{") {
            continue;
        }
        let quoted: Vec<String> = labels
            .iter()
            .map(|(key, value)| format!("      {key}: {}\n", quoted(value)))
            .collect();
        let namespace = if workload.object.namespace.is_empty() {
            String::new()
        } else {
            format!("  namespace: {}\n", workload.object.namespace)
        };
        let text = workload.text();
        let lead = if text.ends_with('\n') { "" } else { "\n" };
        let object = format!(
            "{lead}---\napiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata:\n  name: {}\n{namespace}spec:\n  maxUnavailable: 1\n  selector:\n    matchLabels:\n{}",
            workload.object.name,
            quoted.concat()
        );
        finding.suggested([Edit::insert(workload.file(), text.len(), object)]);
    }
    for budget in budgets {
        let spec = |key: &str| budget.root.at(&["spec", key]);
        let none = spec("maxUnavailable").filter(|node| matches!(node.text(), Some("0" | "0%")));
        let every = spec("minAvailable").filter(|node| {
            node.text() == Some("100%")
                || list.iter().any(|workload| {
                    covers(budget, workload)
                        && workload
                            .replicas()
                            .is_some_and(|count| node.number().is_some_and(|least| least >= count))
                })
        });
        if let Some(node) = none.or(every) {
            report
                .add(
                    &RULE,
                    &budget.document.path,
                    node.span,
                    format!("{} lets no pod go: machines cannot be emptied", budget.name),
                )
                .help("write maxUnavailable: 1");
        }
    }
}

fn covers(budget: &Object<'_>, workload: &Workload<'_>) -> bool {
    budget.namespace == workload.object.namespace
        && selects(
            &labels(
                budget
                    .root
                    .at(&["spec", "selector", "matchLabels"])
                    .as_ref(),
            ),
            &workload.labels,
        )
}

/// A value that stays a text.
fn quoted(value: &str) -> String {
    let plain = value.starts_with(|c: char| c.is_ascii_alphabetic())
        && !matches!(
            value,
            "true" | "false" | "null" | "yes" | "no" | "on" | "off" | "y" | "n"
        );
    if plain {
        value.to_owned()
    } else {
        format!("{value:?}")
    }
}
