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
    title: "PYTHONUNBUFFERED or PYTHONDONTWRITEBYTECODE is not set",
    why: "Python keeps what it prints in a buffer when nobody watches: logs come in heaps, and the last words of a process that is killed are \
          lost. It also writes what it compiled beside its sources at every start, into the layer of the container, where nobody needs it and a \
          read-only root forbids it.",
    mend: "add ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1",
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
        let has_flag = |flags: [&str; 2]| {
            let mut all = start.entrypoint.iter().chain(&start.cmd);
            all.any(|instruction| flags.iter().any(|flag| instruction.line.contains(flag)))
        };
        let runs = start.entrypoint.is_some() || start.cmd.is_some();
        if Name::of(&base).short() != "python" || !runs {
            continue;
        }
        let at = next_line(&document.text, last.from.span.end);
        for (variable, flags, said) in [
            (
                "PYTHONUNBUFFERED",
                ["python -u", "\"-u\""],
                "what Python prints is kept in a buffer",
            ),
            (
                "PYTHONDONTWRITEBYTECODE",
                ["python -B", "\"-B\""],
                "Python writes bytecode beside its sources at every start",
            ),
        ] {
            if !sets(dockerfile, variable) && !has_flag(flags) {
                report
                    .add(&RULE, &document.path, last.from.span.clone(), said)
                    .safe([Edit::insert(
                        &document.path,
                        at,
                        format!("ENV {variable}=1\n"),
                    )])
                    .help(format!("add ENV {variable}=1"));
            }
        }
    }
}
