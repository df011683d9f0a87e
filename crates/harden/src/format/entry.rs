//! What every format says of a finding.

use crate::conceal::is_telling;
use crate::finding::{Finding, Mend};
use crate::place::Position;
use crate::rule::Rule;
use crate::workspace::Workspace;

/// A finding with its place in lines and columns.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'f> {
    /// The finding.
    pub finding: &'f Finding,
    /// Where it begins.
    pub start: Position,
    /// Where it ends: the column behind the last character.
    pub end: Position,
    /// The line of the file that it begins in, without white space around it.
    pub line: &'f str,
}

/// All of `findings` with their places.
pub fn entries<'f>(findings: &'f [Finding], workspace: &'f Workspace) -> Vec<Entry<'f>> {
    findings
        .iter()
        .filter_map(|finding| {
            let document = workspace.document(&finding.file)?;
            let (text, lines) = (document.text.as_str(), &document.lines);
            Some(Entry {
                finding,
                start: lines.position(finding.span.start, text),
                end: lines.position(finding.span.end, text),
                line: text[lines.span(lines.index(finding.span.start.min(text.len())), text)]
                    .trim(),
            })
        })
        .collect()
}

/// The edits of a finding, if they may be shown: what is in a report is read by many.
pub(super) fn shown(finding: &Finding) -> Option<&Mend> {
    let mend = finding.mend.as_ref();
    mend.filter(|mend| !is_telling(&mend.edits))
}

/// Why there are no edits, or none are shown.
pub(super) fn refused(finding: &Finding) -> Option<&str> {
    if finding.mend.is_some() && shown(finding).is_none() {
        return Some("the edit has a secret in it: --fix makes it, and it is not shown");
    }
    finding.refused.as_deref()
}

/// The address of the page about `rule`.
pub fn page_of(rule: &Rule) -> String {
    format!(
        "{}/blob/main/docs/reference/rules/{}.md",
        env!("CARGO_PKG_REPOSITORY"),
        rule.id
    )
}

/// What stays the same when a finding moves: its rule, file and line.
pub(super) fn fingerprint(entry: &Entry<'_>) -> String {
    let said = format!(
        "{}\0{}\0{}",
        entry.finding.rule.id, entry.finding.file, entry.line
    );
    crate::fingerprint::fingerprint(&said)
}
