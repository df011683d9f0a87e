//! D19: what Python prints arrives late or never.

use super::d13::sets;
use super::{Fixing, Rule};
use crate::dockerfile::Name;
use crate::edit::Edit;
use crate::finding::Severity;
use crate::place::next_line;
use crate::report::Report;
use crate::workspace::Workspace;

pub(super) const RULE: Rule = Rule {
    id: "D19",
    severity: Severity::Info,
    title: "PYTHONUNBUFFERED is not set",
    why: "Python keeps what it prints in a buffer when nobody watches: logs come in heaps, and the last words of a process that is killed are \
          lost.",
    mend: "add ENV PYTHONUNBUFFERED=1",
    fix: Fixing::Safe,
    same_as: "",
    check,
};

fn check(workspace: &Workspace, report: &mut Report) {
    for (document, dockerfile) in workspace.dockerfiles() {
        let chain = dockerfile.chain();
        let (Some(first), Some(last)) = (chain.first(), chain.last()) else {
            continue;
        };
        let base = dockerfile.resolved(&first.image.text);
        let start = dockerfile.start();
        let unbuffered = start
            .entrypoint
            .iter()
            .chain(&start.cmd)
            .any(|instruction| {
                instruction.line.contains("python -u") || instruction.line.contains("\"-u\"")
            });
        let runs = start.entrypoint.is_some() || start.cmd.is_some();
        if Name::of(&base).short() != "python"
            || !runs
            || unbuffered
            || sets(dockerfile, "PYTHONUNBUFFERED")
        {
            continue;
        }
        let at = next_line(&document.text, last.from.span.end);
        report
            .add(
                &RULE,
                &document.path,
                last.from.span.clone(),
                "what Python prints is kept in a buffer",
            )
            .safe([Edit::insert(&document.path, at, "ENV PYTHONUNBUFFERED=1\n")]);
    }
}
