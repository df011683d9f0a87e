//! SARIF 2.1.0, with fixes: code hosts show it beside the lines.

use std::collections::BTreeMap;

use serde_json::{Value, json as value};

use super::entry::{Entry, entries, page_of, shown};
use crate::finding::{Finding, Safety, Severity};
use crate::place::Lines;
use crate::rule::ALL;
use crate::workspace::Workspace;

/// One run as SARIF.
pub fn sarif(findings: &[Finding], workspace: &Workspace) -> Value {
    let rules: Vec<Value> = ALL
        .iter()
        .map(|rule| {
            value!({
                "id": rule.id,
                "shortDescription": {"text": rule.title},
                "fullDescription": {"text": rule.why},
                "help": {"text": rule.mend},
                "helpUri": page_of(rule),
                "defaultConfiguration": {"level": level(rule.severity)},
            })
        })
        .collect();
    let results: Vec<Value> = entries(findings, workspace)
        .iter()
        .map(|entry| result(entry, workspace))
        .collect();
    value!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "boatyard",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn result(entry: &Entry<'_>, workspace: &Workspace) -> Value {
    let finding = entry.finding;
    let index = ALL.iter().position(|rule| rule.id == finding.rule.id);
    let mut said = value!({
        "ruleId": finding.rule.id,
        "ruleIndex": index,
        "level": level(finding.severity),
        "message": {"text": format!("{}: {}", finding.message, finding.help)},
        "locations": [{"physicalLocation": {
            "artifactLocation": {"uri": uri(&finding.file)},
            "region": {
                "startLine": entry.start.line,
                "startColumn": entry.start.column,
                "endLine": entry.end.line,
                "endColumn": entry.end.column,
            },
        }}],
        "partialFingerprints": {"line/v1": super::entry::fingerprint(entry)},
    });
    if let Some(mend) = shown(finding) {
        let mut files: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
        for edit in &mend.edits {
            let region = workspace.document(&edit.file).map_or_else(
                || value!({"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 1}),
                |document| region(edit.start, edit.end, &document.text, &document.lines),
            );
            files.entry(&edit.file).or_default().push(value!({
                "deletedRegion": region,
                "insertedContent": {"text": edit.text},
            }));
        }
        let changes: Vec<Value> = files
            .into_iter()
            .map(|(file, replacements)| value!({"artifactLocation": {"uri": uri(file)}, "replacements": replacements}))
            .collect();
        let words = match mend.safety {
            Safety::Safe => "boatyard check --fix",
            Safety::Suggested => "boatyard check --fix --unsafe (look at it)",
        };
        said["fixes"] = value!([{"description": {"text": words}, "artifactChanges": changes}]);
    }
    said
}

fn region(start: usize, end: usize, text: &str, lines: &Lines) -> Value {
    let (start, end) = (lines.position(start, text), lines.position(end, text));
    value!({"startLine": start.line, "startColumn": start.column, "endLine": end.line, "endColumn": end.column})
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

/// A path as a reference (RFC 3986): what is no letter, digit or one of a few signs is written as bytes.
fn uri(path: &str) -> String {
    use std::fmt::Write as _;
    path.bytes().fold(String::new(), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
        text
    })
}
