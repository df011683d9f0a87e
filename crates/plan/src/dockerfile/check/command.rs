//! `JSONArgsRecommended`, `MultipleInstructionsDisallowed`.

use std::collections::BTreeMap;
use std::ops::Range;

use super::finding::Report;
use super::rule::Rule;
use super::scope::Scope;
use crate::dockerfile::{Command, Instruction, Keyword, Kind};

/// The last instruction of each kind that counts once.
pub(super) type Last = BTreeMap<Keyword, Range<usize>>;

/// Checks `CMD`, `ENTRYPOINT` and `HEALTHCHECK`.
pub(super) fn check(
    instruction: &Instruction,
    scope: &Scope,
    last: &mut Last,
    report: &mut Report,
) {
    let (keyword, command) = match &instruction.kind {
        Kind::Cmd(command) => (Keyword::Cmd, Some(command)),
        Kind::Entrypoint(command) => (Keyword::Entrypoint, Some(command)),
        Kind::Healthcheck(_) => (Keyword::Healthcheck, None),
        _ => return,
    };
    let name = keyword.name();
    let here = instruction.keyword.span.clone();
    if let Some(before) = last.insert(keyword, here.clone()) {
        report.add(
            Rule::MultipleInstructionsDisallowed,
            before,
            format!("this {name} does nothing: another one of the stage replaces it"),
            format!("remove one {name}"),
        );
    }
    if matches!(command, Some(Command::Shell(_))) && !scope.shell {
        report.add(
            Rule::JsonArgsRecommended,
            here,
            format!("{name} runs a shell, which does not pass signals on"),
            format!("write {name} [\"command\", \"argument\"], or set SHELL if a shell is wanted"),
        );
    }
}
