//! X07: the user of the image and the user of the manifest.

use boatyard_plan::dockerfile::Kind;

use super::d06::number;
use super::images::of_container;
use super::manifest::called;
use super::{Fixing, Rule};
use crate::edit::Edit;
use crate::finding::Severity;
use crate::kubernetes::workloads;
use crate::report::Report;
use crate::workspace::Workspace;

pub(super) const RULE: Rule = Rule {
    id: "X07",
    severity: Severity::Error,
    title: "the user of the image is not the user of its manifest",
    why: "The files of the image belong to the user that its Dockerfile made; a pod that runs as another one cannot write where the application does, has \
          no name and no home. Volumes get the group that fsGroup says, which the process has to be in.",
    mend: "use one number in both, and its group for fsGroup; or make the folders writable for group 0 (chgrp 0, chmod g=u) where any user may come",
    fix: Fixing::Suggested,
    same_as: "",
    check,
};

fn check(workspace: &Workspace, report: &mut Report) {
    for workload in &workloads(workspace) {
        let pod = workload.pod.get("securityContext");
        for container in workload
            .containers
            .iter()
            .filter(|container| !container.init)
        {
            let own = container.security("runAsUser");
            let Some(said) = own.or_else(|| pod.as_ref()?.get("runAsUser")) else {
                continue;
            };
            let Some((document, dockerfile)) = of_container(workspace, container) else {
                continue;
            };
            let Some(user) = dockerfile.user() else {
                continue;
            };
            let name = user.split(':').next().unwrap_or(&user).to_owned();
            let uid = if name.bytes().all(|byte| byte.is_ascii_digit()) {
                Some(name)
            } else {
                number(dockerfile, &name)
            };
            let Some(uid) = uid.filter(|uid| said.text().is_some_and(|said| said != uid)) else {
                continue;
            };
            // Folders for whoever comes: OpenShift's way.
            let open = dockerfile.made().any(|(_, one)| {
                matches!(one.kind, Kind::Run(_))
                    && (one.line.contains("g=u")
                        || one.line.contains("g+rwX")
                        || one.line.contains("g+w"))
            });
            if open {
                continue;
            }
            let finding = report.add(
                &RULE,
                workload.file(),
                said.span.clone(),
                format!(
                    "{} runs as {}, and the files of {} belong to {uid}",
                    called(container),
                    said.text().unwrap_or_default(),
                    document.path
                ),
            );
            finding.help(format!("set runAsUser: {uid}"));
            if said.aliased {
                finding.refuse(super::manifest::SHARED);
            } else {
                finding.suggested([Edit::replace(workload.file(), said.span.clone(), uid)]);
            }
        }
    }
}
