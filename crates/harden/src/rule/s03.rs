//! S03: what belongs into the image is done at each start.

use super::command::all;
use super::starting::is_start_script;
use super::{Fixing, Rule};
use crate::finding::Severity;
use crate::report::Report;
use crate::workspace::Workspace;

pub(super) const RULE: Rule = Rule {
    id: "S03",
    severity: Severity::Warning,
    title: "a start script does what the image should have done",
    why: "chown and chmod at the start need root and take minutes on large volumes; cd and export PYTHONPATH hold for this way of starting only, so that a \
          shell, a job or a health check in the same container finds another world.",
    mend: "write WORKDIR, ENV and COPY --chown in the Dockerfile",
    fix: Fixing::Never,
    same_as: "",
    check,
};

fn check(workspace: &Workspace, report: &mut Report) {
    for (document, script) in workspace.scripts() {
        if !is_start_script(workspace, document) {
            continue;
        }
        for simple in all(script) {
            let what = match simple.program() {
                Some("chown" | "chmod") if simple.flag('R', "recursive") => {
                    "changes owners or modes of many files; write COPY --chown in the Dockerfile"
                }
                Some("cd") if simple.word(1).is_some_and(|path| path.starts_with('/')) => {
                    "goes to a folder; write WORKDIR in the Dockerfile"
                }
                Some("export")
                    if simple.words.iter().any(|word| {
                        word.raw.starts_with("PYTHONPATH=") || word.raw.starts_with("PATH=")
                    }) =>
                {
                    "sets a path; write ENV in the Dockerfile"
                }
                _ => continue,
            };
            report.add(
                &RULE,
                &document.path,
                simple.span.clone(),
                format!("the start {what}"),
            );
        }
    }
}
