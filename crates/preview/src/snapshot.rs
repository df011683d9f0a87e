//! Snapshots of an environment's databases and files: made by somebody, gone with the environment.
//!
//! ```text
//! Save NAME      Asleep, Failed -> Saving -> as before       and NAME is one of its snapshots
//! Restore NAME   Asleep, Failed -> Restoring -> Asleep       and its data is that of NAME
//!                Starting, Running -> Stopping -> Saving or Restoring -> Asleep, and it is wanted again
//! Discard NAME   at any time: NAME is none of its snapshots any more
//! ```
//! Nothing runs meanwhile. A snapshot is one of its environment from the moment at which it is whole, so half of one cannot be
//! restored; who is `Restoring` is started only once all its data is that of the snapshot, or all is as it was. They outlive that
//! it is made anew, and for a while that it is undeployed.

use serde::{Deserialize, Serialize};

use crate::environment::Environment;
use crate::phase::{Effect, Event, Phase};
use crate::time::Time;

/// Letters that a name has at most.
const LENGTH: usize = 40;

/// A snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// What it is called: unique among those of its environment.
    pub name: String,
    /// When it was whole.
    pub at: Time,
    /// How much it is.
    pub size_bytes: u64,
}

/// What is done with a snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Task {
    /// One of that name is made.
    Save(String),
    /// Data becomes that of the one of that name.
    Restore(String),
}

impl Task {
    /// The name of the snapshot.
    pub fn name(&self) -> &str {
        match self {
            Self::Save(name) | Self::Restore(name) => name,
        }
    }

    /// Where it is done, once nothing runs.
    pub(crate) fn begins(&self) -> (Phase, Option<Effect>) {
        match self {
            Self::Save(_) => (Phase::Saving, Some(Effect::Save)),
            Self::Restore(_) => (Phase::Restoring, Some(Effect::Restore)),
        }
    }
}

/// Why something cannot be done with snapshots.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// That is no name of a snapshot.
    #[error(
        "a snapshot is named by at most 40 lower-case letters, digits, - and _, the first no -"
    )]
    NoName,
    /// It has one of that name.
    #[error("it has a snapshot of that name already")]
    Taken,
    /// It has none of that name.
    #[error("it has no snapshot of that name")]
    NotThere,
    /// Something is being done with it.
    #[error("something is being done with that snapshot")]
    InUse,
    /// It has as many as it may.
    #[error("an environment may have {limit} snapshots here, and it has {has}")]
    TooMany {
        /// How many it has.
        has: usize,
        /// How many it may have.
        limit: usize,
    },
}

/// Whether that is a name: at most 40 lower-case letters, digits, `-` and `_`, the first no `-`.
pub fn is_name(text: &str) -> bool {
    let is_fit =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte);
    !text.is_empty() && text.len() <= LENGTH && !text.starts_with('-') && text.bytes().all(is_fit)
}

/// The first name of the kind `s1`, `s2` that is free.
pub fn free_name(one: &Environment) -> String {
    let mut number = 1;
    while one.has_snapshot(&format!("s{number}")) {
        number += 1;
    }
    format!("s{number}")
}

/// Whether it may have one more.
///
/// # Errors
/// If it has as many as `limit` says.
pub fn fits(one: &Environment, limit: usize) -> Result<(), Refusal> {
    let has = one.snapshots.len();
    if has < limit {
        return Ok(());
    }
    Err(Refusal::TooMany { has, limit })
}

/// Whether that can be done with the snapshots that there are.
pub(crate) fn check(one: &Environment, event: &Event) -> Result<(), Refusal> {
    let refusal = match event {
        Event::Save(name) if !is_name(name) => Refusal::NoName,
        Event::Save(name) if one.has_snapshot(name) => Refusal::Taken,
        Event::Restore(name) | Event::Discard(name) if !one.has_snapshot(name) => Refusal::NotThere,
        Event::Discard(name) if one.task.as_ref().is_some_and(|task| task.name() == name) => {
            Refusal::InUse
        }
        _ => return Ok(()),
    };
    Err(refusal)
}

/// Something is to be done with one: what runs is ended for it, and wanted again afterwards.
pub(crate) fn begin(next: &mut Environment, event: &Event, now: Time) {
    next.task = match event {
        Event::Save(name) => Some(Task::Save(name.clone())),
        Event::Restore(name) => Some(Task::Restore(name.clone())),
        _ => return,
    };
    next.undone = None;
    if next.phase == Phase::Stopping {
        next.asked = next.asked.or(Some(now));
    }
}

/// What has become of it.
pub(crate) fn go_on(next: &mut Environment, event: &Event, now: Time) {
    match event {
        Event::Expire(why) => next.undone = Some(why.clone()),
        // Why it was given up is worth more than that it was.
        Event::Fail(why) => {
            next.undone.get_or_insert_with(|| why.clone());
            next.task = None;
        }
        Event::Saved(size_bytes) => {
            if let Some(Task::Save(name)) = next.task.take() {
                let (at, size_bytes) = (now, *size_bytes);
                next.snapshots.push(Snapshot {
                    name,
                    at,
                    size_bytes,
                });
            }
        }
        Event::Done => (next.task, next.reason, next.failures) = (None, None, 0),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::is_name;

    #[test]
    fn names() {
        for name in ["s1", "before-upgrade", "2026_11"] {
            assert!(is_name(name), "{name}");
        }
        let long = "x".repeat(41);
        for name in ["", "-x", "a/b", "..", "A", "a.b", "\u{e9}", &long] {
            assert!(!is_name(name), "{name}");
        }
    }
}
