//! What is meant to be: limits, times, who may.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::environment::Environment;
use crate::phase::Phase;
use crate::revision::Repository;
use crate::time::Time;
use crate::watch::Watch;

/// What is meant to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The repositories that are watched. What belongs to others is taken away.
    pub repositories: BTreeMap<Repository, Watch>,
    /// How many at once.
    pub limits: Limits,
    /// How long it may take.
    pub times: Times,
}

/// How many at once, in-flight ones included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Being prepared.
    pub preparing: usize,
    /// Running, starting or ending.
    pub running: usize,
    /// There at all: being prepared, prepared, failed, or not yet taken away. Those in the queue have nothing yet.
    pub kept: usize,
    /// Snapshots of one environment; 0: none.
    pub snapshots: usize,
    /// Megabytes of all snapshots together.
    pub snapshot_megabytes: usize,
    /// Tries of what cleans up before an environment goes; then it goes without.
    pub cleanup_tries: u32,
}

/// How long it may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    /// After a push, until its commit is prepared: who pushes again meanwhile gets one environment.
    pub settle: Duration,
    /// Until images are there that somebody else makes.
    pub images: Duration,
    /// To prepare.
    pub preparing: Duration,
    /// To answer after the start.
    pub starting: Duration,
    /// To clean up before it goes, each time that it is tried.
    pub cleanup: Duration,
    /// Without use, until it is put to sleep; none: it never is.
    pub idle: Option<Duration>,
    /// It runs at least that long before another takes its place.
    pub residence: Duration,
    /// Before what failed is tried again; doubled each time.
    pub back_off: Duration,
    /// Without use, until it is undeployed; none: it never is.
    pub lifetime: Option<Duration>,
    /// So long before it is undeployed that is told.
    pub warning: Duration,
    /// After it was undeployed, until its snapshots go.
    pub snapshots: Duration,
}

impl Times {
    /// Without use, until that one is put to sleep; none: it never is.
    pub fn idle(&self, one: &Environment) -> Option<Duration> {
        shorter(self.idle, one.wishes.idle)
    }

    /// Without use, until that one is undeployed; none: it never is.
    pub fn lifetime(&self, one: &Environment) -> Option<Duration> {
        shorter(self.lifetime, one.wishes.lifetime)
    }

    /// Without use, until it is told that what lives that long is undeployed soon: after half of it at the earliest.
    pub(crate) fn unwarned(&self, lifetime: Duration) -> Duration {
        lifetime.saturating_sub(self.warning).max(lifetime / 2)
    }

    /// When that one is undeployed if nobody uses it; none: it is not, or it has nothing, or it runs.
    pub fn ends(&self, one: &Environment) -> Option<Time> {
        let rests = matches!(one.phase, Phase::Asleep | Phase::Failed) && !one.is_pinned;
        let lifetime = self.lifetime(one).filter(|_| rests)?;
        Some(one.used.max(one.since).after(lifetime))
    }

    /// How long to wait after that many failures in a row: doubled each time, at most 64 times the first.
    pub fn wait(&self, failures: u32) -> Duration {
        self.back_off
            .saturating_mul(1 << failures.saturating_sub(1).min(6))
    }
}

fn shorter(allowed: Option<Duration>, wished: Option<Duration>) -> Option<Duration> {
    allowed.into_iter().chain(wished).min()
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            repositories: BTreeMap::new(),
            limits: Limits {
                preparing: 2,
                running: 6,
                kept: 50,
                snapshots: 3,
                snapshot_megabytes: 10_000,
                cleanup_tries: 3,
            },
            times: Times {
                settle: Duration::from_secs(5),
                images: Duration::from_secs(60 * 60),
                preparing: Duration::from_secs(20 * 60),
                starting: Duration::from_secs(2 * 60),
                cleanup: Duration::from_secs(5 * 60),
                idle: Some(Duration::from_secs(30 * 60)),
                residence: Duration::from_secs(60),
                back_off: Duration::from_secs(10),
                lifetime: None,
                warning: Duration::from_secs(24 * 60 * 60),
                snapshots: Duration::from_secs(7 * 24 * 60 * 60),
            },
        }
    }
}
