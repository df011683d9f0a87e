//! M15: names that lead nowhere.

use std::collections::BTreeSet;

use super::manifest::called;
use super::{Fixing, Rule};
use crate::finding::Severity;
use crate::kubernetes::{Object, Workload, labels, objects, selects, workloads};
use crate::report::Report;
use crate::workspace::Workspace;
use crate::yaml::Node;

pub(super) const RULE: Rule = Rule {
    id: "M15",
    severity: Severity::Error,
    title: "a selector, a port, a backend or a mount that leads nowhere",
    why: "The API takes each object for itself: a Service whose selector has a typing error exists, and answers nobody. It is found by whoever opens the \
          page.",
    mend: "correct the name on one of the two sides",
    fix: Fixing::Never,
    same_as: "kube-linter dangling-service, dangling-ingress, dangling-horizontalpodautoscaler, dangling-networkpolicy, mismatching-selector, invalid-target-ports; kube-score \
              service-targets-pod, ingress-targets-service, deployment-pod-selector-labels-match-template-metadata-labels",
    check,
};

fn check(workspace: &Workspace, report: &mut Report) {
    let all = objects(workspace);
    let list = workloads(workspace);
    for workload in &list {
        mounts(workload, report);
        let node = workload
            .object
            .root
            .at(&["spec", "selector", "matchLabels"]);
        let wanted = labels(node.as_ref());
        if let Some(node) =
            node.filter(|_| !wanted.is_empty() && !selects(&wanted, &workload.labels))
        {
            report.add(
                &RULE,
                workload.file(),
                node.span.start..node.span.start,
                format!(
                    "{}: the selector does not fit the labels of its own pods",
                    workload.object.name
                ),
            );
        }
    }
    for object in &all {
        match object.kind.as_str() {
            "Service" if !list.is_empty() => service(object, &list, report),
            "Ingress" => ingress(object, &all, report),
            "HorizontalPodAutoscaler" if !list.is_empty() => {
                let target = |key: &str| object.root.at(&["spec", "scaleTargetRef", key]);
                let (Some(kind), Some(name)) = (target("kind"), target("name")) else {
                    continue;
                };
                let there = list.iter().any(|workload| {
                    Some(workload.object.kind.as_str()) == kind.text()
                        && Some(workload.object.name.as_str()) == name.text()
                });
                if !there
                    && list.iter().any(|workload| {
                        Some(workload.object.kind.as_str()) == kind.text()
                            && workload.object.namespace == object.namespace
                    })
                {
                    report.add(
                        &RULE,
                        &object.document.path,
                        name.span.clone(),
                        format!(
                            "there is no {} \"{}\" here",
                            kind.text().unwrap_or_default(),
                            name.text().unwrap_or_default()
                        ),
                    );
                }
            }
            _ => {}
        }
    }
}

/// Mounts of volumes that the pod does not have; a `StatefulSet` makes some.
fn mounts(workload: &Workload<'_>, report: &mut Report) {
    let made = workload.object.root.at(&["spec", "volumeClaimTemplates"]);
    let made = made.iter().flat_map(Node::items).filter_map(|claim| {
        let name = claim.at(&["metadata", "name"])?;
        name.text().map(str::to_owned)
    });
    let volumes = workload.pod.list("volumes").into_iter();
    let known: BTreeSet<String> = volumes
        .filter_map(|volume| volume.string("name"))
        .chain(made)
        .collect();
    for container in &workload.containers {
        for mount in container.node.list("volumeMounts") {
            let Some(name) = mount.get("name") else {
                continue;
            };
            if let Some(text) = name.text().filter(|name| !known.contains(*name)) {
                let message = format!(
                    "{} mounts \"{text}\", which the pod does not have",
                    called(container)
                );
                report.add(&RULE, workload.file(), name.span.clone(), message);
            }
        }
    }
}

fn service(object: &Object<'_>, list: &[Workload<'_>], report: &mut Report) {
    let Some(selector) = object.root.at(&["spec", "selector"]) else {
        return;
    };
    let wanted = labels(Some(&selector));
    let here: Vec<&Workload<'_>> = list
        .iter()
        .filter(|workload| workload.object.namespace == object.namespace)
        .collect();
    // Files of a part of an application do not show the rest: only what shares a label with something here is judged.
    let folder = object.document.folder();
    let near = here.iter().any(|workload| {
        workload.object.document.folder() == folder
            && wanted
                .iter()
                .any(|(key, value)| workload.labels.get(key) == Some(value))
    });
    let same_file = here
        .iter()
        .any(|workload| workload.file() == object.document.path);
    let chosen: Vec<&&Workload<'_>> = here
        .iter()
        .filter(|workload| selects(&wanted, &workload.labels))
        .collect();
    if chosen.is_empty() {
        if !wanted.is_empty() && (near || same_file) {
            report.add(
                &RULE,
                &object.document.path,
                selector.span.start..selector.span.start,
                format!("{} selects no pod that is here", object.name),
            );
        }
        return;
    }
    for port in object
        .root
        .at(&["spec", "ports"])
        .map(|node| node.items())
        .unwrap_or_default()
    {
        let Some(target) = port.get("targetPort").or_else(|| port.get("port")) else {
            continue;
        };
        let fits = |workload: &&&Workload<'_>| {
            workload.containers.iter().any(|container| {
                container.ports().iter().any(|(number, name, _)| {
                    target
                        .number()
                        .map_or(name.as_deref() == target.text(), |wanted| wanted == *number)
                })
            })
        };
        let declares = chosen.iter().any(|workload| {
            workload
                .containers
                .iter()
                .any(|container| !container.ports().is_empty())
        });
        if !chosen.iter().any(fits) && (target.number().is_none() || declares) {
            report.add(
                &RULE,
                &object.document.path,
                target.span.clone(),
                format!(
                    "{} sends to port {}, which no container has",
                    object.name,
                    target.text().unwrap_or_default()
                ),
            );
        }
    }
}

fn ingress(object: &Object<'_>, all: &[Object<'_>], report: &mut Report) {
    let services: Vec<&Object<'_>> = all
        .iter()
        .filter(|one| one.kind == "Service" && one.namespace == object.namespace)
        .collect();
    if services.is_empty() {
        return;
    }
    let mut backends: Vec<Node> = object
        .root
        .at(&["spec", "defaultBackend"])
        .into_iter()
        .collect();
    for rule in object
        .root
        .at(&["spec", "rules"])
        .map(|node| node.items())
        .unwrap_or_default()
    {
        for path in rule
            .at(&["http", "paths"])
            .map(|node| node.items())
            .unwrap_or_default()
        {
            backends.extend(path.get("backend"));
        }
    }
    for backend in backends {
        let Some(name) = backend.at(&["service", "name"]) else {
            continue;
        };
        let Some(service) = services
            .iter()
            .find(|one| Some(one.name.as_str()) == name.text())
        else {
            report.add(
                &RULE,
                &object.document.path,
                name.span.clone(),
                format!(
                    "there is no Service \"{}\" here",
                    name.text().unwrap_or_default()
                ),
            );
            continue;
        };
        let ports = service
            .root
            .at(&["spec", "ports"])
            .map(|node| node.items())
            .unwrap_or_default();
        let by = |key: &str, of: &str| {
            backend.at(&["service", "port", key]).filter(|wanted| {
                !ports
                    .iter()
                    .any(|port| port.string(of).as_deref() == wanted.text())
            })
        };
        if let Some(port) = by("number", "port").or_else(|| by("name", "name")) {
            report.add(
                &RULE,
                &object.document.path,
                port.span.clone(),
                format!(
                    "the Service {} has no port {}",
                    service.name,
                    port.text().unwrap_or_default()
                ),
            );
        }
    }
}
