//! What somebody is answered who has said something in a comment.

use boatyard_preview::approval::{NotApproved, approves};
use boatyard_preview::environment::Environment;
use boatyard_preview::forge::Command;
use boatyard_preview::id::Id;
use boatyard_preview::report::{LINES, excerpt};
use boatyard_preview::revision::short;

use super::Reaction;
use crate::keeper::Known;
use crate::logs::{Logs, Part, plain};
use crate::web::Action;

/// Letters of a commit that are enough to mean it, by somebody who may do the same to all of them.
const SHORTEST: usize = 7;

/// What somebody is answered.
pub(super) struct Answer {
    pub reaction: Reaction,
    /// In a comment of its own, if there is more to say.
    pub words: Option<String>,
}

impl Answer {
    /// What is to happen to which environment; an answer: nothing is.
    pub fn of(
        known: &Known,
        action: Option<Action>,
        command: &Command,
    ) -> Result<(Id, Action), Self> {
        let Some(action) = action else {
            return Err(Reaction::What.into());
        };
        let is_meant = |one: &Environment| match action {
            // Who approves says which one, wholly: another may have been pushed since he looked.
            Action::Approve => approves(command.word.as_deref(), &one.revision.commit).is_ok(),
            _ => is_begun(&one.revision.commit, command.word.as_deref()),
        };
        let Some(one) = among(known, command, is_meant) else {
            return Err(match action {
                Action::Approve => not_approved(command.word.as_deref()),
                _ => Reaction::What.into(),
            });
        };
        if action.is_so(one) {
            return Err(Reaction::Done.into());
        }
        if action.refusal(one).is_some() {
            return Err(Reaction::What.into());
        }
        Ok((one.id, action))
    }

    /// The last lines of a log of that environment. `said`: which one, else the one that says more now. Blocking.
    pub fn logs(one: Option<&Environment>, said: Option<&str>, logs: &Logs) -> Self {
        let Some(one) = one else {
            return Reaction::What.into();
        };
        let named = Part::ALL.into_iter().find(|part| said == Some(part.word()));
        let part = match named {
            Some(part) => part,
            None if one.is_prepared => Part::Run,
            None => Part::Prepare,
        };
        let lines: Vec<String> = logs
            .last(&one.id, part, LINES)
            .iter()
            .map(|line| logs.without_secrets(plain(line)))
            .collect();
        let commit = short(&one.revision.commit);
        let what = match part {
            Part::Run => format!("What the preview of {commit} printed last"),
            Part::Prepare => format!("How the preview of {commit} was prepared, the end of it"),
        };
        let words = if lines.is_empty() {
            format!("{what}: nothing.\n")
        } else {
            format!("{what}:\n\n{}", excerpt(&lines))
        };
        Self {
            reaction: Reaction::Done,
            words: Some(words),
        }
    }
}

/// The newest environment of the pull request, or that of the commit that is said.
pub(super) fn newest<'a>(known: &'a Known, command: &Command) -> Option<&'a Environment> {
    let is_part = |word: &&str| !Part::ALL.iter().any(|part| part.word() == *word);
    let word = command.word.as_deref().filter(is_part);
    among(known, command, |one| is_begun(&one.revision.commit, word))
}

/// The newest environment of the pull request that is meant.
fn among<'a>(
    known: &'a Known,
    command: &Command,
    is_meant: impl Fn(&Environment) -> bool,
) -> Option<&'a Environment> {
    let all = known.inventory.of_place(&command.place);
    let fitting = all.filter(|one| !one.is_leaving() && is_meant(one));
    fitting.max_by_key(|one| (one.created, one.id))
}

/// Whether the commit begins so; nothing is said of none.
fn is_begun(commit: &str, said: Option<&str>) -> bool {
    said.is_none_or(|said| said.len() >= SHORTEST && commit.starts_with(&said.to_ascii_lowercase()))
}

/// Why nothing was approved: no environment there has the commit that was said.
fn not_approved(said: Option<&str>) -> Answer {
    let why = approves(said, "").err().unwrap_or(NotApproved::Other);
    Answer {
        reaction: Reaction::What,
        words: Some(format!("Nothing is approved: {why}; {}.\n", why.help())),
    }
}

impl From<Reaction> for Answer {
    fn from(reaction: Reaction) -> Self {
        Self {
            reaction,
            words: None,
        }
    }
}
