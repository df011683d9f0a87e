//! Who is left alone for a while, because something went wrong there. The clock is an argument.
//!
//! ```text
//! Forge        wants to be asked less, or cannot be reached: nobody there is asked
//! Repository   something there fails: what was said there afterwards waits, so that it happens in its order
//! Comment      this one is refused: others are nothing to it
//! ```

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use boatyard_preview::forge::Command;
use boatyard_preview::revision::Repository;

use super::ForgeError;

/// After a failure, until it is tried again; doubled each time, up to the second.
const BACK_OFF: [Duration; 2] = [Duration::from_secs(5), Duration::from_secs(5 * 60)];

/// What is left alone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Scope {
    Forge(String),
    Repository(Repository),
    Comment(String),
}

impl Scope {
    /// All that something said belongs to.
    pub(super) fn all(command: &Command) -> [Self; 3] {
        let repository = &command.place.repository;
        [
            Self::Forge(repository.forge.clone()),
            Self::Repository(repository.clone()),
            Self::Comment(command.key()),
        ]
    }

    /// What is left alone if the forge says that about it.
    pub(super) fn of(command: &Command, error: &ForgeError) -> Self {
        let [forge, repository, comment] = Self::all(command);
        match error {
            ForgeError::Limited { .. } | ForgeError::Unreachable { .. } => forge,
            error if error.is_refusal() => comment,
            _ => repository,
        }
    }

    /// What is left alone if it cannot be written down.
    pub(super) fn of_order(command: &Command) -> Self {
        Self::Repository(command.place.repository.clone())
    }
}

#[derive(Clone, Copy, Debug)]
struct Pause {
    failures: u32,
    until: Instant,
}

/// What is left alone, and until when.
#[derive(Debug, Default)]
pub(super) struct Pauses(BTreeMap<Scope, Pause>);

impl Pauses {
    /// Whether that has to wait.
    pub(super) fn holds(&self, command: &Command, now: Instant) -> bool {
        let is_held = |scope| self.0.get(&scope).is_some_and(|pause| pause.until > now);
        Scope::all(command).into_iter().any(is_held)
    }

    /// It failed there. `wait`: how long the forge wants us to wait, if it says so.
    pub(super) fn failed(&mut self, scope: Scope, wait: Option<Duration>, now: Instant) {
        let failures = self.0.get(&scope).map_or(0, |pause| pause.failures);
        let doubled = BACK_OFF[0].saturating_mul(1 << failures.min(10));
        let until = now + wait.unwrap_or(doubled.min(BACK_OFF[1]));
        let failures = failures.saturating_add(1);
        self.0.insert(scope, Pause { failures, until });
    }

    /// Something there went well.
    pub(super) fn went_well(&mut self, command: &Command) {
        for scope in Scope::all(command) {
            self.0.remove(&scope);
        }
    }

    /// How long nobody has to be asked again, unless there is something new; and forgets what nobody has tried since it could be.
    pub(super) fn rest(&mut self, now: Instant) -> Duration {
        self.0.retain(|_, pause| pause.until + BACK_OFF[1] > now);
        let next = self.0.values().map(|pause| pause.until).min();
        next.map_or(BACK_OFF[1], |next| {
            let rest = next.saturating_duration_since(now);
            rest.clamp(Duration::from_secs(1), BACK_OFF[1])
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use boatyard_preview::forge::Command;
    use boatyard_preview::revision::{Place, Repository, Subject};

    use super::{BACK_OFF, Pauses, Scope};
    use crate::forge::ForgeError;

    fn said(forge: &str, name: &str, comment: u64) -> Command {
        let repository = Repository {
            forge: forge.into(),
            name: name.into(),
        };
        let subject = Subject::PullRequest(7);
        Command {
            place: Place {
                repository,
                subject,
            },
            verb: "pin".into(),
            word: None,
            author: "anne".into(),
            comment,
        }
    }

    fn url() -> String {
        "https://code.test".into()
    }

    /// What fails where, and whether the same comment, another one there, another repository and another forge wait for it.
    #[test]
    fn what_waits_for_what() {
        let limited = ForgeError::Limited {
            url: url(),
            wait: Duration::from_secs(90),
        };
        let refused = ForgeError::Refused {
            url: url(),
            status: 403,
        };
        let gone = ForgeError::NotThere { url: url() };
        let broken = ForgeError::Unexpected {
            url: url(),
            status: 500,
        };
        for (error, expected, seconds) in [
            (limited, [true, true, true, false], 90),
            (refused, [true, false, false, false], 5),
            (gone, [true, false, false, false], 5),
            (broken, [true, true, false, false], 5),
        ] {
            let (mut pauses, now) = (Pauses::default(), Instant::now());
            let one = said("hub", "acme/shop", 1);
            pauses.failed(Scope::of(&one, &error), error.wait(), now);
            let others = [
                one.clone(),
                said("hub", "acme/shop", 2),
                said("hub", "acme/blog", 3),
                said("lab", "acme/shop", 4),
            ];
            let held = |at| others.each_ref().map(|one| pauses.holds(one, at));
            let wait = Duration::from_secs(seconds);
            assert_eq!(held(now), expected, "{error}");
            assert_eq!(held(now + wait), [false; 4], "{error}");
            assert_eq!(pauses.rest(now), wait, "{error}");
            pauses.went_well(&one);
            assert!(!pauses.holds(&one, now), "{error}");
            assert_eq!(pauses.rest(now), BACK_OFF[1], "{error}");
        }
    }

    #[test]
    fn each_time_it_waits_longer_up_to_a_limit() {
        let (mut pauses, mut now) = (Pauses::default(), Instant::now());
        let one = said("hub", "acme/shop", 1);
        let mut waits = Vec::new();
        for _ in 0..9 {
            pauses.failed(Scope::of_order(&one), None, now);
            waits.push(pauses.rest(now).as_secs());
            now += pauses.rest(now);
        }
        assert_eq!(waits, [5, 10, 20, 40, 80, 160, 300, 300, 300]);
        // Nobody has tried it since.
        now += BACK_OFF[1] * 2;
        assert_eq!(pauses.rest(now), BACK_OFF[1]);
        pauses.failed(Scope::of_order(&one), None, now);
        assert_eq!(pauses.rest(now), BACK_OFF[0]);
    }
}
