//! What is open, what is done, what is decided.

use std::collections::BTreeMap;

use super::item::{How, Item, items};
use super::phase::Phase;
use crate::workspace::Workspace;

/// The first line of a plan.
pub(super) const TITLE: &str = "# Migration plan\n";

/// Stands before the name of what was no longer found: its box was not ticked by a person.
pub(super) const DONE: &str = "done ";

/// Whether a text is a plan, which may be written anew; what is empty is none yet.
pub fn is_plan(markdown: &str) -> bool {
    markdown.trim().is_empty() || markdown.starts_with(TITLE)
}

/// What an earlier run wrote, by the names of items.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    pub(super) known: BTreeMap<String, Known>,
}

/// A line of an earlier run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Known {
    /// Whether its box is ticked.
    pub is_ticked: bool,
    /// Where it stood.
    pub phase: Phase,
    /// Its words, without box and name.
    pub words: String,
}

/// A migration plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// What is still to be done.
    pub open: Vec<Item>,
    /// What is found and stays, because a person ticked it.
    pub decided: Vec<Item>,
    /// What an earlier run listed and is no longer found: name, phase, words.
    pub done: Vec<(String, Phase, String)>,
}

/// What has to change in `workspace`, and what became of what was listed before.
///
/// An item that is found is open, whatever its box says: ticking it mends nothing. Only what a person decides can be decided by
/// ticking it. An item that is no longer found is done.
pub fn plan(workspace: &Workspace, before: &Progress) -> Plan {
    let found = items(workspace);
    let done = before
        .known
        .iter()
        .filter(|(id, _)| !found.iter().any(|item| item.id == **id))
        .map(|(id, known)| (id.clone(), known.phase, known.words.clone()))
        .collect();
    let is_decided = |item: &Item| {
        let ticked = before.known.get(&item.id).is_some_and(|it| it.is_ticked);
        ticked && matches!(item.how, How::Person(_))
    };
    let (decided, open) = found.into_iter().partition(is_decided);
    Plan {
        open,
        decided,
        done,
    }
}

/// Reads what an earlier run wrote and people ticked; what is no line of a plan is passed over.
pub fn read(markdown: &str) -> Progress {
    let mut progress = Progress::default();
    let mut phase = Phase::Read;
    for line in markdown.lines() {
        if let Some(title) = line.strip_prefix("## ") {
            let title =
                title.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.' || c == ' ');
            let found = Phase::ALL.into_iter().find(|phase| phase.title() == title);
            phase = found.unwrap_or(phase);
            continue;
        }
        let Some(rest) = line.trim_start().strip_prefix("- [") else {
            continue;
        };
        let Some((mark, rest)) = rest.split_once("] ") else {
            continue;
        };
        let named = rest.rsplit_once(" <!-- ").and_then(|(words, end)| {
            let id = end.trim_end().strip_suffix(" -->")?;
            Some((words.to_owned(), id.to_owned()))
        });
        if let Some((words, id)) = named {
            let (id, was_done) = match id.strip_prefix(DONE) {
                Some(id) => (id.to_owned(), true),
                None => (id, false),
            };
            progress.known.insert(
                id,
                Known {
                    is_ticked: !was_done && mark.eq_ignore_ascii_case("x"),
                    phase,
                    words,
                },
            );
        }
    }
    progress
}
