//! C01: a service that has the machine.

use super::images::services;
use super::manifest::{offer, set_path};
use super::{Fixing, Rule};
use crate::finding::Severity;
use crate::report::Report;
use crate::workspace::Workspace;
use crate::yaml::{Fresh, Node};

pub(super) const RULE: Rule = Rule {
    id: "C01",
    severity: Severity::Warning,
    title: "a service that has the machine, or more rights than it needs",
    why: "privileged, the machine's network or processes and the engine's socket make a container that can read and change everything. Without \
          no-new-privileges whoever breaks in can become root in the container by any program with the setuid bit.",
    mend: "remove it, or write what is needed alone; set security_opt: [no-new-privileges:true]",
    fix: Fixing::Safe,
    same_as: "KICS privileged containers, host namespace and docker socket mounted",
    check,
};

fn check(workspace: &Workspace, report: &mut Report) {
    for (document, compose) in workspace.composes() {
        let path = &document.path;
        for (name, service) in services(&compose.root) {
            let mut worst = |node: &Node, message: String| {
                report
                    .add(&RULE, path, node.span.clone(), message)
                    .help("remove it, or find out what needs it")
                    .severity = Severity::Error;
            };
            let privileged = service
                .get("privileged")
                .filter(|node| node.truth() == Some(true));
            if let Some(node) = &privileged {
                worst(node, format!("{name} is privileged"));
            }
            for key in ["network_mode", "pid", "ipc", "userns_mode"] {
                if let Some(node) = service.get(key).filter(|node| node.text() == Some("host")) {
                    worst(
                        &node,
                        format!("{name} has the machine's {}", key.trim_end_matches("_mode")),
                    );
                }
            }
            for volume in service.list("volumes") {
                let source = volume
                    .string("source")
                    .or_else(|| {
                        volume
                            .text()
                            .and_then(|text| text.split(':').next())
                            .map(str::to_owned)
                    })
                    .unwrap_or_default();
                if source.ends_with("docker.sock")
                    || source.ends_with("containerd.sock")
                    || source == "/"
                {
                    worst(&volume, format!("{name} has {source} of the machine"));
                }
            }
            for added in service.list("cap_add") {
                if !matches!(
                    added.text(),
                    Some("NET_BIND_SERVICE" | "CAP_NET_BIND_SERVICE")
                ) {
                    worst(
                        &added,
                        format!("{name} is given {}", added.text().unwrap_or_default()),
                    );
                }
            }
            let options = service.list("security_opt");
            let has = options.iter().any(|option| {
                option
                    .text()
                    .is_some_and(|text| text.starts_with("no-new-privileges"))
            });
            // Only what is built here is known not to need it.
            if !has && service.get("build").is_some() && privileged.is_none() {
                let finding = report.add(
                    &RULE,
                    path,
                    service.span.start..service.span.start,
                    format!("{name} may gain rights"),
                );
                finding
                    .help("set security_opt: [no-new-privileges:true]")
                    .severity = Severity::Info;
                let option = Fresh::plain("no-new-privileges:true");
                let edit = match service.get("security_opt") {
                    Some(list) if list.is_list() => {
                        crate::yaml::edit::append(path, &document.text, &list, &option)
                    }
                    _ => set_path(
                        path,
                        &document.text,
                        &service,
                        &["security_opt"],
                        &Fresh::List(vec![option]),
                    ),
                };
                offer(finding, edit, true);
            }
        }
    }
}
