//! What an environment has made elsewhere goes before what it has here: jobs of the project clean up.
//!
//! ```text
//! STATE/environment/ID/has-run    something of the project has run since it was prepared: there may be something to clean up
//! STATE/environment/ID/cleaned    that is done: whoever takes the rest away once more does not do it again
//! ```
//! What fails or hangs is told as a removal that fails is, and tried again later, as often as the policy says. Then it goes without, and
//! its log, which outlives it, says so.

use std::path::PathBuf;
use std::pin::pin;
use std::time::Duration;

use boatyard_preview::environment::Environment;
use boatyard_preview::id::Id;
use tokio::fs;

use super::call::is_not_there;
use super::place::Site;
use crate::lane::{Stop, Trouble};
use crate::logs::Part;

const HAS_RUN: &str = "has-run";
const CLEANED: &str = "cleaned";

/// What is to be done about cleaning up, now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    /// It is tried, for that time.
    Try(u32),
    /// It was tried often enough: it goes without.
    Without,
}

impl Turn {
    /// `failures`: how often it could not be taken away, and nothing else was in the way before it was cleaned up.
    fn of(failures: u32, tries: u32) -> Self {
        if failures < tries.max(1) {
            Self::Try(failures + 1)
        } else {
            Self::Without
        }
    }
}

impl Site {
    /// Does `work`, which cleans up, in the time that the policy gives it; gives it up by `given_up`. Nothing of it is done if it was done
    /// before, or was tried often enough.
    pub(crate) async fn clean_up(
        &self,
        one: &Environment,
        (stop, given_up): (&Stop, &Stop),
        work: impl Future<Output = Result<(), Trouble>> + Send,
    ) -> Result<(), Trouble> {
        if self.note_of(&one.id, CLEANED).exists() {
            return Ok(());
        }
        let tries = (self.settings.cleanup_tries)();
        let number = match Turn::of(one.failures, tries) {
            Turn::Try(number) => number,
            Turn::Without => {
                let text = "warning: it goes without being cleaned up: what it has made elsewhere may be left";
                self.say_run(one, text);
                self.note(&one.id, CLEANED);
                return Ok(());
            }
        };
        let longest = (self.settings.times)().cleanup;
        match within(longest, (stop, given_up), work).await {
            Ok(()) => {
                self.say_run(one, "it is cleaned up");
                self.note(&one.id, CLEANED);
                Ok(())
            }
            // Not tried, so it does not count.
            Err(trouble @ (Trouble::GivenUp | Trouble::Away(_))) => Err(trouble),
            Err(Trouble::Failed(why)) => {
                let text = told(&why, number, tries);
                self.say_run(one, &format!("error: {text}"));
                Err(Trouble::Failed(text))
            }
        }
    }

    /// Whether anything of the project has run, which may have made something elsewhere.
    pub(crate) fn may_have_made(&self, one: &Environment) -> bool {
        one.is_prepared || self.note_of(&one.id, HAS_RUN).exists()
    }

    /// Something of the project has run.
    pub(super) fn has_run(&self, id: &Id) {
        self.note(id, HAS_RUN);
    }

    /// It begins anew, so whatever it makes is to be cleaned up.
    pub(super) async fn is_to_be_cleaned(&self, id: &Id) -> Result<(), Trouble> {
        for name in [CLEANED, HAS_RUN] {
            let removed = fs::remove_file(self.note_of(id, name)).await;
            removed
                .or_else(is_not_there)
                .map_err(|error| Trouble::failed("note that nothing is cleaned up", error))?;
        }
        Ok(())
    }

    /// A folder that is gone, or a disk that is full, has it done once more: those jobs may come again.
    fn note(&self, id: &Id, name: &str) {
        let _ = std::fs::write(self.note_of(id, name), b"");
    }

    fn note_of(&self, id: &Id, name: &str) -> PathBuf {
        self.folder(id).join(name)
    }

    fn say_run(&self, one: &Environment, text: &str) {
        for line in text.lines() {
            self.settings.logs.append(&one.id, Part::Run, line);
        }
    }
}

/// What is told of a try that failed.
fn told(why: &str, number: u32, tries: u32) -> String {
    let next = if number < tries {
        "it is tried again"
    } else {
        "it goes without the next time"
    };
    format!("it cannot be cleaned up (try {number} of {tries}; {next}): {why}")
}

/// What comes of `work` if it takes no longer; else it is given up, and so it is if `stop` wants that.
async fn within(
    longest: Duration,
    (stop, given_up): (&Stop, &Stop),
    work: impl Future<Output = Result<(), Trouble>> + Send,
) -> Result<(), Trouble> {
    let mut work = pin!(work);
    let why = tokio::select! {
        biased;
        outcome = &mut work => return outcome,
        () = stop.wanted() => Trouble::GivenUp,
        () = tokio::time::sleep(longest) => {
            Trouble::Failed(format!("it took longer than {} s", longest.as_secs()))
        }
    };
    given_up.stop();
    // It ends what it has begun.
    let _ = work.await;
    Err(why)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Turn, told, within};
    use crate::lane::{Stop, Trouble};

    #[test]
    fn it_is_tried_so_often() {
        for (failures, tries, expected) in [
            (0, 3, Turn::Try(1)),
            (2, 3, Turn::Try(3)),
            (3, 3, Turn::Without),
            (9, 3, Turn::Without),
            (0, 0, Turn::Try(1)),
            (1, 0, Turn::Without),
        ] {
            assert_eq!(Turn::of(failures, tries), expected, "{failures} of {tries}");
        }
        let again = "it cannot be cleaned up (try 2 of 3; it is tried again): no";
        assert_eq!(told("no", 2, 3), again);
        let last = "it cannot be cleaned up (try 3 of 3; it goes without the next time): no";
        assert_eq!(told("no", 3, 3), last);
    }

    #[tokio::test]
    async fn what_hangs_is_given_up_and_ended() {
        let (stop, given_up) = (Stop::new(), Stop::new());
        let hangs = async {
            given_up.wanted().await;
            Err(Trouble::Failed("it was ended".to_owned()))
        };
        let outcome = within(Duration::ZERO, (&stop, &given_up), hangs).await;
        let expected = Trouble::Failed("it took longer than 0 s".to_owned());
        assert_eq!(outcome, Err(expected));

        let hour = Duration::from_secs(3600);
        let (stop, given_up) = (Stop::new(), Stop::new());
        stop.stop();
        let waits = async {
            given_up.wanted().await;
            Ok(())
        };
        let outcome = within(hour, (&stop, &given_up), waits).await;
        assert_eq!(outcome, Err(Trouble::GivenUp), "something else is wanted");

        let (stop, given_up) = (Stop::new(), Stop::new());
        let done = async { Ok(()) };
        let outcome = within(Duration::ZERO, (&stop, &given_up), done).await;
        assert_eq!(outcome, Ok(()), "what is done counts");
    }
}
