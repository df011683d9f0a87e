//! One run of a job, and what is told of it.

use std::fmt;
use std::rc::Rc;
use std::time::Duration;

use jiff::Timestamp;

use crate::exit::Ending;

/// Names a run for as long as init lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId(pub u64);

/// Which run of which job, for logs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    /// The line for the shell.
    pub command: Rc<str>,
    /// The schedule as written.
    pub schedule: Rc<str>,
    /// The how many-th job of the crontab, from 0.
    pub position: usize,
    /// The how many-th time it was due, from 0.
    pub iteration: u64,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It ran.
    Ended(Ending),
    /// It could not be started.
    NotStarted,
}

/// Where a run is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// It starts at this time.
    Delayed { until: Duration },
    /// It runs, until this time if it has a limit.
    Running { limit: Option<Duration> },
    /// It was sent TERM, and is killed at this time.
    Ending { kill_at: Duration },
    /// It was killed and is not reaped yet.
    Killed,
}

#[derive(Clone, Debug)]
pub(super) struct Run {
    pub id: RunId,
    pub about: About,
    /// How often it was tried before.
    pub attempt: u32,
    pub stage: Stage,
    /// Since when it runs.
    pub since: Duration,
    /// The time at which it was due.
    pub due: Timestamp,
    /// The first time at which it was due again, if it was.
    pub missed: Option<Timestamp>,
    pub fate: Fate,
}

/// Why it was ended, if it was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Fate {
    #[default]
    Own,
    TooLong,
    Replaced,
    Stopped,
}

/// What is to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// A run starts; from the second time on it is a retry.
    Starting {
        /// How often it was tried before.
        attempt: u32,
    },
    /// A run ended with 0.
    Succeeded,
    /// A run ended otherwise.
    Failed(Outcome),
    /// A run is ended because it takes too long.
    TimedOut {
        /// Its limit.
        limit: Duration,
    },
    /// A job is due while it runs.
    StillRunning {
        /// Whether it is started all the same.
        overlapping: bool,
        /// Since when it runs.
        since: Timestamp,
        /// How long that is.
        elapsed: Duration,
    },
    /// A job is due while it runs, and will be started after.
    Queued,
    /// A job is due while it runs, which is ended for the new run.
    Replacing,
    /// A run ended after the next was due.
    TookTooLong {
        /// How long ago the next was due.
        ago: Duration,
    },
    /// A failed run will be tried again after so long.
    Retrying {
        /// How long.
        after: Duration,
    },
    /// A job was due so long ago that it is left out: the clock was set, or the machine slept.
    Missed {
        /// When it was due.
        due: Timestamp,
    },
    /// The clock went back: due times are found anew.
    ClockWentBack,
    /// When a job is due next; for the curious.
    Next {
        /// When; none: never.
        at: Option<Timestamp>,
    },
    /// A run is sent a signal because init stops.
    Ending,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Starting { attempt: 0 } => f.write_str("starting"),
            Self::Starting { attempt } => write!(f, "starting, retry {attempt}"),
            Self::Succeeded => f.write_str("job succeeded"),
            Self::Failed(Outcome::Ended(Ending::Exited(code))) => {
                write!(f, "error running command: exit status {code}")
            }
            Self::Failed(Outcome::Ended(Ending::Killed(signal))) => {
                write!(f, "error running command: signal: {signal}")
            }
            Self::Failed(Outcome::NotStarted) => {
                f.write_str("error running command: it could not be started")
            }
            Self::TimedOut { limit } => write!(f, "ending the job: it runs for {limit:?}"),
            Self::StillRunning {
                overlapping,
                since,
                elapsed,
            } => {
                let what = if *overlapping {
                    "overlapping jobs"
                } else {
                    "not starting"
                };
                write!(
                    f,
                    "{what}: job is still running since {since} ({}s elapsed)",
                    elapsed.as_secs()
                )
            }
            Self::Queued => f.write_str("job is still running: it will start again when that ends"),
            Self::Replacing => f.write_str("job is still running: it is ended for the new run"),
            Self::TookTooLong { ago } => write!(
                f,
                "job took too long to run: it should have started {:.1}s ago",
                ago.as_secs_f64()
            ),
            Self::Retrying { after } => write!(f, "trying again in {}s", after.as_secs_f64()),
            Self::Missed { due } => write!(f, "not starting: it was due long ago, at {due}"),
            Self::ClockWentBack => f.write_str("the clock went back: finding due times anew"),
            Self::Next { at: Some(at) } => write!(f, "job will run next at {at}"),
            Self::Next { at: None } => f.write_str("job will not run"),
            Self::Ending => f.write_str("ending the job, for init stops"),
        }
    }
}
