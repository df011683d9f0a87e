//! M19: what the API server does not know (any more).

use super::manifest::called;
use super::{Fixing, Rule};
use crate::edit::Edit;
use crate::finding::Severity;
use crate::kubernetes::{CONTAINER, NESTED, POD, PROBE, SECURITY, objects, workloads};
use crate::report::Report;
use crate::workspace::Workspace;
use crate::yaml::Node;

pub(super) const RULE: Rule = Rule {
    id: "M19",
    severity: Severity::Error,
    title: "an API version or a field that does not exist (any more)",
    why: "A version that was removed is refused by the server after its upgrade, all objects at once. A field with a typing error is dropped in silence where \
          validation is not strict: the limit or the probe that was written is not there.",
    mend: "write the version and the field that exist",
    fix: Fixing::Safe,
    same_as: "kube-linter no-extensions-v1beta and schema-validation, kube-score stable-version",
    check,
};

/// Kind, version that is gone, version that takes its place, whether the objects are otherwise the same.
const MOVED: [(&str, &str, &str, bool); 16] = [
    ("Deployment", "extensions/v1beta1", "apps/v1", false),
    ("Deployment", "apps/v1beta1", "apps/v1", false),
    ("Deployment", "apps/v1beta2", "apps/v1", true),
    ("DaemonSet", "extensions/v1beta1", "apps/v1", false),
    ("StatefulSet", "apps/v1beta1", "apps/v1", false),
    ("StatefulSet", "apps/v1beta2", "apps/v1", true),
    (
        "Ingress",
        "extensions/v1beta1",
        "networking.k8s.io/v1",
        false,
    ),
    (
        "Ingress",
        "networking.k8s.io/v1beta1",
        "networking.k8s.io/v1",
        false,
    ),
    (
        "NetworkPolicy",
        "extensions/v1beta1",
        "networking.k8s.io/v1",
        true,
    ),
    ("PodDisruptionBudget", "policy/v1beta1", "policy/v1", true),
    ("CronJob", "batch/v1beta1", "batch/v1", true),
    ("CronJob", "batch/v2alpha1", "batch/v1", true),
    (
        "HorizontalPodAutoscaler",
        "autoscaling/v2beta1",
        "autoscaling/v2",
        false,
    ),
    (
        "HorizontalPodAutoscaler",
        "autoscaling/v2beta2",
        "autoscaling/v2",
        true,
    ),
    (
        "Role",
        "rbac.authorization.k8s.io/v1beta1",
        "rbac.authorization.k8s.io/v1",
        true,
    ),
    (
        "RoleBinding",
        "rbac.authorization.k8s.io/v1beta1",
        "rbac.authorization.k8s.io/v1",
        true,
    ),
];

fn check(workspace: &Workspace, report: &mut Report) {
    for object in objects(workspace) {
        let path = &object.document.path;
        let moved = MOVED
            .iter()
            .find(|(kind, old, ..)| object.kind == *kind && object.version == *old);
        if let (Some((kind, old, new, same)), Some(node)) = (moved, object.root.get("apiVersion")) {
            let finding = report.add(
                &RULE,
                path,
                node.span.clone(),
                format!("{kind} is not in {old} any more"),
            );
            finding.help(format!("write {new}"));
            if *same && !node.aliased {
                finding.safe([Edit::replace(path, node.span.clone(), *new)]);
            } else {
                finding.refuse(format!("{new} has other fields"));
            }
        }
        let class = object.root.at(&["metadata", "annotations"]);
        let class = class
            .iter()
            .flat_map(|node| node.entries().to_vec())
            .find(|entry| entry.key.text() == Some("kubernetes.io/ingress.class"));
        if let Some(entry) = class.filter(|_| object.kind == "Ingress") {
            report
                .add(
                    &RULE,
                    path,
                    entry.key.span.clone(),
                    "the class of an Ingress is no annotation any more",
                )
                .help("write spec.ingressClassName")
                .severity = Severity::Warning;
        }
    }
    for object in objects(workspace)
        .iter()
        .filter(|object| object.kind == "Ingress")
    {
        let annotations = object.root.at(&["metadata", "annotations"]);
        for entry in annotations.iter().flat_map(|node| node.entries().to_vec()) {
            let key = entry.key.text().unwrap_or_default();
            if let Some(name) = key.strip_prefix("nginx.ingress.kubernetes.io/") {
                let message = format!("only ingress-nginx reads {name}, which has been retired");
                report
                    .add(&RULE, &object.document.path, entry.key.span.clone(), message)
                    .help("say it as the controller that comes after it does, or with a route of the Gateway API")
                    .severity = Severity::Warning;
            }
        }
    }
    for (kind, path, known) in NESTED {
        let objects = objects(workspace);
        for object in objects.iter().filter(|object| object.kind == kind) {
            if let Some(node) = object.root.at(path) {
                let what = format!("{kind} {}", path.join("."));
                fields(&object.document.path, &what, &node, known, report);
            }
        }
    }
    for workload in &workloads(workspace) {
        fields(workload.file(), "the pod", &workload.pod, &POD, report);
        for container in &workload.containers {
            fields(
                workload.file(),
                &called(container),
                &container.node,
                &CONTAINER,
                report,
            );
            for (key, known) in [
                ("readinessProbe", &PROBE[..]),
                ("livenessProbe", &PROBE),
                ("startupProbe", &PROBE),
                ("securityContext", &SECURITY),
                ("resources", &["limits", "requests", "claims"]),
            ] {
                if let Some(node) = container.node.get(key) {
                    let what = format!("{key} of {}", called(container));
                    fields(workload.file(), &what, &node, known, report);
                }
            }
        }
    }
}

/// Keys that are a known one with a typing error, and, as a remark, those that may be newer than we are.
fn fields(file: &str, what: &str, node: &Node, known: &[&str], report: &mut Report) {
    for entry in node.entries() {
        let Some(key) = entry
            .key
            .text()
            .filter(|key| *key != "<<" && !known.contains(key))
        else {
            continue;
        };
        let near = known
            .iter()
            .find(|one| one.eq_ignore_ascii_case(key))
            .or_else(|| {
                known
                    .iter()
                    .find(|one| distance(one, key) <= 1 || format!("{key}s") == **one)
            });
        if let Some(near) = near {
            let finding = report.add(
                &RULE,
                file,
                entry.key.span.clone(),
                format!("{what} has no field \"{key}\""),
            );
            finding.help(format!("did you mean {near}?"));
            if node.entry(near).is_none() && !node.aliased {
                finding.suggested([Edit::replace(file, entry.key.span.clone(), *near)]);
            }
        } else {
            let message = format!("{what} has no field \"{key}\" in Kubernetes 1.36");
            report
                .add(&RULE, file, entry.key.span.clone(), message)
                .help("look it up: an older server refuses it where validation is strict, and drops it where it is not")
                .severity = Severity::Info;
        }
    }
}

/// How many letters have to be changed, put in or left out.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut before = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let next = (before + usize::from(x != *y))
                .min(row[j] + 1)
                .min(row[j + 1] + 1);
            before = std::mem::replace(&mut row[j + 1], next);
        }
    }
    row[b.len()]
}
