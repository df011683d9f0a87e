//! Findings for people, with the text underlined.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use boatyard_harden::conceal;
use boatyard_harden::finding::{Finding, Safety, Severity};
use boatyard_harden::workspace::Workspace;

use crate::diagnose::within;
use crate::voice::Voice;

/// All findings, and a line that counts them.
pub fn render(findings: &[Finding], workspace: &Workspace, voice: &Voice) -> String {
    let renderer = if voice.out.on {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let renderer = renderer.decor_style(if voice.unicode && voice.out.on {
        DecorStyle::Unicode
    } else {
        DecorStyle::Ascii
    });
    let mut text = String::new();
    let mut told = BTreeSet::new();
    for finding in findings {
        let Some(document) = workspace.document(&finding.file) else {
            continue;
        };
        let shown = conceal::line(
            &document.text,
            finding.rule.id,
            &within(&document.text, &finding.span),
        );
        let mut group = level(finding.severity)
            .primary_title(finding.message.as_str())
            .id(finding.rule.id)
            .element(
                Snippet::source(shown.as_str())
                    .path(document.path.as_str())
                    .annotation(AnnotationKind::Primary.span(underlined(&document.text, finding))),
            )
            .element(Level::HELP.message(finding.help.as_str()));
        // Why a rule matters is said once.
        if told.insert(finding.rule.id) {
            group = group.element(Level::NOTE.with_name("why").message(finding.rule.why));
        }
        let note = note(finding);
        if let Some(note) = &note {
            group = group.element(Level::NOTE.message(note.as_str()));
        }
        text.push_str(&renderer.render(&[group]));
        text.push_str("\n\n");
    }
    if findings.is_empty() {
        let files = workspace.documents.len();
        let _ = writeln!(
            text,
            "nothing found in {files} file{}",
            if files == 1 { "" } else { "s" }
        );
    } else {
        let worst = findings
            .iter()
            .map(|finding| finding.severity)
            .max()
            .unwrap_or(Severity::Info);
        text.push_str(&renderer.render(&[Group::with_title(
            level(worst).primary_title(summary(findings)),
        )]));
        text.push('\n');
    }
    text
}

fn level(severity: Severity) -> Level<'static> {
    match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
    }
}

/// What is underlined: of several lines only the first, so that a finding about a whole instruction stays short.
fn underlined(text: &str, finding: &Finding) -> std::ops::Range<usize> {
    let span = within(text, &finding.span);
    let first = text[span.clone()].lines().next().unwrap_or("").len();
    span.start..span.start + first
}

fn note(finding: &Finding) -> Option<String> {
    match (&finding.mend, &finding.refused) {
        (Some(mend), _) if mend.safety == Safety::Safe => Some("--fix does it".to_owned()),
        (Some(_), _) => Some("--fix --unsafe proposes an edit".to_owned()),
        (None, Some(why)) => Some(format!("not mended by --fix: {why}")),
        (None, None) => None,
    }
}

/// `4 findings in 2 files: 1 error, 3 warnings; --fix mends 2`
fn summary(findings: &[Finding]) -> String {
    let plural =
        |count: usize, one: &str| format!("{count} {one}{}", if count == 1 { "" } else { "s" });
    let mut files: Vec<&str> = findings
        .iter()
        .map(|finding| finding.file.as_str())
        .collect();
    files.dedup();
    let mut parts = Vec::new();
    for (severity, word) in [
        (Severity::Error, "error"),
        (Severity::Warning, "warning"),
        (Severity::Info, "remark"),
    ] {
        let count = findings
            .iter()
            .filter(|finding| finding.severity == severity)
            .count();
        if count > 0 {
            parts.push(plural(count, word));
        }
    }
    let mended = |safety: Safety| {
        let mends = findings.iter().filter_map(|finding| finding.mend.as_ref());
        mends.filter(|mend| mend.safety == safety).count()
    };
    let mut text = format!(
        "{} in {}: {}",
        plural(findings.len(), "finding"),
        plural(files.len(), "file"),
        parts.join(", ")
    );
    let (safe, suggested) = (mended(Safety::Safe), mended(Safety::Suggested));
    if safe > 0 {
        let _ = write!(text, "; --fix mends {safe}");
    }
    if suggested > 0 {
        let _ = write!(text, "; --fix --unsafe proposes edits for {suggested}");
    }
    text
}
