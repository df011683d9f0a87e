//! S04: a script goes on after a failure.

use super::command::all;
use super::starting::is_start_script;
use super::{Fixing, Rule};
use crate::edit::Edit;
use crate::finding::Severity;
use crate::place::next_line;
use crate::report::Report;
use crate::workspace::Workspace;

pub(super) const RULE: Rule = Rule {
    id: "S04",
    severity: Severity::Warning,
    title: "a start script goes on after a failure",
    why: "Without set -e a command that fails is followed by the next: the application starts with half of what it needs, and says so somewhere else. \
          Without set -u a variable that nobody set is an empty word.",
    mend: "begin with set -euo pipefail (bash) or set -eu (sh)",
    fix: Fixing::Suggested,
    same_as: "",
    check,
};

fn check(workspace: &Workspace, report: &mut Report) {
    for (document, script) in workspace.scripts() {
        if !is_start_script(workspace, document) || script.items.is_empty() {
            continue;
        }
        let first = document.text.lines().next().unwrap_or_default();
        let shebang = first.starts_with("#!");
        let own = |letter: char| {
            shebang
                && first
                    .split_whitespace()
                    .skip(1)
                    .any(|word| word.starts_with('-') && word.contains(letter))
        };
        let sets = |letter: char, name: &str| {
            all(script).iter().any(|simple| {
                simple.program() == Some("set") && (simple.flag(letter, "") || simple.has(name))
            })
        };
        // One command that is handed over to has nothing after it.
        let count = all(script)
            .iter()
            .filter(|simple| !simple.words.is_empty())
            .count();
        if count < 2 || own('e') || sets('e', "errexit") {
            continue;
        }
        let bash = first.contains("bash");
        let line = if bash {
            "set -euo pipefail\n"
        } else {
            "set -eu\n"
        };
        let at = if shebang {
            next_line(&document.text, 0)
        } else {
            0
        };
        let place = script.items[0].span.clone();
        report
            .add(
                &RULE,
                &document.path,
                place,
                "what fails before the program starts is passed over",
            )
            .help(format!("begin with {}", line.trim_end()))
            .suggested([Edit::insert(&document.path, at, line)]);
    }
}
