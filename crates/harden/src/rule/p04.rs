//! P04: templates are left alone.

use std::collections::BTreeSet;

use super::{Fixing, Rule};
use crate::finding::Severity;
use crate::report::Report;
use crate::workspace::{Content, Kind, Workspace, kind};

pub(super) const RULE: Rule = Rule {
    id: "P04",
    severity: Severity::Info,
    title: "templates are left alone",
    why: "A template becomes YAML only when it is rendered: what stands between the braces decides what is there at all. Guessing would find what is not \
          wrong and mend what somebody needs.",
    mend: "check what it becomes: helm template . > rendered.yaml && boatyard check rendered.yaml",
    fix: Fixing::Never,
    same_as: "",
    check,
};

fn check(workspace: &Workspace, report: &mut Report) {
    let mut told = BTreeSet::new();
    for document in &workspace.documents {
        if matches!(document.content, Content::Template)
            && told.insert(document.folder().to_owned())
        {
            let text = &document.text;
            let at = text.find("{{").or_else(|| text.find("{%")).unwrap_or(0);
            let line = crate::place::line_end(&document.text, at);
            let message = if document.folder().is_empty() {
                "this is a template, and left alone".to_owned()
            } else {
                format!("templates in {} are left alone", document.folder())
            };
            let finding = report.add(&RULE, &document.path, at..line, message);
            if matches!(kind(&document.path, "", false), Kind::Dockerfile) {
                finding.help("render it, and check what it becomes");
            }
        }
    }
}
