//! The XML of `JUnit`: servers that know tests only show findings as tests that failed. A file without findings is one that passed.

use std::fmt::Write as _;

use super::entry::{Entry, entries};
use crate::finding::Finding;
use crate::workspace::{Content, Workspace};

/// One suite.
pub fn junit(findings: &[Finding], workspace: &Workspace) -> String {
    let entries = entries(findings, workspace);
    let mut cases = String::new();
    let mut count = 0;
    for document in &workspace.documents {
        if matches!(document.content, Content::Other | Content::Template)
            && document.mistakes.is_empty()
        {
            continue;
        }
        let own: Vec<&Entry<'_>> = entries
            .iter()
            .filter(|entry| entry.finding.file == document.path)
            .collect();
        let file = escaped(&document.path);
        if own.is_empty() {
            count += 1;
            let _ = writeln!(cases, "  <testcase classname=\"{file}\" name=\"check\"/>");
        }
        for entry in own {
            count += 1;
            let finding = entry.finding;
            let _ = writeln!(
                cases,
                "  <testcase classname=\"{file}\" name=\"{} line {}\" file=\"{file}\" line=\"{}\">\n    <failure type=\"{}\" message=\"{}\">{}</failure>\n  </testcase>",
                finding.rule.id,
                entry.start.line,
                entry.start.line,
                finding.severity.name(),
                escaped(&finding.message),
                escaped(&format!(
                    "{}:{}:{}: {}\n{}",
                    finding.file,
                    entry.start.line,
                    entry.start.column,
                    finding.message,
                    finding.help
                )),
            );
        }
    }
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n<testsuite name=\"boatyard check\" tests=\"{count}\" failures=\"{}\" errors=\"0\">\n{cases}</testsuite>\n</testsuites>\n",
        entries.len()
    )
}

/// Without what XML gives a meaning or does not know at all.
fn escaped(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control() || matches!(c, '\n' | '\t'))
        .fold(String::new(), |mut text, c| {
            match c {
                '&' => text.push_str("&amp;"),
                '<' => text.push_str("&lt;"),
                '>' => text.push_str("&gt;"),
                '"' => text.push_str("&quot;"),
                c => text.push(c),
            }
            text
        })
}
