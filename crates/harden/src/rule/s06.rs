//! S06: programs in the background that nobody watches.

use super::command::all;
use super::starting::{is_long_running, is_start_script};
use super::{Fixing, Rule};
use crate::finding::Severity;
use crate::report::Report;
use crate::shell::simples;
use crate::workspace::Workspace;

pub(super) const RULE: Rule = Rule {
    id: "S06",
    severity: Severity::Error,
    title: "a program in the background that nobody watches",
    why: "When it ends, nobody notices: the container goes on with half of its programs and looks healthy. When the container stops, it gets no \
          signal and is killed.",
    mend: "one program for each container; or an init that supervises several: services of a role in boatyard.toml",
    fix: Fixing::Never,
    same_as: "",
    check,
};

fn check(workspace: &Workspace, report: &mut Report) {
    for (document, script) in workspace.scripts() {
        if !is_start_script(workspace, document) {
            continue;
        }
        let does = |name: &str| {
            all(script)
                .iter()
                .any(|simple| simple.program() == Some(name))
        };
        if does("trap") && does("wait") {
            continue;
        }
        simples(&script.items, &mut |simple, context| {
            if context.background && is_long_running(simple) {
                let name = simple.program().unwrap_or("a program").to_owned();
                report.add(
                    &RULE,
                    &document.path,
                    simple.span.clone(),
                    format!("nobody watches {name} in the background"),
                );
            }
        });
    }
}
