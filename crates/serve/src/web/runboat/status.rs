//! How far a build is: runboat's words for our phases.

use boatyard_preview::environment::{Environment, Leaving};
use boatyard_preview::phase::Phase;
use serde::Serialize;

/// How far a build is, in runboat's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It is prepared, and runs nothing.
    Stopped,
    /// It ends.
    Stopping,
    /// It is prepared, or waits for that.
    Initializing,
    /// It starts, and does not answer yet.
    Starting,
    /// It answers.
    Started,
    /// It could not be prepared, or does not stay up.
    Failed,
    /// All that it has is taken away.
    Undeploying,
}

impl Status {
    /// All, in the order in which runboat names them.
    pub const ALL: [(&'static str, Self); 7] = [
        ("stopped", Self::Stopped),
        ("stopping", Self::Stopping),
        ("initializing", Self::Initializing),
        ("starting", Self::Starting),
        ("started", Self::Started),
        ("failed", Self::Failed),
        ("undeploying", Self::Undeploying),
    ];

    /// Of an environment; none: runboat would have no build. What nobody has approved was never deployed there, and what was
    /// undeployed is forgotten.
    pub fn of(one: &Environment) -> Option<Self> {
        let leaves = || match one.leaving {
            Some(Leaving::Again) => Self::Initializing,
            Some(Leaving::ForGood | Leaving::ForNow) | None => Self::Undeploying,
        };
        Some(match one.phase {
            Phase::Unapproved | Phase::Undeployed => return None,
            Phase::Queued | Phase::Preparing => Self::Initializing,
            // What has its data copied runs nothing.
            Phase::Asleep | Phase::Saving | Phase::Restoring => Self::Stopped,
            Phase::Starting => Self::Starting,
            Phase::Running => Self::Started,
            Phase::Stopping => Self::Stopping,
            Phase::Stuck if one.leaving.is_none() => Self::Stopping,
            Phase::Failed => Self::Failed,
            Phase::Removing | Phase::Stuck => leaves(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Status;
    use boatyard_preview::environment::{Environment, Leaving};
    use boatyard_preview::id::Id;
    use boatyard_preview::phase::Phase;
    use boatyard_preview::revision::{Place, Repository, Revision, Subject};
    use boatyard_preview::time::Time;

    #[test]
    fn each_phase_has_a_word_or_is_no_build() {
        let revision = Revision {
            place: Place {
                repository: Repository {
                    forge: "git.test".into(),
                    name: "acme/shop".into(),
                },
                subject: Subject::PullRequest(1),
            },
            commit: "0".repeat(40),
        };
        let mut one = Environment::new(Id::of(&revision, ""), revision, true, Time(0));
        let mut lines = Vec::new();
        for phase in Phase::ALL {
            let ways: &[Option<Leaving>] = match phase {
                Phase::Removing | Phase::Stuck => &[
                    None,
                    Some(Leaving::ForGood),
                    Some(Leaving::ForNow),
                    Some(Leaving::Again),
                ],
                _ => &[None],
            };
            (one.phase, one.leaving) = (phase, None);
            let mut line = format!("{phase}:");
            for leaving in ways {
                one.leaving = *leaving;
                let word = serde_json::to_value(Status::of(&one)).expect("a status is text");
                line.extend([" ", word.as_str().unwrap_or("-")]);
            }
            lines.push(line);
        }
        assert_eq!(
            lines,
            [
                "unapproved: -",
                "undeployed: -",
                "queued: initializing",
                "preparing: initializing",
                "asleep: stopped",
                "starting: starting",
                "running: started",
                "stopping: stopping",
                "saving: stopped",
                "restoring: stopped",
                "failed: failed",
                "removing: undeploying undeploying undeploying initializing",
                "stuck: stopping undeploying undeploying initializing",
            ]
        );
        for (word, status) in Status::ALL {
            assert_eq!(serde_json::to_value(status).expect("text"), word);
        }
    }
}
