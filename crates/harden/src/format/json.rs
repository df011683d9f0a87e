//! Our own format.

use serde_json::{Value, json as value};

use super::entry::{entries, page_of, refused, shown};
use crate::finding::{Finding, Safety, Severity};
use crate::workspace::Workspace;

/// `{"findings": [...], "errors": 1, "warnings": 0, "infos": 0}`
pub fn json(findings: &[Finding], workspace: &Workspace) -> Value {
    let list: Vec<Value> = entries(findings, workspace)
        .iter()
        .map(|entry| {
            let finding = entry.finding;
            let fix = shown(finding).map(|mend| {
                let edits: Vec<Value> = mend
                    .edits
                    .iter()
                    .map(|edit| value!({"file": edit.file, "start": edit.start, "end": edit.end, "text": edit.text}))
                    .collect();
                value!({"safe": mend.safety == Safety::Safe, "edits": edits})
            });
            let mut said = value!({
                "rule": finding.rule.id,
                "title": finding.rule.title,
                "severity": finding.severity.name(),
                "file": finding.file,
                "line": entry.start.line,
                "column": entry.start.column,
                "end_line": entry.end.line,
                "end_column": entry.end.column,
                "span": {"start": finding.span.start, "end": finding.span.end},
                "message": finding.message,
                "why": finding.rule.why,
                "help": finding.help,
                "page": page_of(finding.rule),
            });
            if let Some(fix) = fix {
                said["fix"] = fix;
            }
            if let Some(refused) = refused(finding) {
                said["refused"] = Value::from(refused);
            }
            said
        })
        .collect();
    let count = |severity: Severity| {
        findings
            .iter()
            .filter(|finding| finding.severity == severity)
            .count()
    };
    value!({
        "findings": list,
        "errors": count(Severity::Error),
        "warnings": count(Severity::Warning),
        "infos": count(Severity::Info),
    })
}
