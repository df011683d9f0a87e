//! `NoEmptyContinuation`.

use super::finding::Report;
use super::rule::Rule;
use crate::dockerfile::{Instruction, Kind};

/// Checks the lines of an instruction before its documents.
pub(super) fn check(instruction: &Instruction, text: &str, report: &mut Report) {
    let inner = match &instruction.kind {
        Kind::OnBuild(inner) => inner,
        _ => instruction,
    };
    let heredoc = inner.heredocs.first();
    let end = heredoc.map_or(instruction.span.end, |heredoc| heredoc.span.start);
    let mut at = instruction.span.start;
    let lines = text.get(at..end).unwrap_or_default();
    for line in lines.split_inclusive('\n') {
        if line.trim().is_empty() {
            report.add(
                Rule::NoEmptyContinuation,
                at..at + line.len(),
                format!("an empty line in {}", instruction.keyword.text),
                "remove it, or write a comment: it will be a mistake one day",
            );
            return;
        }
        at += line.len();
    }
}
