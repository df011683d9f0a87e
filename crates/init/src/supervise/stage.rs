//! Where a service is, and what is told of it.

use std::fmt;
use std::time::Duration;

use crate::control::State;
use crate::exit::Ending;

/// Where a service is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// It waits for those before it.
    Waiting,
    /// It is about to be started.
    Spawning,
    /// It runs and is not ready yet.
    Starting {
        /// When it has to be.
        ready_by: Duration,
    },
    /// It runs and is ready.
    Up {
        /// Since when.
        since: Duration,
    },
    /// It is started again at this time.
    Pausing {
        /// When.
        until: Duration,
    },
    /// It was asked to end.
    Ending {
        /// When it is killed.
        kill_at: Duration,
    },
    /// It was killed.
    Killed {
        /// When those before it are no longer kept waiting; none once they are not.
        pass_at: Option<Duration>,
    },
    /// It does not run, and will not.
    Gone,
}

impl Stage {
    /// As it is told to who asks.
    pub fn state(&self) -> State {
        match self {
            Self::Waiting => State::Waiting,
            Self::Spawning | Self::Starting { .. } => State::Starting,
            Self::Up { .. } => State::Running,
            Self::Pausing { .. } => State::Pausing,
            Self::Ending { .. } | Self::Killed { .. } => State::Stopping,
            Self::Gone => State::Ended,
        }
    }

    /// Whether it has a process.
    pub fn lives(&self) -> bool {
        !matches!(self, Self::Waiting | Self::Pausing { .. } | Self::Gone)
    }
}

/// What is to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// It is ready.
    Ready,
    /// All are ready.
    AllReady,
    /// It ended.
    Ended(Ending),
    /// It is started again after so long.
    Restarting {
        /// How long.
        after: Duration,
    },
    /// It ended too often, and is not started again.
    GivenUp,
    /// Somebody asked that it be started again.
    AskedToRestart,
    /// It was not ready in time.
    NotReady {
        /// Its time.
        limit: Duration,
    },
    /// All are stopped.
    Stopping {
        /// The exit code, if a service names it; else somebody asked.
        code: Option<u8>,
    },
    /// It did not end in time.
    Killing,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ready => f.write_str("is ready"),
            Self::AllReady => f.write_str("all services are ready"),
            Self::Ended(Ending::Exited(code)) => write!(f, "ended with exit code {code}"),
            Self::Ended(Ending::Killed(signal)) => write!(f, "was ended by {signal}"),
            Self::Restarting { after } => write!(f, "starts again in {:.1} s", after.as_secs_f64()),
            Self::AskedToRestart => f.write_str("is restarted: somebody asked"),
            Self::GivenUp => f.write_str("ended too often and is not started again"),
            Self::NotReady { limit } => write!(f, "was not ready within {} s", limit.as_secs()),
            Self::Stopping { code: Some(code) } => {
                write!(f, "stopping all services: exit code {code}")
            }
            Self::Stopping { code: None } => f.write_str("stopping all services"),
            Self::Killing => f.write_str("did not end in time and is killed"),
        }
    }
}
