//! Mends what can be mended, and proves each time that it is.
//!
//! Rounds: all mends that do not touch each other are made, the files are read and checked again. A mend is kept if the files
//! can be read as before and what it was for is no longer found; otherwise it is undone and told. It ends when nothing is left
//! to be done, so that a second run changes nothing.

use std::collections::{BTreeMap, BTreeSet};

use crate::check::check_with;
use crate::edit::{self, Edit};
use crate::finding::{Finding, Mend, Safety};
use crate::rule::{self, Rule};
use crate::workspace::{Content, Source, Workspace};

/// What became of it.
#[derive(Clone, Debug)]
pub struct Fixed {
    /// The files that changed or came into being, and what they say now.
    pub files: BTreeMap<String, String>,
    /// What was mended: rule, file, message.
    pub mended: Vec<Finding>,
    /// Mends that did not do what they are for, and why.
    pub undone: Vec<(Finding, &'static str)>,
    /// The files as they are now.
    pub workspace: Workspace,
}

/// More rounds than this would be a bug of a rule.
const MOST_ROUNDS: usize = 24;

/// Mends what is found in `workspace`; with `suggested`, also what somebody has to look at afterwards.
pub fn fix(workspace: Workspace, suggested: bool) -> Fixed {
    fix_with(workspace, suggested, rule::ALL)
}

/// The same for some rules.
pub fn fix_with(workspace: Workspace, suggested: bool, rules: &[&'static Rule]) -> Fixed {
    let mut fixed = Fixed {
        files: BTreeMap::new(),
        mended: Vec::new(),
        undone: Vec::new(),
        workspace,
    };
    let mut given_up = BTreeSet::new();
    // Whether something was mended since the first of them was given up: it may succeed now.
    let mut is_other = false;
    for _ in 0..MOST_ROUNDS {
        let findings = check_with(&fixed.workspace, rules);
        let wanted: Vec<(Key, &Finding)> = keyed(&findings)
            .filter(|(key, finding)| {
                let mend = finding.mend.as_ref();
                mend.is_some_and(|mend| suggested || mend.safety == Safety::Safe)
                    && !given_up.contains(key)
            })
            .collect();
        let batch = apart(wanted);
        if batch.is_empty() {
            if !is_other {
                break;
            }
            is_other = false;
            given_up.clear();
            fixed.undone.clear();
            continue;
        }
        let all: Vec<Finding> = batch
            .iter()
            .map(|(_, finding)| (*finding).clone())
            .collect();
        if fixed.make(&all, &findings, rules) {
            is_other |= !given_up.is_empty();
            continue;
        }
        // One of them is not what it should be: each for itself.
        for (key, finding) in batch {
            let findings = check_with(&fixed.workspace, rules);
            let now = keyed(&findings).find(|(one, _)| *one == key);
            let Some(now) = now.map(|(_, finding)| finding.clone()) else {
                continue;
            };
            if fixed.make(std::slice::from_ref(&now), &findings, rules) {
                is_other |= !given_up.is_empty();
                continue;
            }
            given_up.insert(key);
            let why = "the file would not be read as before, or the finding stays";
            fixed.undone.push((finding.clone(), why));
        }
    }
    fixed
}

/// What tells findings apart over rounds, as places move: rule, file, message, and which of those that are the same.
type Key = (String, String, String, usize);

fn keyed(findings: &[Finding]) -> impl Iterator<Item = (Key, &Finding)> {
    let mut seen = BTreeMap::new();
    findings.iter().map(move |finding| {
        let (id, file) = (finding.rule.id.to_owned(), finding.file.clone());
        let key = (id, file, finding.message.clone());
        let next = seen.entry(key.clone()).or_insert(0);
        let which = *next;
        *next += 1;
        ((key.0, key.1, key.2, which), finding)
    })
}

/// Findings whose mends do not touch each other; the first ones win.
fn apart(findings: Vec<(Key, &Finding)>) -> Vec<(Key, &Finding)> {
    let mut taken: Vec<&Edit> = Vec::new();
    let mut batch = Vec::new();
    for (key, finding) in findings {
        let Some(Mend { edits, .. }) = &finding.mend else {
            continue;
        };
        let meets = |a: &Edit, b: &Edit| a.file == b.file && a.start <= b.end && b.start <= a.end;
        if edits
            .iter()
            .any(|edit| taken.iter().any(|other| meets(edit, other)))
        {
            continue;
        }
        taken.extend(edits);
        batch.push((key, finding));
    }
    batch
}

impl Fixed {
    /// Makes the edits of `batch`, if the result is proven. Whether it was.
    fn make(&mut self, batch: &[Finding], before: &[Finding], rules: &[&'static Rule]) -> bool {
        let mut edits: BTreeMap<&str, Vec<Edit>> = BTreeMap::new();
        for edit in batch
            .iter()
            .filter_map(|finding| finding.mend.as_ref())
            .flat_map(|mend| &mend.edits)
        {
            edits.entry(&edit.file).or_default().push(edit.clone());
        }
        let mut texts = BTreeMap::new();
        for (path, edits) in edits {
            let old = self
                .workspace
                .document(path)
                .map_or("", |document| &document.text);
            let Some(text) = edit::apply(old, &edits) else {
                return false;
            };
            texts.insert(path.to_owned(), text);
        }
        let next = self.workspace.with(&texts);
        if mistakes(&next) > mistakes(&self.workspace) {
            return false;
        }
        let after = check_with(&next, rules);
        let count = |findings: &[Finding], finding: &Finding| {
            findings
                .iter()
                .filter(|one| one.rule.id == finding.rule.id && one.file == finding.file)
                .count()
        };
        let proven = batch.iter().all(|finding| {
            let gone = batch
                .iter()
                .filter(|one| one.rule.id == finding.rule.id && one.file == finding.file)
                .count();
            count(&after, finding) + gone <= count(before, finding)
        });
        if !proven {
            return false;
        }
        self.mended.extend(batch.iter().cloned());
        self.files.extend(texts);
        self.workspace = next;
        true
    }
}

fn mistakes(workspace: &Workspace) -> usize {
    workspace
        .documents
        .iter()
        .map(|document| document.mistakes.len())
        .sum()
}

impl Workspace {
    /// The same with other texts for some files.
    fn with(&self, texts: &BTreeMap<String, String>) -> Self {
        let mut sources: BTreeMap<&str, Source> = BTreeMap::new();
        for (path, text) in texts {
            let before = self.document(path);
            let executable = before.and_then(|document| document.executable);
            // What it was it stays.
            let named = before.is_some_and(|one| matches!(one.content, Content::Compose(_)));
            sources.insert(
                path,
                Source {
                    path: path.clone(),
                    text: text.clone(),
                    executable,
                    not_text: None,
                    named,
                },
            );
        }
        let mut next = self.clone();
        next.known = crate::workspace::Known::default();
        next.documents
            .retain(|document| !sources.contains_key(document.path.as_str()));
        next.documents
            .extend(sources.into_values().map(crate::workspace::Document::read));
        next.documents.sort_by(|a, b| a.path.cmp(&b.path));
        next.paths.extend(texts.keys().cloned());
        next
    }
}
