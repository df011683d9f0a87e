//! What was there before checking began: findings that are known and not told again.
//!
//! ```text
//! D05 web/Dockerfile: FROM python:3.12
//! ```
//! One line for each finding: rule, file, and the line of the file without white space around it. So a finding stays known
//! when lines above it come and go, and is told again when its own line changes.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::finding::Finding;
use crate::workspace::Workspace;

/// Known findings, with how often each is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    known: BTreeMap<String, usize>,
}

impl Baseline {
    /// Reads one. Lines that begin with `#` are for people.
    pub fn read(text: &str) -> Self {
        let mut baseline = Self::default();
        for line in text
            .lines()
            .map(str::trim_end)
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
        {
            *baseline.known.entry(line.to_owned()).or_default() += 1;
        }
        baseline
    }

    /// Those of `findings` that are not known.
    pub fn new_ones(mut self, findings: Vec<Finding>, workspace: &Workspace) -> Vec<Finding> {
        findings
            .into_iter()
            .filter(
                |finding| match self.known.get_mut(&line(finding, workspace)) {
                    Some(left) if *left > 0 => {
                        *left -= 1;
                        false
                    }
                    _ => true,
                },
            )
            .collect()
    }
}

/// A baseline that knows all of `findings`.
pub fn write(findings: &[Finding], workspace: &Workspace) -> String {
    let mut text = String::from(
        "# Findings of `boatyard check` that are known. Shorten it; new ones do not belong here.\n",
    );
    for finding in findings {
        let _ = writeln!(text, "{}", line(finding, workspace));
    }
    text
}

fn line(finding: &Finding, workspace: &Workspace) -> String {
    let said = workspace.document(&finding.file).map_or("", |document| {
        let index = document.lines.index(finding.span.start);
        document.text[document.lines.span(index, &document.text)].trim()
    });
    format!("{} {}: {said}", finding.rule.id, finding.file)
        .trim_end()
        .to_owned()
}
