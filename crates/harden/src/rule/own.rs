//! P01 to P03: what is wrong with what is checked itself, or with an ignore. Found by whoever reads files and ignores.

use crate::finding::Severity;
use crate::report::Report;
use crate::rule::{Fixing, Rule};
use crate::workspace::Workspace;

/// A file, or a part of it, cannot be read.
pub const UNREADABLE: Rule = Rule {
    id: "P01",
    severity: Severity::Error,
    title: "a part of a file cannot be read",
    why: "What cannot be read cannot be checked. The rest of the file was checked all the same.",
    mend: "correct the place; the message says what was expected",
    fix: Fixing::Never,
    same_as: "hadolint DL1000, yamllint syntax",
    check: mistakes,
};

/// An ignore without a reason, or of no rule.
pub const NOT_AN_IGNORE: Rule = Rule {
    id: "P02",
    severity: Severity::Warning,
    title: "an ignore has no reason or names no rule",
    why: "Whoever reads the file later has to know why the rule does not hold here, or they will remove the ignore or, worse, \
          the next one copies it.",
    mend: "write # boatyard ignore=RULE and why",
    fix: Fixing::Never,
    same_as: "",
    check: nothing,
};

/// An ignore of something that is not found.
pub const IGNORES_NOTHING: Rule = Rule {
    id: "P03",
    severity: Severity::Info,
    title: "an ignore ignores nothing",
    why: "What it was about is mended, or it stands at the wrong place. It would hide the next finding.",
    mend: "remove the comment",
    fix: Fixing::Never,
    same_as: "",
    check: nothing,
};

fn nothing(_: &Workspace, _: &mut Report) {}

fn mistakes(workspace: &Workspace, report: &mut Report) {
    for document in &workspace.documents {
        for mistake in &document.mistakes {
            let finding = report.add(
                &UNREADABLE,
                &document.path,
                mistake.span.clone(),
                mistake.message.clone(),
            );
            if let Some(help) = &mistake.help {
                finding.help(help.clone());
            }
        }
    }
}
