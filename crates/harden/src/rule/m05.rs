//! M05: capabilities that nobody needs.

use super::manifest::{called, offer, secure};
use super::{Fixing, Rule};
use crate::finding::Severity;
use crate::kubernetes::workloads;
use crate::report::Report;
use crate::workspace::Workspace;
use crate::yaml::Fresh;

pub(super) const RULE: Rule = Rule {
    id: "M05",
    severity: Severity::Error,
    title: "capabilities are not dropped",
    why: "A runtime gives some fourteen capabilities by default: forging packets, changing owners, other users' files. A web application needs none. \
          The restricted profile refuses the pod.",
    mend: "set securityContext.capabilities.drop: [\"ALL\"], and add NET_BIND_SERVICE where a port below 1024 is listened on",
    fix: Fixing::Safe,
    same_as: "kube-linter drop-net-raw-capability, kubesec CapDropAll, CapDropAny and CapSysAdmin, polaris insecureCapabilities, trivy KSV003, KSV004, KSV106",
    check,
};

/// Capabilities that may be added in the restricted profile.
const ALLOWED: &str = "NET_BIND_SERVICE";
/// Ports below this need a capability.
const FIRST_FREE: i64 = 1024;

fn check(workspace: &Workspace, report: &mut Report) {
    for workload in workloads(workspace).iter().filter(|one| !one.is_windows()) {
        for container in &workload.containers {
            let capabilities = container.security("capabilities");
            let list = |key: &str| {
                capabilities
                    .as_ref()
                    .map(|node| node.list(key))
                    .unwrap_or_default()
            };
            for added in list("add") {
                let said = added.text().unwrap_or_default();
                let name = said.trim_start_matches("CAP_").to_owned();
                if name == ALLOWED && said != ALLOWED {
                    let message = format!("the API knows no capability {said}");
                    let finding = report.add(&RULE, workload.file(), added.span.clone(), message);
                    finding.help(format!("write {ALLOWED}"));
                    let edit = crate::yaml::edit::replace(
                        workload.file(),
                        workload.text(),
                        &added,
                        &Fresh::plain(ALLOWED),
                    );
                    offer(finding, edit, false);
                } else if name != ALLOWED {
                    report
                        .add(
                            &RULE,
                            workload.file(),
                            added.span.clone(),
                            format!("{} is given {name}", called(container)),
                        )
                        .help("find out what needs it, or remove it");
                }
            }
            let all = list("drop").into_iter().find(|node| {
                node.text()
                    .is_some_and(|text| text.eq_ignore_ascii_case("ALL"))
            });
            if let Some(all) = all {
                // Runtimes read it in any case, Pod Security in capitals only.
                if all.text() != Some("ALL") {
                    let message = format!("{} drops \"all\", which is \"ALL\"", called(container));
                    let finding = report.add(&RULE, workload.file(), all.span.clone(), message);
                    let edit = crate::yaml::edit::replace(
                        workload.file(),
                        workload.text(),
                        &all,
                        &Fresh::plain("ALL"),
                    );
                    offer(finding, edit, true);
                }
                continue;
            }
            let span = capabilities.as_ref().map_or_else(
                || container.place(),
                |node| node.span.start..node.span.start,
            );
            let finding = report.add(
                &RULE,
                workload.file(),
                span,
                format!(
                    "{} keeps the capabilities of the runtime",
                    called(container)
                ),
            );
            let low = container
                .ports()
                .iter()
                .any(|(port, ..)| *port < FIRST_FREE);
            let dropped = capabilities.as_ref().and_then(|node| node.get("drop"));
            let edit = match dropped {
                Some(drop) if !drop.items().is_empty() => crate::yaml::edit::append(
                    workload.file(),
                    workload.text(),
                    &drop,
                    &Fresh::plain("ALL"),
                ),
                _ => secure(
                    workload,
                    container,
                    &["capabilities", "drop"],
                    &Fresh::List(vec![Fresh::plain("ALL")]),
                ),
            };
            // Whoever is not root has none of them anyway, unless it listens on a low port.
            offer(
                finding,
                edit,
                workload.is_non_root(container) && !low && list("add").is_empty(),
            );
        }
    }
}
