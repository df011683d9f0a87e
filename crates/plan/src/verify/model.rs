//! What is promised, what was observed, and what that comes to.

use std::time::Duration;

use serde::Serialize;

/// What an image promises.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promised {
    /// User of its configuration, as written.
    pub user: String,
    /// Whether it must not run as root, and has to say its user in numbers: the k8s variant.
    pub is_hardened: bool,
    /// Ports that it listens on: one of them has to be. Empty: it need not.
    pub ports: Vec<u16>,
    /// Longest time from the signal to the end.
    pub grace: Duration,
    /// The signal that it is stopped with, without `SIG`.
    pub signal: String,
}

/// How a start went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Started {
    /// It runs and has come to rest, and listens if it has to.
    Runs {
        /// How long that took.
        after: Duration,
    },
    /// It runs, but does not listen where it has to.
    Deaf {
        /// How long was waited.
        after: Duration,
    },
    /// It ended by itself.
    Ended {
        /// Exit code, 128 + signal.
        code: i32,
        /// When.
        after: Duration,
        /// The last lines it printed.
        lines: Vec<String>,
    },
    /// The program could not be executed.
    Refused {
        /// Why not.
        why: String,
    },
    /// It was not tried.
    NotRun {
        /// Why not.
        why: String,
    },
}

/// As whom a process runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Effective user.
    pub uid: u32,
    /// Effective group.
    pub gid: u32,
    /// Other groups.
    pub groups: Vec<u32>,
}

/// The process that does the work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Application {
    /// Its name.
    pub name: String,
    /// Name of PID 1, if that is another process.
    pub first: Option<String>,
    /// As whom it runs; `None`: this machine has one user only, and cannot tell.
    pub identity: Option<Identity>,
}

/// What became of a process whose parent left it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Orphan {
    /// It ended, and was reaped.
    Reaped {
        /// How long that took.
        after: Duration,
    },
    /// It ended, and stays as a zombie.
    Stays {
        /// How long was waited.
        after: Duration,
    },
    /// It was not tried.
    NotRun {
        /// Why not.
        why: String,
    },
}

/// What the application saw of the signal that PID 1 got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reached {
    /// A signal was pending for it.
    Signal {
        /// Which, without `SIG`.
        name: String,
        /// How long after it was sent.
        after: Duration,
    },
    /// It has no handler, and the signal ended it.
    Died,
    /// None came.
    Nothing {
        /// Whether the application ignores the signal that was sent.
        is_ignored: bool,
        /// Whether the application handles the signal that was sent.
        is_handled: bool,
    },
    /// That cannot be told.
    NotRun {
        /// Why not.
        why: String,
    },
}

/// How the container ended after the signal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stopped {
    /// Exit code, 128 + signal; `None`: it still ran when the grace was over, and was killed.
    pub code: Option<i32>,
    /// How long after the signal.
    pub after: Duration,
}

/// All that was observed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// The start as the image says.
    pub start: Started,
    /// What ran.
    pub application: Option<Application>,
    /// Whether orphans are reaped.
    pub orphan: Orphan,
    /// Whether the signal reached the application.
    pub reached: Option<Reached>,
    /// How it ended.
    pub stopped: Option<Stopped>,
    /// The start with a root that cannot be written to.
    pub read_only: Started,
    /// The start as another user, whose group is 0.
    pub any_user: Started,
}

/// Whether it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It does.
    Passed,
    /// It does not.
    Failed,
    /// It could not be found out.
    NotRun,
}

impl Outcome {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::NotRun => "not run",
        }
    }
}

/// One thing that an image has to prove.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Check {
    /// What.
    pub name: &'static str,
    /// Whether it holds.
    pub outcome: Outcome,
    /// What was found. Lower case, no final period.
    pub said: String,
    /// What was measured, seconds, where time is what counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seconds: Option<f64>,
}

impl Check {
    /// One without a time.
    pub fn new(name: &'static str, outcome: Outcome, said: impl Into<String>) -> Self {
        Self {
            name,
            outcome,
            said: said.into(),
            seconds: None,
        }
    }

    pub(super) fn took(mut self, time: Duration) -> Self {
        self.seconds = Some((time.as_secs_f64() * 1000.0).round() / 1000.0);
        self
    }
}
