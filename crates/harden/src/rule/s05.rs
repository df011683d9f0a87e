//! S05: a role that nobody knows.

use super::starting::{is_long_running, is_start_script};
use super::{Fixing, Rule};
use crate::edit::Edit;
use crate::finding::Severity;
use crate::place::{indentation, line_start};
use crate::report::Report;
use crate::shell::{Arm, Command, List, Simple, simples};
use crate::workspace::Workspace;

pub(super) const RULE: Rule = Rule {
    id: "S05",
    severity: Severity::Error,
    title: "an unknown role is accepted in silence",
    why: "A role that is mistyped matches no branch, the script ends well, and the container with it: it is started again and again, and nothing \
          says why.",
    mend: "end the case with *) that says what is known and fails",
    fix: Fixing::Safe,
    same_as: "",
    check,
};

fn check(workspace: &Workspace, report: &mut Report) {
    for (document, script) in workspace.scripts() {
        if !is_start_script(workspace, document) {
            continue;
        }
        for case in roles(&script.items) {
            if !case.is_last
                || case.arms.iter().any(|arm| {
                    arm.patterns
                        .iter()
                        .any(|pattern| pattern.raw.trim_matches('"') == "*")
                })
            {
                continue;
            }
            let finding = report.add(
                &RULE,
                &document.path,
                case.subject.clone(),
                "a role that matches no branch is accepted in silence",
            );
            let text = &document.text;
            let (Some(first), false) = (case.arms.first(), case.end.is_empty()) else {
                continue;
            };
            let start = line_start(text, case.end.start);
            let alone = text[start..case.end.start].trim().is_empty();
            let known: Vec<&str> = case
                .arms
                .iter()
                .flat_map(|arm| &arm.patterns)
                .map(|pattern| pattern.raw.trim_matches(['"', '\'']))
                .filter(|one| !one.is_empty())
                .collect();
            let closed = text[..start].trim_end().ends_with(";;");
            if !alone || !closed || known.iter().any(|one| one.contains(['"', '$', '`', '\\'])) {
                finding.refuse("the last branch is not ended by ;; on lines of its own");
                continue;
            }
            let indent = indentation(text, first.span.start);
            let raw = &text[case.subject.clone()];
            let raw = raw.trim_matches('"');
            let line = format!(
                "{indent}*) echo \"unknown role: {raw}; known: {}\" >&2; exit 64 ;;\n",
                known.join(", ")
            );
            finding.safe([Edit::insert(&document.path, start, line)]);
        }
    }
}

/// A `case` that chooses what is run.
pub(super) struct Roles<'s> {
    /// Where what is compared stands.
    pub subject: std::ops::Range<usize>,
    /// The variable that it is, or a number for an argument.
    pub variable: String,
    /// The branches.
    pub arms: &'s [Arm],
    /// Where `esac` stands.
    pub end: &'s std::ops::Range<usize>,
    /// Whether nothing comes after it.
    pub is_last: bool,
}

/// Every `case` at the top of a script whose branches start programs that go on.
pub(super) fn roles(list: &List) -> Vec<Roles<'_>> {
    let mut found = Vec::new();
    for (index, item) in list.iter().enumerate() {
        for command in &item.first.commands {
            let Command::Case {
                subject, arms, end, ..
            } = command
            else {
                continue;
            };
            let Some(variable) = subject.variables.first() else {
                continue;
            };
            if arms.iter().any(|arm| starts(&arm.body)) {
                found.push(Roles {
                    subject: subject.span.clone(),
                    variable: variable.name.clone(),
                    arms,
                    end,
                    is_last: index + 1 == list.len(),
                });
            }
        }
    }
    found
}

fn starts(list: &List) -> bool {
    let mut any = false;
    simples(list, &mut |simple: &Simple, _| {
        any |= is_long_running(simple);
    });
    any
}
