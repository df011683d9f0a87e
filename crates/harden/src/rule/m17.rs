//! M17: secrets that everybody can read, and variables that are given twice or lead nowhere.

use std::collections::BTreeSet;

use boatyard_plan::secret::{is_secret, is_secret_value};

use super::given::{in_node, in_nodes};
use super::manifest::called;
use super::{Fixing, Rule};
use crate::edit::Edit;
use crate::finding::{Finding, Severity};
use crate::kubernetes::{Container, Object, Workload, literal_env, objects, workloads};
use crate::report::Report;
use crate::workspace::Workspace;
use crate::yaml::{Node, Style, Value};

pub(super) const RULE: Rule = Rule {
    id: "M17",
    severity: Severity::Error,
    title: "a secret in plain text; a variable given twice, or from a key that is not there",
    why: "A manifest is in a repository, in the history of deploys and readable by everyone who may look at pods. Of a variable that is given twice the last \
          one counts; one from a key that does not exist keeps the pod from starting.",
    mend: "put it into a Secret and name that: valueFrom.secretKeyRef",
    fix: Fixing::Suggested,
    same_as: "kube-linter env-var-secret, read-secret-from-env-var, duplicate-env-var, env-value-from; kubesec SecretsAsEnvironmentVariables; polaris sensitiveContainerEnvVar and \
              sensitiveConfigmapContent; kube-score environment-variable-key-duplication",
    check,
};

fn check(workspace: &Workspace, report: &mut Report) {
    let all = objects(workspace);
    for workload in &workloads(workspace) {
        for container in &workload.containers {
            on_command_lines(workload, container, report);
            let mut seen = BTreeSet::new();
            for (name, value, node) in literal_env(&container.node) {
                let place = node.get("name").map_or(node.span.clone(), |node| node.span);
                if !seen.insert(name.clone()) {
                    report
                        .add(
                            &RULE,
                            workload.file(),
                            place.clone(),
                            format!("{} is given {name} twice", called(container)),
                        )
                        .help("remove one of them")
                        .severity = Severity::Warning;
                }
                if let Some(value) = value {
                    let said = value.text().unwrap_or_default();
                    // $(NAME) is replaced by a variable of the container.
                    let refers = said.starts_with("$(") && !is_secret_value(said);
                    if is_secret(&name, said) && !refers {
                        let finding = report.add(
                            &RULE,
                            workload.file(),
                            place.clone(),
                            format!("{name} is written out"),
                        );
                        reference(finding, workload, &node, &name);
                    }
                }
                for (key, kind) in [("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")] {
                    if let Some(reference) = node.at(&["valueFrom", key]) {
                        missing(&all, kind, &workload.object, &reference, report);
                    }
                }
            }
        }
    }
    for object in all.iter().filter(|object| object.kind == "ConfigMap") {
        for entry in object
            .root
            .get("data")
            .iter()
            .flat_map(|data| data.entries().to_vec())
        {
            let (name, value) = (
                entry.key.text().unwrap_or_default(),
                entry.value.text().unwrap_or_default(),
            );
            if is_secret(name, value) {
                report
                    .add(
                        &RULE,
                        &object.document.path,
                        entry.key.span.clone(),
                        format!("{name} is in a ConfigMap"),
                    )
                    .help("put it into a Secret");
            }
        }
    }
}

/// Secrets among the words that are run.
fn on_command_lines(workload: &Workload<'_>, container: &Container, report: &mut Report) {
    let mut words = container.node.list("command");
    words.extend(container.node.list("args"));
    let own = in_nodes(&words).into_iter().map(|found| (found, true));
    let asked = ["readinessProbe", "livenessProbe", "startupProbe"];
    let probes = asked
        .iter()
        .filter_map(|probe| container.node.at(&[probe, "exec", "command"]));
    let probes = probes.flat_map(|command| in_node(&command));
    for ((node, given), expands) in own.chain(probes.map(|found| (found, false))) {
        let message = format!("a secret is on a command line of {}", called(container));
        let finding = report.add(&RULE, workload.file(), node.span.clone(), message);
        let name = given.name;
        let written = if expands {
            format!("$({name})")
        } else {
            format!("sh -c with ${name} (probes expand nothing)")
        };
        finding.help(format!(
            "make a new one, put it into a Secret, set {name} by valueFrom.secretKeyRef {{name: {}-secrets, key: {name}}}, and write {written} here",
            workload.object.name
        ));
    }
}

/// Names a key of a Secret in place of the value. The Secret itself is for a person: a secret that was in a file is known.
fn reference(finding: &mut Finding, workload: &Workload<'_>, node: &Node, name: &str) {
    let secret = format!("{}-secrets", workload.object.name);
    finding.help(format!(
        "make a new secret, put it into a Secret, and name that: valueFrom.secretKeyRef {{name: {secret}, key: {name}}}"
    ));
    let Some(entry) = node.entry("value").filter(|entry| {
        !node.aliased
            && !entry.value.aliased
            && matches!(&*entry.value.value, Value::Scalar(_, style) if *style != Style::Block)
    }) else {
        finding.refuse("the value is not on a line of its own");
        return;
    };
    let span = entry.key.span.start..entry.value.span.end;
    let said = format!("valueFrom: {{secretKeyRef: {{name: {secret}, key: {name}}}}}");
    finding.suggested([Edit::replace(workload.file(), span, said)]);
}

/// A key that an object which is here does not have.
fn missing(
    all: &[Object<'_>],
    kind: &str,
    owner: &Object<'_>,
    reference: &crate::yaml::Node,
    report: &mut Report,
) {
    let (Some(name), Some(key)) = (reference.string("name"), reference.get("key")) else {
        return;
    };
    if reference.get("optional").and_then(|node| node.truth()) == Some(true) {
        return;
    }
    let Some(object) = all
        .iter()
        .find(|one| one.kind == kind && one.name == name && one.namespace == owner.namespace)
    else {
        return;
    };
    let has = |field: &str| {
        object
            .root
            .get(field)
            .is_some_and(|data| data.get(key.text().unwrap_or_default()).is_some())
    };
    if !has("data") && !has("stringData") && !has("binaryData") {
        report
            .add(
                &RULE,
                &owner.document.path,
                key.span.clone(),
                format!(
                    "the {kind} {name} has no key \"{}\"",
                    key.text().unwrap_or_default()
                ),
            )
            .help("name a key that it has");
    }
}
