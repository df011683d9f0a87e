//! GitLab's report of code quality.

use serde_json::{Value, json as value};

use super::entry::{entries, fingerprint};
use crate::finding::{Finding, Severity};
use crate::workspace::Workspace;

/// An array of findings.
pub fn gitlab(findings: &[Finding], workspace: &Workspace) -> Value {
    let mut seen = std::collections::BTreeMap::new();
    entries(findings, workspace)
        .iter()
        .map(|entry| {
            let finding = entry.finding;
            let print = fingerprint(entry);
            // Fingerprints have to differ, also those of two findings on equal lines.
            let count: &mut u32 = seen.entry(print.clone()).or_default();
            *count += 1;
            let severity = match finding.severity {
                Severity::Error => "critical",
                Severity::Warning => "major",
                Severity::Info => "info",
            };
            value!({
                "description": format!("{}: {}", finding.rule.id, finding.message),
                "check_name": finding.rule.id,
                "fingerprint": if *count == 1 { print } else { format!("{print}-{count}") },
                "severity": severity,
                "location": {"path": finding.file, "lines": {"begin": entry.start.line, "end": entry.end.line}},
            })
        })
        .collect()
}
