//! C04: what means nothing on Kubernetes.

use super::images::services;
use super::{Fixing, Rule};
use crate::finding::Severity;
use crate::report::Report;
use crate::settings::Variant;
use crate::workspace::Workspace;

pub(super) const RULE: Rule = Rule {
    id: "C04",
    severity: Severity::Info,
    title: "a key of a Compose file that has no meaning on Kubernetes",
    why: "Converters drop it in silence, and the application behaves differently on the cluster. It is told where there are manifests beside the file, or where \
          the variant is k8s.",
    mend: "find out what it is for, and how a cluster does that",
    fix: Fixing::Never,
    same_as: "kompose: unsupported key",
    check,
};

/// Keys, and what takes their place.
const KEYS: [(&str, &str); 14] = [
    ("links", "names of Services"),
    ("external_links", "a Service of type ExternalName"),
    ("network_mode", "nothing: pods have a network of their own"),
    ("devices", "a device plugin"),
    ("ulimits", "settings of the machine's runtime"),
    ("cgroup_parent", "nothing"),
    ("extends", "Kustomize"),
    ("container_name", "metadata.name"),
    ("mac_address", "nothing"),
    ("userns_mode", "hostUsers: false"),
    ("volumes_from", "a volume that both mount"),
    (
        "ipc",
        "nothing, or an emptyDir of medium Memory at /dev/shm",
    ),
    ("shm_size", "an emptyDir of medium Memory at /dev/shm"),
    ("logging", "the cluster's own"),
];

fn check(workspace: &Workspace, report: &mut Report) {
    let cluster = workspace.settings.variant == Variant::K8s
        || !crate::kubernetes::workloads(workspace).is_empty();
    if !cluster {
        return;
    }
    for (document, compose) in workspace.composes() {
        for (name, service) in services(&compose.root) {
            for entry in service.entries() {
                let known = KEYS.iter().find(|(key, _)| entry.key.text() == Some(key));
                if let Some((key, instead)) = known {
                    report
                        .add(
                            &RULE,
                            &document.path,
                            entry.key.span.clone(),
                            format!("{key} of {name} means nothing on Kubernetes"),
                        )
                        .help(format!("there: {instead}"));
                }
            }
        }
    }
}
