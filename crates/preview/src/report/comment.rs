//! The comment on a pull request.

use super::status::{Seen, State, cut, reason, status};
use crate::environment::Environment;
use crate::images::Awaited;
use crate::phase::Phase;
use crate::revision::short;

/// What the comment begins with, which nobody sees: by it the comment is found again.
pub const MARK: &str = "<!-- boatyard preview -->";
/// Letters of a reason.
const LONGEST: usize = 400;

/// The comment on a pull request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// The whole text, in Markdown.
    pub text: String,
    /// The same key, the same comment, but for numbers that change all the time.
    pub key: String,
}

/// The comment on a pull request that has these environments; none: it has none, or all of them go.
pub fn comment(all: &[Seen<'_>]) -> Option<Comment> {
    let newest = all
        .iter()
        .filter(|seen| !seen.one.is_leaving())
        .max_by_key(|seen| (seen.one.created, &seen.one.id))?;
    let Seen { one, links, .. } = newest;
    let status = status(newest)?;
    let commit = short(&one.revision.commit);
    let body = match (status.state, reason(one)) {
        (State::Success, _) => format!(
            "**[Open the preview]({})** of {commit}: it wakes up by itself.{}",
            links.address,
            warning(one)
        ),
        (State::Failure, Some(reason)) => {
            format!("The preview of {commit} failed:\n\n{}", code(&reason))
        }
        (State::Failure, None) => format!("The preview of {commit} failed."),
        (State::Waiting, _) if one.phase == Phase::Unapproved => {
            format!(
                "The preview of {commit} waits until somebody who may write here has read this commit and approves it, for \
                 example with this comment:\n\n```text\n/preview approve {}\n```",
                one.revision.commit
            )
        }
        (State::Waiting | State::Working | State::Dropped, _) => match awaited(one) {
            Some(awaited) => waiting(commit, awaited),
            None => format!("The preview of {commit} {}.", status.text),
        },
    };
    // The address leads to the newest that answers.
    let before = all
        .iter()
        .find(|other| other.one.id != one.id && other.one.is_good && !other.one.is_leaving());
    let before = before.filter(|_| status.state != State::Success);
    let (meanwhile, before) = match before {
        Some(Seen { one, links, .. }) => {
            let commit = short(&one.revision.commit);
            let text = format!(" · Meanwhile [{commit} is shown]({}).", links.address);
            (text, format!(", {commit} meanwhile"))
        }
        None => (String::new(), String::new()),
    };
    let page = &links.page;
    Some(Comment {
        text: format!("{MARK}\n{body}\n\n[Phases and logs]({page}){meanwhile}\n"),
        key: format!(
            "{} {}{before}{}",
            one.revision.commit,
            status.key,
            one.warned.map_or("", |_| ", warned")
        ),
    })
}

fn awaited(one: &Environment) -> Option<&Awaited> {
    one.images.awaited().filter(|_| one.phase == Phase::Queued)
}

/// That its images are not there yet.
fn waiting(commit: &str, awaited: &Awaited) -> String {
    let why = match awaited.why.as_str() {
        "" => String::new(),
        why => format!(": {}", code(why)),
    };
    let failed = awaited.failed.as_ref().map(|_| match awaited.page() {
        Some(page) => format!("\n\n[A pipeline of this commit]({page}) has failed."),
        None => "\n\nA pipeline of this commit has failed.".to_owned(),
    });
    format!(
        "The preview of {commit} waits for its images{why}.{}",
        failed.unwrap_or_default()
    )
}

/// That it is undeployed soon, if it is.
fn warning(one: &Environment) -> &'static str {
    if one.warned.is_some() {
        "\n\nNobody has used it for long: it will be undeployed soon, unless somebody opens it."
    } else {
        ""
    }
}

/// The comment on a pull request whose environments are gone.
pub fn gone() -> Comment {
    Comment {
        text: format!("{MARK}\nThe preview is gone.\n"),
        key: "gone".to_owned(),
    }
}

/// A line that nothing in it can get out of: no markup, no names of people who would be called.
fn code(line: &str) -> String {
    format!("`{}`", cut(line, LONGEST).replace('`', "'"))
}
