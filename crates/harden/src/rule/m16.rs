//! M16: a key to the cluster in every container.

use super::manifest::{offer, set_path};
use super::{Fixing, Rule};
use crate::finding::Severity;
use crate::kubernetes::{objects, workloads};
use crate::report::Report;
use crate::workspace::Workspace;
use crate::yaml::Fresh;

pub(super) const RULE: Rule = Rule {
    id: "M16",
    severity: Severity::Warning,
    title: "the token of the cluster is in the container; roles that may do everything",
    why: "Whoever breaks in finds a token of the API server at a known place. A web application never asks the API; and a role with * may do what is \
          invented next year, too.",
    mend: "set automountServiceAccountToken: false for the pod; name what a role may do",
    fix: Fixing::Safe,
    same_as: "kube-linter default-service-account and wildcard-in-rules, kubesec AutomountServiceAccountToken and ServiceAccountName, polaris automountServiceAccountToken, trivy KSV036 \
              and KSV046",
    check,
};

fn check(workspace: &Workspace, report: &mut Report) {
    let all = objects(workspace);
    for workload in &workloads(workspace) {
        let account = workload
            .pod
            .string("serviceAccountName")
            .or_else(|| workload.pod.string("serviceAccount"));
        let own = account.as_deref().filter(|name| *name != "default");
        let said = workload.pod.get("automountServiceAccountToken");
        let by_account = all.iter().any(|object| {
            object.kind == "ServiceAccount"
                && object.name == account.as_deref().unwrap_or("default")
                && object
                    .root
                    .get("automountServiceAccountToken")
                    .and_then(|node| node.truth())
                    == Some(false)
        });
        // An account of its own has rights that somebody gave it: it asks the API.
        if own.is_some()
            || by_account
            || said.as_ref().and_then(crate::yaml::Node::truth) == Some(false)
        {
            continue;
        }
        let span = said
            .as_ref()
            .map_or_else(|| workload.object.place(), |node| node.span.clone());
        let finding = report.add(
            &RULE,
            workload.file(),
            span,
            format!(
                "every container of {} has a token of the cluster",
                workload.object.name
            ),
        );
        let edit = set_path(
            workload.file(),
            workload.text(),
            &workload.pod,
            &["automountServiceAccountToken"],
            &Fresh::plain("false"),
        );
        offer(finding, edit, said.is_none());
    }
    for object in all
        .iter()
        .filter(|object| matches!(object.kind.as_str(), "Role" | "ClusterRole"))
    {
        for rule in object.root.list("rules") {
            for key in ["verbs", "resources"] {
                let star = rule
                    .list(key)
                    .into_iter()
                    .find(|node| node.text() == Some("*"));
                if let Some(node) = star {
                    report
                        .add(
                            &RULE,
                            &object.document.path,
                            node.span,
                            format!("{}: all {key}", object.name),
                        )
                        .help("name them");
                }
            }
        }
    }
}
