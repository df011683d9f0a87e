//! M20: every replica migrates.

use super::d02::payload;
use super::manifest::called;
use super::moved;
use super::s02::{COLLECTS, INSTALLS, work};
use super::{Fixing, Rule};
use crate::dockerfile::without_init;
use crate::finding::Severity;
use crate::kubernetes::workloads;
use crate::report::Report;
use crate::shell::{self, Joined, simples};
use crate::workspace::Workspace;

pub(super) const RULE: Rule = Rule {
    id: "M20",
    severity: Severity::Error,
    title: "migrations in an init container or in the command",
    why: "Every pod does it: several at once migrate one database, each restart does it again, and one that fails keeps new pods from starting while the old \
          ones go.",
    mend: "make it a Job that runs before the roll-out, and remove it here",
    fix: Fixing::Suggested,
    same_as: "",
    check,
};

fn check(workspace: &Workspace, report: &mut Report) {
    for workload in workloads(workspace)
        .iter()
        .filter(|workload| !workload.ends() && workload.object.kind != "Pod")
    {
        for container in &workload.containers {
            let words = container.words();
            let Some(what) = does(&words) else {
                continue;
            };
            let place = container
                .node
                .get("command")
                .or_else(|| container.node.get("args"));
            let span = place.map_or_else(
                || container.place(),
                |node| node.span.start..node.span.start,
            );
            let finding = report.add(
                &RULE,
                workload.file(),
                span,
                format!("{} {what} in every pod", called(container)),
            );
            if what == COLLECTS || what == INSTALLS {
                finding.help("do it in the build of the image, and remove it here");
                finding.refuse("it belongs into the build of the image");
            } else {
                let payload = payload(&words.iter().map(String::as_str).collect::<Vec<_>>());
                match moved::edits(workspace, workload, container, payload) {
                    Ok(edits) => {
                        finding.suggested(edits);
                    }
                    Err(why) => {
                        finding.refuse(why);
                    }
                }
            }
            // One pod at a time is not good, and not broken either.
            if workload.replicas() == Some(1) {
                finding.severity = Severity::Warning;
            }
        }
    }
}

fn does(words: &[String]) -> Option<&'static str> {
    // An init in front of it is none of what is done.
    let words = without_init(words);
    let line = match payload(&words.iter().map(String::as_str).collect::<Vec<_>>()) {
        Some(at) => words[at].clone(),
        None => words.join(" "),
    };
    let script = shell::parse(&Joined::plain(&line, 0..line.len()));
    let mut found = None;
    simples(&script.items, &mut |simple, _| {
        found = found.or_else(|| work(simple));
    });
    found
}
