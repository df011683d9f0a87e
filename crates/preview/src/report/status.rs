//! The status of a commit.

use serde::{Deserialize, Serialize};

use super::Links;
use crate::environment::Environment;
use crate::phase::Phase;

/// What GitHub takes of a description, in letters.
const LONGEST: usize = 140;

/// An environment, with what else is told of it.
#[derive(Clone, Debug)]
pub struct Seen<'a> {
    /// The environment.
    pub one: &'a Environment,
    /// Its place in the queue, from 1, and how many wait; none: it does not wait.
    pub turn: Option<(usize, usize)>,
    /// Where it is.
    pub links: Links,
}

/// How it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Somebody has to approve it, or it waits for its turn.
    Waiting,
    /// It is being prepared.
    Working,
    /// It is there, running or asleep.
    Success,
    /// It could not be prepared, or does not stay up.
    Failure,
    /// It is wanted no more, and nobody knows what would have become of it.
    Dropped,
}

/// Why a status is not kept up any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// What it was of is closed.
    Gone,
    /// There is a newer commit in its place.
    Replaced,
    /// It goes on under another name.
    Renamed,
}

/// The status of a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// How it is.
    pub state: State,
    /// In words, at most 140 letters.
    pub text: String,
    /// Where it leads to.
    pub url: String,
    /// The same key, the same status, but for numbers that change all the time.
    pub key: String,
}

/// What the forge is told of the commit that an environment shows; none: what it was told before holds.
pub fn status(seen: &Seen<'_>) -> Option<Status> {
    let Seen { one, turn, links } = seen;
    let (state, text) = match one.phase {
        Phase::Unapproved => (
            State::Waiting,
            "somebody has to approve this commit".to_owned(),
        ),
        Phase::Queued => match one.images.awaited() {
            Some(awaited) => (State::Waiting, format!("waits for {}", awaited.text())),
            None => (State::Waiting, waiting(*turn)),
        },
        Phase::Preparing => (State::Working, "is being prepared".to_owned()),
        Phase::Undeployed => return None,
        _ if one.is_leaving() => return None,
        // It is made anew.
        Phase::Removing => (State::Working, "is being made anew".to_owned()),
        Phase::Failed | Phase::Stuck => (State::Failure, failed(one)),
        // That its data is copied mends nothing.
        Phase::Saving | Phase::Restoring if one.reason.is_some() => (State::Failure, failed(one)),
        // It was never seen to run, and it is not known whether it does: but it is there, and says more once it is asked for.
        Phase::Asleep
        | Phase::Starting
        | Phase::Running
        | Phase::Stopping
        | Phase::Saving
        | Phase::Restoring => (State::Success, ready(one).to_owned()),
    };
    let awaited = one.images.awaited().filter(|_| one.phase == Phase::Queued);
    let pipeline = awaited.and_then(|awaited| awaited.page());
    let url = match (state, pipeline) {
        (State::Success, _) => links.address.as_str(),
        (_, Some(pipeline)) => pipeline,
        _ => &links.page,
    };
    let key = match one.phase {
        Phase::Queued if awaited.is_none() => "queued".to_owned(),
        _ => format!("{state:?}: {text}"),
    };
    Some(Status {
        text: cut(&text, LONGEST),
        url: url.to_owned(),
        state,
        key,
    })
}

/// What the forge is told last under the name of a status: what came of it stays. `url`: the page with all that there is.
pub fn last_status(before: State, end: End, url: String) -> Status {
    let state = match before {
        State::Waiting | State::Working => State::Dropped,
        before => before,
    };
    let text = match end {
        End::Gone => "the preview is gone",
        End::Replaced => "replaced by a newer commit",
        End::Renamed => "see the other status",
    };
    Status {
        state,
        text: text.to_owned(),
        url,
        key: format!("{state:?}: {text}"),
    }
}

fn ready(one: &Environment) -> &'static str {
    if one.warned.is_some() {
        "ready, but nobody uses it: undeployed soon, unless somebody opens it"
    } else {
        "ready: open it, it wakes up by itself"
    }
}

fn waiting(turn: Option<(usize, usize)>) -> String {
    match turn {
        Some((place, count)) if count > 1 => format!("waits for its turn: {place} of {count}"),
        _ => "waits for its turn".to_owned(),
    }
}

fn failed(one: &Environment) -> String {
    match reason(one) {
        Some(reason) => format!("failed: {reason}"),
        None => "failed".to_owned(),
    }
}

/// Why it failed, in one line.
pub(super) fn reason(one: &Environment) -> Option<String> {
    let reason = one.reason.as_deref()?;
    let words: Vec<&str> = reason
        .split(|c: char| c.is_whitespace() || c.is_control())
        .collect();
    let line = words
        .into_iter()
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ");
    (!line.is_empty()).then_some(line)
}

/// At most so many letters.
pub(super) fn cut(text: &str, longest: usize) -> String {
    if text.chars().count() <= longest {
        return text.to_owned();
    }
    let begin: String = text.chars().take(longest - 1).collect();
    format!("{begin}…")
}
