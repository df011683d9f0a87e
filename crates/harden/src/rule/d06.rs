//! D06: the user is a name, which a kubelet cannot judge.

use boatyard_plan::dockerfile::Kind;

use super::command::all;
use super::d05::is_root;
use super::{Fixing, Rule};
use crate::dockerfile::Dockerfile;
use crate::edit::Edit;
use crate::finding::Severity;
use crate::report::Report;
use crate::settings::Variant;
use crate::workspace::Workspace;

pub(super) const RULE: Rule = Rule {
    id: "D06",
    severity: Severity::Error,
    title: "USER is a name and not a number",
    why: "A kubelet does not read the password file of an image: with runAsNonRoot it cannot tell whether a name is root, and the container \
          ends in CreateContainerConfigError.",
    mend: "write the number: USER 10001, or USER 10001:10001",
    fix: Fixing::Safe,
    same_as: "hadolint DL3066",
    check,
};

fn check(workspace: &Workspace, report: &mut Report) {
    for (document, dockerfile) in workspace.dockerfiles() {
        if workspace.variant(document) == Variant::Docker {
            continue;
        }
        let users = dockerfile.made().filter_map(|(_, one)| match &one.kind {
            Kind::User(word) => Some(word),
            _ => None,
        });
        let Some(word) = users.last() else { continue };
        let said = word.text.trim_matches(['"', '\'']);
        let name = said.split(':').next().unwrap_or(said);
        if name.contains('$')
            || name.is_empty()
            || name.bytes().all(|byte| byte.is_ascii_digit())
            || is_root(name)
        {
            continue;
        }
        let finding = report.add(
            &RULE,
            &document.path,
            word.span.clone(),
            format!("a kubelet cannot tell whether \"{name}\" is root"),
        );
        match number(dockerfile, name) {
            Some(number) => {
                finding.help(format!("write USER {number}"));
                if said.contains(':') {
                    let group = said.split(':').nth(1).unwrap_or_default();
                    if group.bytes().all(|byte| byte.is_ascii_digit()) {
                        finding.safe([Edit::replace(
                            &document.path,
                            word.span.clone(),
                            format!("{number}:{group}"),
                        )]);
                    } else {
                        finding.refuse("the number of the group is not looked for");
                    }
                } else {
                    finding.safe([Edit::replace(&document.path, word.span.clone(), number)]);
                }
            }
            None => {
                finding.refuse("the number of this user is not in the file");
            }
        }
    }
}

/// The number of the user `name`, where the image makes it with one, or every distribution has it.
pub(super) fn number(dockerfile: &Dockerfile, name: &str) -> Option<String> {
    if name == "nobody" {
        return Some("65534".to_owned());
    }
    let kept = dockerfile
        .runs()
        .filter(|(stage, ..)| dockerfile.is_kept(stage));
    for (_, _, script) in kept {
        for simple in all(script) {
            if !matches!(simple.program(), Some("useradd" | "adduser"))
                || simple.words.last().is_none_or(|_| !simple.has(name))
            {
                continue;
            }
            let words: Vec<&str> = simple.words.iter().map(|word| word.raw.as_str()).collect();
            let after = |flag: &str| {
                words
                    .iter()
                    .position(|word| *word == flag)
                    .and_then(|at| words.get(at + 1).copied())
            };
            let joined = words.iter().find_map(|word| word.strip_prefix("--uid="));
            let found = joined.or_else(|| after("--uid")).or_else(|| after("-u"))?;
            let found = value(dockerfile, found);
            return found.filter(|found| {
                !found.is_empty() && found.bytes().all(|byte| byte.is_ascii_digit())
            });
        }
    }
    None
}

/// A number, or the default of the argument or variable that `word` is.
fn value(dockerfile: &Dockerfile, word: &str) -> Option<String> {
    let word = word.trim_matches(['"', '\'']);
    let Some(name) = word.strip_prefix('$') else {
        return Some(word.to_owned());
    };
    let name = name.trim_start_matches('{').trim_end_matches('}');
    let pairs = dockerfile.made().filter_map(|(_, one)| match &one.kind {
        Kind::Env(pairs) => Some(pairs),
        _ => None,
    });
    // An argument can be given another value when the image is built; a variable cannot.
    pairs
        .flatten()
        .filter(|pair| pair.name.text == name)
        .filter_map(|pair| pair.value.as_ref())
        .last()
        .map(|word| word.text.trim_matches(['"', '\'']).to_owned())
}
