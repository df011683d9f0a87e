//! C05: two inits, or none any more.

use super::images::{built, services};
use super::manifest::offer;
use super::{Fixing, Rule};
use crate::finding::Severity;
use crate::report::Report;
use crate::workspace::Workspace;
use crate::yaml::edit;

pub(super) const RULE: Rule = Rule {
    id: "C05",
    severity: Severity::Warning,
    title: "init: true with an init in the image, or an entrypoint that takes it away",
    why: "With two inits the inner one is not process 1 and says so at each start; signals pass through two programs. An entrypoint of the service replaces that of \
          the image, and with it the init.",
    mend: "remove init where the image has one; set command instead of entrypoint",
    fix: Fixing::Safe,
    same_as: "",
    check,
};

fn check(workspace: &Workspace, report: &mut Report) {
    for (document, compose) in workspace.composes() {
        for (name, service) in services(&compose.root) {
            let Some((made, dockerfile)) = built(workspace, document, &service) else {
                continue;
            };
            if !dockerfile.program(&made.text).has_init() {
                continue;
            }
            let entrypoint = service.get("entrypoint");
            let own = entrypoint.as_ref().map(|node| {
                let items: Vec<String> = node
                    .items()
                    .iter()
                    .filter_map(|item| item.text().map(str::to_owned))
                    .collect();
                node.text().map_or(items.join(" "), str::to_owned)
            });
            let has = own.as_deref().is_some_and(|words| {
                ["tini", "dumb-init", "boatyard-init", "catatonit"]
                    .iter()
                    .any(|init| words.contains(init))
            });
            let init = service
                .get("init")
                .filter(|node| node.truth() == Some(true));
            match (entrypoint, init) {
                (Some(node), None) if !has => {
                    report
                        .add(
                            &RULE,
                            &document.path,
                            node.span.clone(),
                            format!("{name}: this takes the init of {} away", made.path),
                        )
                        .help("set command instead, or init: true");
                }
                (None, Some(node)) => {
                    let finding = report.add(
                        &RULE,
                        &document.path,
                        node.span.clone(),
                        format!("{name}: {} has an init already", made.path),
                    );
                    finding.help("remove init");
                    offer(
                        finding,
                        edit::remove(&document.path, &document.text, &service, "init"),
                        true,
                    );
                }
                _ => {}
            }
        }
    }
}
