//! X06: roles that a script knows, and roles that are asked for.

use std::collections::BTreeSet;

use super::images::{line, of_container, services};
use super::manifest::called;
use super::s05::roles;
use super::starting::is_start_script;
use super::x02::words;
use super::x03::service_env;
use super::{Fixing, Rule};
use crate::finding::Severity;
use crate::kubernetes::{literal_env, workloads};
use crate::report::Report;
use crate::workspace::{Document, Workspace};
use crate::yaml::Node;

pub(super) const RULE: Rule = Rule {
    id: "X06",
    severity: Severity::Error,
    title: "a role that the start script does not know, or that does not fit its manifest",
    why: "A script chooses what runs by a variable that manifests and Compose files set. A role that is mistyped or was renamed starts nothing or the wrong \
          thing; a worker with an HTTP probe is restarted for ever; a second beat sends every task twice.",
    mend: "use the names of the script's branches; one replica for beat; for workers a probe that runs a command",
    fix: Fixing::Never,
    same_as: "",
    check,
};

fn check(workspace: &Workspace, report: &mut Report) {
    let scripts: Vec<Known<'_>> = workspace
        .scripts()
        .filter(|(document, _)| is_start_script(workspace, document))
        .flat_map(|(document, script)| {
            roles(&script.items)
                .into_iter()
                .map(move |one| (document, one))
        })
        .filter(|(_, one)| one.variable.bytes().any(|byte| byte.is_ascii_alphabetic()))
        .map(|(document, one)| {
            let all = one
                .arms
                .iter()
                .flat_map(|arm| arm.patterns.iter().map(move |pattern| (pattern, arm)));
            Known {
                document,
                variable: one.variable,
                names: all
                    .map(|(pattern, arm)| {
                        (
                            pattern.raw.trim_matches(['"', '\'']).to_owned(),
                            arm.span.clone(),
                        )
                    })
                    .collect(),
            }
        })
        .collect();
    let mut asked: BTreeSet<String> = BTreeSet::new();
    for workload in &workloads(workspace) {
        for container in &workload.containers {
            for (name, value, _) in literal_env(&container.node) {
                if let Some(value) = value {
                    look(&scripts, &name, &value, workload.file(), &mut asked, report);
                }
            }
        }
        kinds(workspace, workload, report);
    }
    for (document, compose) in workspace.composes() {
        for (_, service) in services(&compose.root) {
            beats(document, &service, report);
            for known in &scripts {
                let Some(said) = service_env(&service, &known.variable) else {
                    continue;
                };
                let node = service.get("environment").and_then(|environment| {
                    environment.get(&known.variable).or_else(|| {
                        environment.items().into_iter().find(|item| {
                            item.text()
                                .is_some_and(|text| text.starts_with(&known.variable))
                        })
                    })
                });
                if let Some(node) = node {
                    judge(known, &said, &node, &document.path, &mut asked, report);
                }
            }
        }
    }
    unused(&scripts, &asked, report);
}

/// A scheduler of Celery that a Compose file runs several times.
fn beats(document: &Document, service: &Node, report: &mut Report) {
    let scale = service.get("scale");
    let replicas = scale.or_else(|| service.at(&["deploy", "replicas"]));
    let Some(node) = replicas.filter(|node| node.number().is_some_and(|count| count > 1)) else {
        return;
    };
    let words = words(service);
    let has = |wanted: &str| {
        let mut words = words.iter().flat_map(|word| word.split_whitespace());
        words.any(|word| word.rsplit('/').next() == Some(wanted))
    };
    let role = service_env(service, "ROLE");
    if role.as_deref() == Some("beat") || (has("celery") && has("beat")) {
        let count = node.text().unwrap_or_default();
        let message = format!("{count} beats send every task {count} times");
        report
            .add(&RULE, &document.path, node.span.clone(), message)
            .help("run one");
    }
}

/// A script and the roles that it knows.
struct Known<'w> {
    document: &'w Document,
    variable: String,
    names: Vec<(String, std::ops::Range<usize>)>,
}

fn look(
    scripts: &[Known<'_>],
    name: &str,
    value: &Node,
    file: &str,
    asked: &mut BTreeSet<String>,
    report: &mut Report,
) {
    for known in scripts.iter().filter(|known| known.variable == name) {
        judge(
            known,
            value.text().unwrap_or_default(),
            value,
            file,
            asked,
            report,
        );
    }
}

fn judge(
    known: &Known<'_>,
    said: &str,
    node: &Node,
    file: &str,
    asked: &mut BTreeSet<String>,
    report: &mut Report,
) {
    asked.insert(said.to_owned());
    let patterns = |one: &String| one == said || (one.contains(['*', '?', '[']) && one != "*");
    if said.contains('$') || known.names.iter().any(|(one, _)| patterns(one)) {
        return;
    }
    let names: Vec<&str> = known
        .names
        .iter()
        .map(|(one, _)| one.as_str())
        .filter(|one| !matches!(*one, "*" | ""))
        .collect();
    report
        .add(
            &RULE,
            file,
            node.span.clone(),
            format!("{} does not know the role \"{said}\"", known.document.path),
        )
        .help(format!("known: {}", names.join(", ")));
}

/// Branches that nothing asks for.
fn unused(scripts: &[Known<'_>], asked: &BTreeSet<String>, report: &mut Report) {
    if asked.is_empty() {
        return;
    }
    for known in scripts {
        for (name, span) in &known.names {
            if !name.contains(['*', '?', '[', '$']) && !name.is_empty() && !asked.contains(name) {
                report
                    .add(
                        &RULE,
                        &known.document.path,
                        span.start..span.start + name.len(),
                        format!("no manifest and no Compose file asks for \"{name}\""),
                    )
                    .help("remove the branch, or use it")
                    .severity = Severity::Info;
            }
        }
    }
}

/// Workers with an HTTP probe, several beats.
fn kinds(workspace: &Workspace, workload: &crate::kubernetes::Workload<'_>, report: &mut Report) {
    for container in workload
        .containers
        .iter()
        .filter(|container| !container.init)
    {
        let role = literal_env(&container.node)
            .into_iter()
            .find(|(name, ..)| name == "ROLE")
            .and_then(|(_, value, _)| value?.text().map(str::to_owned));
        let made = of_container(workspace, container);
        // With a role, the line has the words of all of them.
        let line = if role.is_some() {
            String::new()
        } else {
            line(workspace, &container.words(), made)
        };
        let words: Vec<&str> = line.split_whitespace().collect();
        let celery = words
            .iter()
            .any(|word| word.rsplit('/').next() == Some("celery"));
        let is = |what: &str| role.as_deref() == Some(what) || (celery && words.contains(&what));
        if is("worker") || is("beat") {
            for key in ["readinessProbe", "livenessProbe", "startupProbe"] {
                if let Some(probe) = container.node.at(&[key, "httpGet"]) {
                    report
                        .add(
                            &RULE,
                            workload.file(),
                            probe.span.start..probe.span.start,
                            format!(
                                "{} does not answer HTTP: {key} fails for ever",
                                called(container)
                            ),
                        )
                        .help("use exec, or leave the probe out");
                }
            }
        }
        if is("beat") && workload.object.kind == "Deployment" {
            let replicas = workload.object.root.at(&["spec", "replicas"]);
            if let Some(node) = replicas.filter(|node| node.number().is_some_and(|count| count > 1))
            {
                report
                    .add(
                        &RULE,
                        workload.file(),
                        node.span.clone(),
                        format!(
                            "{} beats send every task {} times",
                            node.text().unwrap_or_default(),
                            node.text().unwrap_or_default()
                        ),
                    )
                    .help("one replica, and strategy Recreate");
            }
        }
    }
}
