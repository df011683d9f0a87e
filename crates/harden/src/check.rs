//! All rules on all files, less what is ignored.

use std::collections::BTreeMap;

use crate::finding::Finding;
use crate::image::{HELD, PREFIX};
use crate::remark::{self, Remark};
use crate::report::Report;
use crate::rule::{self, IGNORES_NOTHING, NOT_AN_IGNORE, Rule, UNREADABLE};
use crate::workspace::Workspace;

/// Everything that is found in `workspace`, in the order of files and texts.
pub fn check(workspace: &Workspace) -> Vec<Finding> {
    check_with(workspace, rule::ALL)
}

/// What `rules` find in `workspace`. Ignores hold as always.
pub fn check_with(workspace: &Workspace, rules: &[&'static Rule]) -> Vec<Finding> {
    let mut report = Report::default();
    for rule in rules {
        (rule.check)(workspace, &mut report);
    }
    let mut found = Report::default().finish();
    let mut remarks: BTreeMap<&str, Vec<(Remark, bool)>> = BTreeMap::new();
    for document in &workspace.documents {
        let own = remark::read(document)
            .into_iter()
            .map(|remark| (remark, false))
            .collect();
        remarks.insert(&document.path, own);
    }
    for mut finding in report.finish() {
        if finding.file.starts_with(PREFIX) {
            if !HELD.contains(&finding.rule.id) {
                continue;
            }
            // What is built is not edited: what it was made from is.
            (finding.mend, finding.refused) = (None, None);
        }
        if let Some(severity) = workspace.settings.severity.get(finding.rule.id) {
            finding.severity = *severity;
        }
        if finding.rule.id != UNREADABLE.id
            && workspace.settings.ignores(finding.rule.id, &finding.file)
        {
            continue;
        }
        if !is_ignored(workspace, &finding, &mut remarks) {
            found.push(finding);
        }
    }
    let mut more = Report::default();
    for (path, remarks) in &remarks {
        for (remark, used) in remarks {
            let checked = remark
                .rules
                .iter()
                .all(|(id, _)| rules.iter().any(|rule| rule.id == id));
            if let Some(wrong) = &remark.wrong {
                if rules.iter().any(|rule| rule.id == NOT_AN_IGNORE.id) {
                    more.add(&NOT_AN_IGNORE, path, remark.span.clone(), wrong.clone());
                }
            } else if let Some(label) = remark.label.as_ref().filter(|_| !used && checked)
                && rules.iter().any(|rule| rule.id == IGNORES_NOTHING.id)
            {
                let message = format!("nothing of {label} is found here");
                more.add(&IGNORES_NOTHING, path, remark.span.clone(), message);
            }
        }
    }
    found.extend(more.finish());
    found.sort_by(|a, b| {
        (&a.file, a.span.start, a.span.end, a.rule.id).cmp(&(
            &b.file,
            b.span.start,
            b.span.end,
            b.rule.id,
        ))
    });
    found
}

fn is_ignored(
    workspace: &Workspace,
    finding: &Finding,
    remarks: &mut BTreeMap<&str, Vec<(Remark, bool)>>,
) -> bool {
    let Some(document) = workspace.document(&finding.file) else {
        return false;
    };
    let line = document.lines.index(finding.span.start);
    let mut ignored = false;
    for (remark, used) in remarks.get_mut(finding.file.as_str()).into_iter().flatten() {
        if remark.is_about(finding, line) {
            *used = true;
            ignored = true;
        }
    }
    ignored
}
