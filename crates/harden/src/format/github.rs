//! Commands that GitHub's runners turn into remarks beside the lines.

use std::fmt::Write as _;

use super::entry::entries;
use crate::finding::{Finding, Severity};
use crate::workspace::Workspace;

/// One line each.
pub fn github(findings: &[Finding], workspace: &Workspace) -> String {
    let mut text = String::new();
    for entry in entries(findings, workspace) {
        let finding = entry.finding;
        let command = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "notice",
        };
        let _ = writeln!(
            text,
            "::{command} file={},line={},endLine={},col={},endColumn={},title={}::{}",
            property(&finding.file),
            entry.start.line,
            entry.end.line,
            entry.start.column,
            entry.end.column,
            property(&format!("{}: {}", finding.rule.id, finding.rule.title)),
            data(&format!("{}: {}", finding.message, finding.help)),
        );
    }
    text
}

/// Escaped as the runner undoes it (actions/toolkit, core/src/command.ts).
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
