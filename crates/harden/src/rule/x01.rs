//! X01: a user by name in the image, and runAsNonRoot in the manifest.

use boatyard_plan::dockerfile::Kind;

use super::d05::is_root;
use super::d06::number;
use super::images::of_container;
use super::manifest::{called, offer, set_path};
use super::{Fixing, Rule};
use crate::finding::Severity;
use crate::kubernetes::workloads;
use crate::report::Report;
use crate::workspace::Workspace;
use crate::yaml::Fresh;

pub(super) const RULE: Rule = Rule {
    id: "X01",
    severity: Severity::Error,
    title: "runAsNonRoot with an image whose user is a name",
    why: "The kubelet does not read the image's password file: it cannot tell whether the name is root and refuses to start the container \
          (CreateContainerConfigError). With root itself it refuses, too. Both files are right for themselves; together they do not start.",
    mend: "write the number in the Dockerfile (USER 10001), or set runAsUser beside runAsNonRoot",
    fix: Fixing::Safe,
    same_as: "",
    check,
};

fn check(workspace: &Workspace, report: &mut Report) {
    for workload in workloads(workspace).iter().filter(|one| !one.is_windows()) {
        let pod = workload.pod.get("securityContext");
        for container in &workload.containers {
            let own = container.node.get("securityContext");
            let said = |key: &str| {
                own.as_ref()
                    .and_then(|node| node.get(key))
                    .or_else(|| pod.as_ref().and_then(|node| node.get(key)))
            };
            let Some(demand) = said("runAsNonRoot").filter(|node| node.truth() == Some(true))
            else {
                continue;
            };
            let Some((document, dockerfile)) = of_container(workspace, container) else {
                continue;
            };
            if said("runAsUser").is_some() {
                continue;
            }
            let user = dockerfile.user();
            let name = user
                .as_deref()
                .map(|user| user.split(':').next().unwrap_or(user).to_owned());
            let message = match name.as_deref() {
                Some(name)
                    if name.contains('$')
                        || (!is_root(name) && name.bytes().all(|byte| byte.is_ascii_digit())) =>
                {
                    continue;
                }
                Some(name) if !is_root(name) => format!(
                    "{} does not start: {} has the user \"{name}\", which is no number",
                    called(container),
                    document.path
                ),
                Some(_) => format!(
                    "{} does not start: {} runs as root",
                    called(container),
                    document.path
                ),
                // A base image may set a user.
                None => continue,
            };
            let finding = report.add(&RULE, workload.file(), demand.span.clone(), message);
            let known = name
                .as_deref()
                .and_then(|name| number(dockerfile, name))
                .filter(|_| {
                    dockerfile
                        .made()
                        .any(|(_, one)| matches!(one.kind, Kind::User(_)))
                });
            match known {
                Some(number) => {
                    finding.help(format!(
                        "write USER {number} in {}, or set runAsUser: {number}",
                        document.path
                    ));
                    let edit = set_path(
                        workload.file(),
                        workload.text(),
                        &container.node,
                        &["securityContext", "runAsUser"],
                        &Fresh::plain(number),
                    );
                    offer(finding, edit, true);
                }
                None => {
                    finding.refuse("the number of the user is not in the Dockerfile");
                }
            }
        }
    }
}
