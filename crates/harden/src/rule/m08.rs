//! M08: a pod that is on the machine rather than in a container.

use super::manifest::called;
use super::{Fixing, Rule};
use crate::finding::Severity;
use crate::kubernetes::workloads;
use crate::report::Report;
use crate::workspace::Workspace;

pub(super) const RULE: Rule = Rule {
    id: "M08",
    severity: Severity::Error,
    title: "the pod has the machine: privileged, host namespaces, hostPath",
    why: "Such a container can read and change the machine and everything else that runs on it. The baseline profile refuses the pod.",
    mend: "find out what needs it; a volume claim, a Service or a DaemonSet of the platform does most of it",
    fix: Fixing::Never,
    same_as: "kube-linter privileged-container, host-ipc, host-network, host-pid, docker-sock, sensitive-host-mounts, writable-host-mount, unsafe-proc-mount, unsafe-sysctls; \
              kubesec Privileged, HostIPC, HostNetwork, HostPID, DockerSock, ProcMount; polaris hostPathSet, hostPortSet; trivy KSV008 to KSV010, KSV017, KSV023, KSV024",
    check,
};

/// Settings of the kernel that a pod may change (Pod Security Standards, baseline).
const SYSCTLS: [&str; 12] = [
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.ping_group_range",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.tcp_wmem",
];

fn check(workspace: &Workspace, report: &mut Report) {
    for workload in &workloads(workspace) {
        let file = workload.file();
        for key in ["hostNetwork", "hostPID", "hostIPC"] {
            let set = workload
                .pod
                .get(key)
                .filter(|node| node.truth() == Some(true));
            if let Some(node) = set {
                report.add(
                    &RULE,
                    file,
                    node.span,
                    format!("{key}: the pod sees the machine's"),
                );
            }
        }
        for volume in workload.pod.list("volumes") {
            if let Some(path) = volume.at(&["hostPath", "path"]) {
                let said = path.text().unwrap_or_default();
                let what = if said.ends_with("docker.sock") || said.ends_with("containerd.sock") {
                    "the socket of the machine's containers"
                } else {
                    "a folder of the machine"
                };
                report.add(
                    &RULE,
                    file,
                    path.span.clone(),
                    format!("hostPath {said}: {what}"),
                );
            }
        }
        let sysctls = workload
            .pod
            .at(&["securityContext", "sysctls"])
            .map(|node| node.items())
            .unwrap_or_default();
        for name in sysctls.iter().filter_map(|one| one.get("name")) {
            if name.text().is_some_and(|text| !SYSCTLS.contains(&text)) {
                report.add(
                    &RULE,
                    file,
                    name.span.clone(),
                    format!("{} is the machine's", name.text().unwrap_or_default()),
                );
            }
        }
        for container in &workload.containers {
            let set = container
                .security("privileged")
                .filter(|node| node.truth() == Some(true));
            if let Some(node) = set {
                report.add(
                    &RULE,
                    file,
                    node.span,
                    format!("{} is privileged", called(container)),
                );
            }
            let mount = container
                .security("procMount")
                .filter(|node| node.text() != Some("Default"));
            if let Some(node) = mount {
                report.add(
                    &RULE,
                    file,
                    node.span,
                    format!("{} sees all of /proc", called(container)),
                );
            }
            for port in container
                .node
                .list("ports")
                .iter()
                .filter_map(|port| port.get("hostPort"))
            {
                if port.number() != Some(0) {
                    report.add(
                        &RULE,
                        file,
                        port.span.clone(),
                        format!("{} listens on a port of the machine", called(container)),
                    );
                }
            }
        }
    }
}
