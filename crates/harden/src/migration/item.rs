//! One thing that has to change.

use std::collections::BTreeMap;

use boatyard_plan::secret::hidden;

use super::phase::Phase;
use crate::check::check;
use crate::finding::{Finding, Safety};
use crate::fingerprint::fingerprint;
use crate::rule::twins;
use crate::workspace::Workspace;

/// Who does it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum How {
    /// `--fix`, and what it changes: before, after.
    Fix(Vec<(String, String)>),
    /// `--fix --unsafe`, and what it changes; a person looks at it.
    Proposed(Vec<(String, String)>),
    /// A person decides; why no machine does, if that is known.
    Person(Option<String>),
}

impl How {
    /// In a word, for programs.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Fix(_) => "fix",
            Self::Proposed(_) => "proposed",
            Self::Person(_) => "person",
        }
    }
}

/// One thing that has to change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Its name: rule, and 64 bits of file, line and message. The same when other lines of the file come and go.
    pub id: String,
    /// When.
    pub phase: Phase,
    /// Which rule wants it.
    pub rule: &'static str,
    /// Where: file and line.
    pub file: String,
    /// The line in the file, from 1.
    pub line: usize,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: String,
    /// Who does it.
    pub how: How,
}

/// The rule whose edits take secrets with their names away.
const NAMED: &str = "M17";

/// What begins where a secret stood on a command line.
const REFERENCE: &str = "${";

/// How much of a text is shown.
const SHOWN: usize = 72;

/// All that is open in `workspace`, in the order in which it is done.
pub(super) fn items(workspace: &Workspace) -> Vec<Item> {
    let mut items: Vec<Item> = twins(workspace)
        .into_iter()
        .map(|(docker, k8s)| copy(&docker, &k8s))
        .collect();
    items.extend(
        check(workspace)
            .iter()
            .filter_map(|finding| item(finding, workspace)),
    );
    // The same thing twice in one place has two names.
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for item in &mut items {
        let count = seen.entry(item.id.clone()).or_default();
        *count += 1;
        if *count > 1 {
            item.id = format!("{}-{count}", item.id);
        }
    }
    // In a phase file by file: one file is opened once.
    items.sort_by(|a, b| (a.phase, &a.file, a.line).cmp(&(b.phase, &b.file, b.line)));
    items
}

fn copy(docker: &str, k8s: &str) -> Item {
    Item {
        id: format!("D24-{}", fingerprint(&format!("{docker}\0{k8s}"))),
        phase: Phase::One,
        rule: "D24",
        file: k8s.to_owned(),
        line: 1,
        message: format!("{docker} and {k8s} describe one image"),
        help: format!(
            "bring what differs and is meant into {docker}, delete {k8s}, and build both with \"boatyard build --variant all\""
        ),
        how: How::Person(None),
    }
}

fn item(finding: &Finding, workspace: &Workspace) -> Option<Item> {
    let document = workspace.document(&finding.file)?;
    let (text, lines) = (document.text.as_str(), &document.lines);
    let at = lines.position(finding.span.start, text);
    let line = text[lines.span(lines.index(finding.span.start.min(text.len())), text)].trim();
    let edits = |edits: &[crate::edit::Edit]| {
        edits
            .iter()
            .map(|edit| {
                let before = workspace
                    .document(&edit.file)
                    .and_then(|document| document.text.get(edit.start..edit.end));
                (
                    shown(finding, before.unwrap_or(""), &edit.text),
                    short(&hidden(&edit.text)),
                )
            })
            .collect()
    };
    let how = match &finding.mend {
        Some(mend) if mend.safety == Safety::Safe => How::Fix(edits(&mend.edits)),
        Some(mend) => How::Proposed(edits(&mend.edits)),
        None => How::Person(finding.refused.clone()),
    };
    let rule = finding.rule.id;
    let said = format!("{}\0{line}\0{}", finding.file, finding.message);
    Some(Item {
        id: format!("{rule}-{}", fingerprint(&said)),
        phase: Phase::of(rule),
        rule,
        file: finding.file.clone(),
        line: at.line,
        message: finding.message.clone(),
        help: finding.help.clone(),
        how,
    })
}

/// What an edit takes away, without what is secret in it: the plan is kept in the repository.
fn shown(finding: &Finding, before: &str, after: &str) -> String {
    match before.split_once(':') {
        _ if after.starts_with(REFERENCE) => "***".to_owned(),
        Some((key, _)) if finding.rule.id == NAMED => format!("{key}: ***"),
        _ => short(&hidden(before)),
    }
}

/// A text on one line, and not too long.
fn short(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= SHOWN {
        return line;
    }
    let start: String = line.chars().take(SHOWN).collect();
    format!("{start}...")
}
