//! D25: programs in an image that give rights to whoever starts them.

use super::{Fixing, Rule};
use crate::finding::Severity;
use crate::image::What;
use crate::report::Report;
use crate::workspace::Workspace;

pub(super) const RULE: Rule = Rule {
    id: "D25",
    severity: Severity::Info,
    title: "programs in the image run as their owner",
    why: "A program with the set-user-id bit gives the rights of its owner, root as a rule, to everybody who starts it: one mistake in it, and \
          a break-in as an ordinary user becomes one as root. An application needs none of them.",
    mend: "take the bits away in the step that brings the programs: RUN find / -xdev -perm /6000 -type f -exec chmod a-s {} +; or forbid \
           new privileges (M04)",
    fix: Fixing::Never,
    same_as: "dockle CIS-DI-0008",
    check,
};

/// How many programs are named.
const NAMED: usize = 5;

fn check(workspace: &Workspace, report: &mut Report) {
    for (document, found) in workspace.found() {
        let What::Owner(all) = &found.what else {
            continue;
        };
        let mut names = all
            .iter()
            .take(NAMED)
            .cloned()
            .collect::<Vec<_>>()
            .join(", ");
        if all.len() > NAMED {
            names.push_str(", ...");
        }
        let message = match all.len() {
            1 => format!("{names} runs as its owner"),
            count => format!("{count} programs run as their owner: {names}"),
        };
        report.add(&RULE, &document.path, 0..document.text.len(), message);
    }
}
