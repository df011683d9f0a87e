//! C03: what a service needs to be waited for and to come back.

use boatyard_plan::dockerfile::Kind;

use super::images::{built, services};
use super::{Fixing, Rule};
use crate::finding::Severity;
use crate::report::Report;
use crate::workspace::Workspace;

pub(super) const RULE: Rule = Rule {
    id: "C03",
    severity: Severity::Warning,
    title: "a service is waited for that never says that it is healthy",
    why: "depends_on with service_healthy waits for a health check. Without one in the service or its image, Compose refuses to start what waits; with a \
          service that is not there, all of the file.",
    mend: "write healthcheck in the service that is waited for",
    fix: Fixing::Never,
    same_as: "",
    check,
};

fn check(workspace: &Workspace, report: &mut Report) {
    for (document, compose) in workspace.composes() {
        let all = services(&compose.root);
        for (name, service) in &all {
            let Some(depends) = service.get("depends_on") else {
                continue;
            };
            let whole = compose.root.get("include").is_none()
                && service.get("extends").is_none()
                && !document.name().contains("override");
            for item in depends.items() {
                let wanted = item.text().unwrap_or_default();
                if whole && !all.iter().any(|(one, _)| one == wanted) {
                    report
                        .add(
                            &RULE,
                            &document.path,
                            item.span.clone(),
                            format!("{name} waits for {wanted}, which is not here"),
                        )
                        .help("name a service of the file");
                }
            }
            for entry in depends.entries() {
                let wanted = entry.key.text().unwrap_or_default();
                let Some((_, other)) = all.iter().find(|(one, _)| one == wanted) else {
                    if whole {
                        report
                            .add(
                                &RULE,
                                &document.path,
                                entry.key.span.clone(),
                                format!("{name} waits for {wanted}, which is not here"),
                            )
                            .help("name a service of the file");
                    }
                    continue;
                };
                let Some(condition) = entry
                    .value
                    .get("condition")
                    .filter(|node| node.text() == Some("service_healthy"))
                else {
                    continue;
                };
                let disabled = other
                    .at(&["healthcheck", "disable"])
                    .and_then(|node| node.truth())
                    == Some(true);
                let own = other.get("healthcheck").is_some() && !disabled;
                let image = built(workspace, document, other);
                let by_image = image.is_some_and(|(_, dockerfile)| {
                    dockerfile
                        .made()
                        .any(|(_, one)| matches!(one.kind, Kind::Healthcheck(Some(_))))
                });
                // What an image of others has is not known.
                let unknown = image.is_none() && other.get("image").is_none();
                if !own && !by_image && (disabled || !unknown) && other.get("extends").is_none() {
                    let finding = report.add(
                        &RULE,
                        &document.path,
                        condition.span.clone(),
                        format!("{wanted} never says that it is healthy"),
                    );
                    if image.is_none() {
                        finding
                            .help("write healthcheck, unless its image has one")
                            .severity = Severity::Info;
                    }
                }
            }
        }
    }
}
