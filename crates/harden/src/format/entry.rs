//! What every format says of a finding.

use crate::finding::Finding;
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
