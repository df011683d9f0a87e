//! M10: probes.

use super::manifest::called;
use super::{Fixing, Rule};
use crate::finding::Severity;
use crate::kubernetes::{Container, Workload, labels, objects, selects, workloads};
use crate::report::Report;
use crate::workspace::Workspace;
use crate::yaml::{Node, Value};

pub(super) const RULE: Rule = Rule {
    id: "M10",
    severity: Severity::Warning,
    title: "probes are missing, equal, or ask the wrong port",
    why: "Without a readiness probe a Service sends requests to a container that is starting or overloaded. A liveness probe that asks the same as the \
          readiness probe restarts what is only busy, and makes an outage of a slow database.",
    mend: "readinessProbe asks whether requests can be served; livenessProbe asks only the process itself, later and more patiently",
    fix: Fixing::Never,
    same_as: "kube-linter no-readiness-probe, no-liveness-probe, liveness-port, readiness-port, startup-port; kube-score pod-probes and pod-probes-identical; polaris \
              readinessProbeMissing and livenessProbeMissing",
    check,
};

fn check(workspace: &Workspace, report: &mut Report) {
    let all = objects(workspace);
    for workload in workloads(workspace)
        .iter()
        .filter(|workload| !workload.ends())
    {
        let served = all.iter().any(|object| {
            object.kind == "Service"
                && object.namespace == workload.object.namespace
                && selects(
                    &labels(object.root.at(&["spec", "selector"]).as_ref()),
                    &workload.labels,
                )
        });
        for container in workload
            .containers
            .iter()
            .filter(|container| !container.init)
        {
            let ready = container.node.get("readinessProbe");
            if ready.is_none() && served && !container.ports().is_empty() {
                report.add(
                    &RULE,
                    workload.file(),
                    container.place(),
                    format!("{} is sent requests before it is ready", called(container)),
                );
            }
            let alive = container.node.get("livenessProbe");
            if let (Some(ready), Some(alive)) = (&ready, &alive)
                && said(ready) == said(alive)
            {
                report.add(
                    &RULE,
                    workload.file(),
                    alive.span.start..alive.span.start,
                    format!(
                        "{}: livenessProbe is the same as readinessProbe",
                        called(container)
                    ),
                );
            }
            ports(workload, container, report);
        }
    }
}

/// Probes of ports that no container of the pod names.
fn ports(workload: &Workload<'_>, container: &Container, report: &mut Report) {
    for key in ["readinessProbe", "livenessProbe", "startupProbe"] {
        for how in ["httpGet", "tcpSocket"] {
            let Some(port) = container.node.at(&[key, how, "port"]) else {
                continue;
            };
            if let Some(host) = container.node.at(&[key, how, "host"]) {
                report
                    .add(
                        &RULE,
                        workload.file(),
                        host.span,
                        format!("{key} asks another host: the restricted profile refuses that"),
                    )
                    .help("leave host out: the pod is asked");
            }
            let named = port.number().is_none();
            let known = container
                .ports()
                .iter()
                .any(|(_, name, _)| name.as_deref() == port.text());
            if named && !known {
                report
                    .add(
                        &RULE,
                        workload.file(),
                        port.span.clone(),
                        format!(
                            "{} has no port \"{}\"",
                            called(container),
                            port.text().unwrap_or_default()
                        ),
                    )
                    .help("name the port under ports")
                    .severity = Severity::Error;
            }
        }
    }
}

/// A node without its places.
fn said(node: &Node) -> String {
    match &*node.value {
        Value::Scalar(text, _) => text.clone(),
        Value::Sequence(items, _) => {
            format!("[{}]", items.iter().map(said).collect::<Vec<_>>().join(","))
        }
        Value::Mapping(entries, _) => {
            let mut all: Vec<String> = entries
                .iter()
                .map(|entry| format!("{}:{}", said(&entry.key), said(&entry.value)))
                .collect();
            all.sort();
            format!("{{{}}}", all.join(","))
        }
    }
}
