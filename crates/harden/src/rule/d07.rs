//! D07: a user with a high number and an empty file of gigabytes.

use super::command::all;
use super::{Fixing, Rule};
use crate::edit::Edit;
use crate::finding::Severity;
use crate::report::Report;
use crate::workspace::Workspace;

pub(super) const RULE: Rule = Rule {
    id: "D07",
    severity: Severity::Warning,
    title: "useradd with a high number and without -l",
    why: "useradd notes the last login at the place of the number: /var/log/lastlog and faillog become files with a hole of gigabytes, which \
          some builders and registries store as zeros.",
    mend: "add --no-log-init (-l)",
    fix: Fixing::Safe,
    same_as: "hadolint DL3046",
    check,
};

/// Numbers with more digits make the file large.
const DIGITS: usize = 5;

fn check(workspace: &Workspace, report: &mut Report) {
    for (document, dockerfile) in workspace.dockerfiles() {
        for (_, _, script) in dockerfile.runs() {
            for simple in all(script) {
                if simple.program() != Some("useradd") || simple.flag('l', "no-log-init") {
                    continue;
                }
                let words: Vec<&str> = simple.words.iter().map(|word| word.raw.as_str()).collect();
                let number = words.iter().enumerate().find_map(|(at, word)| {
                    let joined = word
                        .strip_prefix("--uid=")
                        .or_else(|| word.strip_prefix("-u").filter(|rest| !rest.is_empty()));
                    let is_flag = *word == "--uid"
                        || (word.starts_with('-')
                            && !word.starts_with("--")
                            && word.ends_with('u'));
                    joined.or_else(|| is_flag.then(|| words.get(at + 1).copied()).flatten())
                });
                let digits = number.is_some_and(|number| {
                    number.len() > DIGITS && number.bytes().all(|byte| byte.is_ascii_digit())
                });
                if digits {
                    let at = simple.words[0].span.end;
                    report
                        .add(
                            &RULE,
                            &document.path,
                            simple.span.clone(),
                            format!(
                                "useradd notes a login at place {}",
                                number.unwrap_or_default()
                            ),
                        )
                        .safe([Edit::insert(&document.path, at, " --no-log-init")]);
                }
            }
        }
    }
}
