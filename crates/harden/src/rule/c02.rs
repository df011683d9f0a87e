//! C02: what is old, unknown or open in a Compose file.

use std::collections::BTreeSet;

use boatyard_plan::secret::{is_secret, is_secret_value};

use super::given::in_node;
use super::images::services;
use super::manifest::offer;
use super::{Fixing, Rule};
use crate::compose::pairs;
use crate::dockerfile::Name;
use crate::edit::Edit;
use crate::finding::Severity;
use crate::report::Report;
use crate::workspace::Workspace;
use crate::yaml::{edit, written};

pub(super) const RULE: Rule = Rule {
    id: "C02",
    severity: Severity::Warning,
    title: "version:, images without a tag, secrets in plain text",
    why: "version means nothing any more and is warned of at each call. An image without a tag is another one on each machine. A password in the file is in the \
          repository for ever.",
    mend: "remove version; name a version of each image; use secrets, an env_file that is not committed, or ${VARIABLE}",
    fix: Fixing::Safe,
    same_as: "docker compose: the attribute version is obsolete",
    check,
};

fn check(workspace: &Workspace, report: &mut Report) {
    for (document, compose) in workspace.composes() {
        let path = &document.path;
        if let Some(entry) = compose.root.entry("version") {
            let finding = report.add(
                &RULE,
                path,
                entry.key.span.clone(),
                "version means nothing any more",
            );
            finding.help("remove it");
            offer(
                finding,
                edit::remove(path, &document.text, &compose.root, "version"),
                true,
            );
        }
        let mut told = BTreeSet::new();
        for (name, service) in services(&compose.root) {
            if let Some(image) = service
                .get("image")
                .filter(|_| service.get("build").is_none())
            {
                let said = image.text().unwrap_or_default();
                let parts = Name::of(said);
                let open = parts.digest.is_none() && matches!(parts.tag, None | Some("latest"));
                if open && !said.contains('$') {
                    report
                        .add(
                            &RULE,
                            path,
                            image.span.clone(),
                            format!("{name} runs whatever {said} is"),
                        )
                        .help("name a version");
                }
            }
            let commands: [&[&str]; 3] = [&["command"], &["entrypoint"], &["healthcheck", "test"]];
            for command in commands.iter().filter_map(|path| service.at(path)) {
                for (node, given) in in_node(&command) {
                    let message = format!("a secret is on a command line of {name}");
                    let finding = report.add(&RULE, path, node.span.clone(), message);
                    let instead = format!("${{{}:?}}", given.name);
                    finding.help(format!(
                        "make a new one, write {instead}, and set {} in a .env that is not committed",
                        given.name
                    ));
                    if let Some(written) = written(&document.text, &node) {
                        finding.suggested([Edit::replace(path, written.span(given.span), instead)]);
                    }
                }
            }
            let Some(environment) = service.get("environment") else {
                continue;
            };
            let pairs = pairs(&environment).into_iter().map(|(key, value)| {
                (
                    key.text().unwrap_or_default().to_owned(),
                    value.text().unwrap_or_default().to_owned(),
                    key.span.clone(),
                )
            });
            let items = environment.items().into_iter().filter_map(|item| {
                let (name, value) = item.text()?.split_once('=')?;
                Some((name.to_owned(), value.to_owned(), item.span.clone()))
            });
            for (variable, value, span) in pairs.chain(items) {
                let refers = value.contains('$') && !is_secret_value(&value);
                // What several services merge is written once.
                if is_secret(&variable, &value) && !refers && told.insert(span.start) {
                    report
                        .add(
                            &RULE,
                            path,
                            span,
                            format!("{variable} of {name} is written out"),
                        )
                        .help("use secrets, or ${VARIABLE} from a file that is not committed");
                }
            }
        }
    }
}
