//! What is counted for each job.

use std::time::Duration;

/// Upper bounds of the histogram of run times, in seconds, as supercronic's.
pub const BUCKETS: [u64; 8] = [10, 30, 60, 120, 300, 600, 1800, 3600];

/// Counts of a job since init started, or since the job appeared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Runs that ended.
    pub executions: u64,
    /// Those that ended with 0.
    pub successes: u64,
    /// The others.
    pub failures: u64,
    /// Times at which it was due and still running.
    pub overdue: u64,
    /// Runs that were ended because they took too long.
    pub timeouts: u64,
    /// Runs that were tried again.
    pub retries: u64,
    /// How long runs took, all together.
    pub total: Duration,
    /// How many runs took at most so long as the bucket says.
    pub buckets: [u64; BUCKETS.len()],
}

impl Counts {
    /// Counts a run that took so long.
    pub(super) fn ended(&mut self, succeeded: bool, took: Duration) {
        self.executions += 1;
        if succeeded {
            self.successes += 1;
        } else {
            self.failures += 1;
        }
        self.total = self.total.saturating_add(took);
        for (count, bound) in self.buckets.iter_mut().zip(BUCKETS) {
            *count += u64::from(took <= Duration::from_secs(bound));
        }
    }
}
