//! What the statuses of a commit are called.

use super::status::{Seen, cut};
use crate::environment::Environment;
use crate::revision::Subject;

/// What the status of a commit is called: what a rule of a branch may ask for.
pub(crate) const CONTEXT: &str = "boatyard/preview";
/// Letters of a name.
const LONGEST: usize = 120;

/// The environments that a commit of a repository is told of, each with what its status is called. A forge has one status of a
/// name for a commit, whatever it is shown as: so where several show the same one, all but the first have their subject in the name.
/// First are those of people who may write, then pull requests, which rules ask about, then the lowest number. Of those that a
/// subject has, the newest counts.
pub fn contexts<'a>(all: &[&'a Seen<'a>]) -> Vec<(String, &'a Seen<'a>)> {
    let mut sorted = all.to_vec();
    sorted.sort_by_key(|seen| {
        (
            rank(seen.one),
            std::cmp::Reverse((seen.one.created, seen.one.id)),
        )
    });
    sorted.dedup_by_key(|seen| &seen.one.revision.place.subject);
    let named = sorted.into_iter().enumerate();
    named
        .map(|(at, seen)| {
            let name = match &seen.one.revision.place.subject {
                _ if at == 0 => CONTEXT.to_owned(),
                Subject::Branch(name) => format!("{CONTEXT} {}", cut(name, LONGEST)),
                Subject::PullRequest(number) => format!("{CONTEXT} #{number}"),
            };
            (name, seen)
        })
        .collect()
}

fn rank(one: &Environment) -> (bool, bool, &Subject) {
    let subject = &one.revision.place.subject;
    (
        !one.is_trusted,
        matches!(subject, Subject::Branch(_)),
        subject,
    )
}
