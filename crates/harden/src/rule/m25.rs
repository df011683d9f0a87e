//! M25: what else the restricted profile refuses.

use super::manifest::{called, offer, set_path};
use super::{Fixing, Rule};
use crate::finding::Severity;
use crate::kubernetes::{Container, Workload, workloads};
use crate::report::Report;
use crate::workspace::Workspace;
use crate::yaml::{Fresh, Node, edit};

pub(super) const RULE: Rule = Rule {
    id: "M25",
    severity: Severity::Error,
    title: "a volume, a probe or a label that the restricted profile refuses",
    why: "A pod that names a server of files itself goes around the claims by which a cluster gives out storage; one whose probe names a host lets the \
          machine ask for it where the pod may not; one that chooses its own SELinux or AppArmor confinement leaves that of the platform. Namespaces that \
          enforce the restricted profile refuse all of them.",
    mend: "leave it out, or do it by what the platform offers: a claim, the pod's own address, the default profile",
    fix: Fixing::Suggested,
    same_as: "trivy KSV002, KSV025 and KSV028, kubesec ApparmorUnconfined",
    check,
};

/// Kinds of volumes that it takes (Pod Security Standards 1.36, restricted). Rule M08 is about `hostPath`.
const VOLUMES: [&str; 10] = [
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "hostPath",
    "image",
    "persistentVolumeClaim",
    "projected",
    "secret",
];
/// Types of `SELinux` that a container may choose (the same, baseline).
const TYPES: [&str; 5] = [
    "",
    "container_t",
    "container_init_t",
    "container_kvm_t",
    "container_engine_t",
];
/// Annotations that chose an `AppArmor` profile before there was a field.
const ANNOTATION: &str = "container.apparmor.security.beta.kubernetes.io/";

fn check(workspace: &Workspace, report: &mut Report) {
    for workload in &workloads(workspace) {
        volumes(workload, report);
        let context = workload.pod.get("securityContext");
        confined("the pod", context.as_ref(), workload, report);
        annotations(workload, report);
        for container in &workload.containers {
            let context = container.node.get("securityContext");
            confined(&called(container), context.as_ref(), workload, report);
            hosts(container, workload, report);
        }
    }
}

fn volumes(workload: &Workload<'_>, report: &mut Report) {
    for volume in workload.pod.list("volumes") {
        let name = volume.string("name").unwrap_or_default();
        for entry in volume.entries() {
            let Some(kind) = entry
                .key
                .text()
                .filter(|key| *key != "name" && *key != "<<")
            else {
                continue;
            };
            if !VOLUMES.contains(&kind) {
                report
                    .add(
                        &RULE,
                        workload.file(),
                        entry.key.span.clone(),
                        format!("volume \"{name}\" is of the kind {kind}"),
                    )
                    .help("claim it: a PersistentVolume or a StorageClass of this kind belongs to the cluster");
            }
        }
    }
}

fn confined(name: &str, context: Option<&Node>, workload: &Workload<'_>, report: &mut Report) {
    let file = workload.file();
    let said = |path: &[&str]| context.and_then(|context| context.at(path));
    if let Some(node) = said(&["appArmorProfile", "type"])
        && !matches!(node.text(), Some("RuntimeDefault" | "Localhost"))
    {
        let message = format!(
            "the AppArmor profile of {name} is {}",
            node.text().unwrap_or_default()
        );
        let finding = report.add(&RULE, file, node.span.clone(), message);
        let value = Fresh::plain("RuntimeDefault");
        offer(
            finding,
            edit::replace(file, workload.text(), &node, &value),
            false,
        );
    }
    for key in ["user", "role", "type"] {
        let Some(node) = said(&["seLinuxOptions", key]) else {
            continue;
        };
        let text = node.text().unwrap_or_default();
        let allowed = if key == "type" {
            TYPES.contains(&text)
        } else {
            text.is_empty()
        };
        if !allowed {
            let message = format!("{name} chooses {text} as its {key} of SELinux");
            report.add(&RULE, file, node.span.clone(), message);
        }
    }
    if let Some(node) = said(&["windowsOptions", "hostProcess"])
        && node.truth() == Some(true)
    {
        let message = format!("{name} runs on the machine itself (hostProcess)");
        report.add(&RULE, file, node.span, message);
    }
}

fn annotations(workload: &Workload<'_>, report: &mut Report) {
    let annotations = workload.template.at(&["metadata", "annotations"]);
    for entry in annotations.iter().flat_map(Node::entries) {
        let chosen = entry
            .key
            .text()
            .and_then(|key| key.strip_prefix(ANNOTATION));
        let profile = entry.value.text().unwrap_or_default();
        let fine =
            profile.is_empty() || profile == "runtime/default" || profile.starts_with("localhost/");
        if let Some(name) = chosen.filter(|_| !fine) {
            let message = format!("the AppArmor profile of {name} is {profile}");
            report
                .add(&RULE, workload.file(), entry.value.span.clone(), message)
                .help("leave the annotation out");
        }
    }
}

fn hosts(container: &Container, workload: &Workload<'_>, report: &mut Report) {
    let paths: [(&str, &[&str]); 5] = [
        ("readinessProbe", &["readinessProbe"]),
        ("livenessProbe", &["livenessProbe"]),
        ("startupProbe", &["startupProbe"]),
        ("postStart", &["lifecycle", "postStart"]),
        ("preStop", &["lifecycle", "preStop"]),
    ];
    for (what, path) in paths {
        for how in ["httpGet", "tcpSocket"] {
            let asked = container.node.at(path).and_then(|node| node.get(how));
            let Some(asked) = asked else { continue };
            let host = asked.get("host").filter(|host| host.text() != Some(""));
            let Some(host) = host else { continue };
            let name = host.text().unwrap_or_default();
            let file = workload.file();
            let finding = report.add(
                &RULE,
                file,
                host.span.clone(),
                format!("{what} of {} asks {name}", called(container)),
            );
            finding.help(
                "leave host out: the pod itself is asked; a name that the application expects goes into the header Host",
            );
            // From the machine, that is the machine: nobody means it.
            let loopback = matches!(name, "localhost" | "127.0.0.1" | "::1");
            let edit = if loopback {
                edit::remove(file, workload.text(), &asked, "host").or_else(|| {
                    set_path(
                        file,
                        workload.text(),
                        &asked,
                        &["host"],
                        &Fresh::plain("\"\""),
                    )
                })
            } else {
                None
            };
            match edit {
                Some(edit) => {
                    finding.suggested([edit]);
                }
                None if loopback => {
                    finding.refuse(super::manifest::SHARED);
                }
                None => {
                    finding.refuse("another host is asked: only you know what for");
                }
            }
        }
    }
}
