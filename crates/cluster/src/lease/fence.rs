//! Whether we still lead, asked before each call.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

/// Lets through what is done while we lead, and nothing once that is not certain. Clones are the same.
#[derive(Clone, Debug)]
pub struct Fence(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    renewed: Mutex<Moment>,
    /// For how long a renewal is relied on.
    good: Duration,
    is_over: AtomicBool,
}

/// A moment by two clocks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    steady: Instant,
    /// Also goes on while the machine is asleep, which the other one does not; where somebody sets it, that costs the lease at most.
    wall: SystemTime,
}

impl Moment {
    pub(super) fn now() -> Self {
        Self {
            steady: Instant::now(),
            wall: SystemTime::now(),
        }
    }

    /// How long ago it was at least, and maybe less.
    fn elapsed(&self) -> Duration {
        let wall = self.wall.elapsed().unwrap_or_default();
        self.steady.elapsed().max(wall)
    }
}

impl Fence {
    /// One that lets everything through: nobody else acts.
    pub fn open() -> Self {
        Self::new(Moment::now(), Duration::MAX)
    }

    /// One for a lease that was renewed then.
    pub(super) fn new(renewed: Moment, good: Duration) -> Self {
        Self(Arc::new(Inner {
            renewed: Mutex::new(renewed),
            good,
            is_over: AtomicBool::new(false),
        }))
    }

    /// It was renewed then; false: too late, what was lost is never ours again.
    pub(super) fn renew(&self, renewed: Moment) -> bool {
        if self.left().is_none() {
            return false;
        }
        *self.renewed() = renewed;
        true
    }

    /// From now on nothing is let through.
    pub fn close(&self) {
        self.0.is_over.store(true, Ordering::SeqCst);
    }

    /// How long what begins now may take; none: it may not begin. Once that was said, it is said for ever.
    pub fn left(&self) -> Option<Duration> {
        if self.0.is_over.load(Ordering::SeqCst) {
            return None;
        }
        let elapsed = self.renewed().elapsed();
        let left = self.0.good.checked_sub(elapsed);
        let left = left.filter(|left| !left.is_zero());
        if left.is_none() {
            self.close();
        }
        left
    }

    /// Whether something may begin now.
    pub fn holds(&self) -> bool {
        self.left().is_some()
    }

    fn renewed(&self) -> MutexGuard<'_, Moment> {
        let renewed = self.0.renewed.lock();
        renewed.unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: Duration = Duration::from_secs(60);

    fn ago(steady: u64, wall: i64) -> Moment {
        let now = Moment::now();
        let by = Duration::from_secs(wall.unsigned_abs());
        Moment {
            steady: now.steady.checked_sub(Duration::from_secs(steady)).unwrap(),
            wall: if wall < 0 {
                now.wall + by
            } else {
                now.wall - by
            },
        }
    }

    #[test]
    fn what_was_not_renewed_for_so_long_is_lost_by_either_clock_and_for_ever() {
        for (steady, wall, expected) in [
            (0, 0, true),
            (30, 30, true),
            // Somebody has set the clock back: the other one counts.
            (30, -3600, true),
            (61, -3600, false),
            (61, 61, false),
            // The machine was asleep.
            (0, 61, false),
        ] {
            let fence = Fence::new(ago(steady, wall), GOOD);
            assert_eq!(fence.holds(), expected, "{steady} {wall}");
            // A renewal that comes too late changes nothing.
            assert_eq!(fence.renew(Moment::now()), expected, "{steady} {wall}");
            assert_eq!(fence.holds(), expected, "{steady} {wall}");
        }
        let fence = Fence::new(Moment::now(), GOOD);
        assert!(fence.left().is_some_and(|left| left <= GOOD));
        let other = fence.clone();
        other.close();
        assert_eq!(fence.left(), None);
        assert!(!fence.renew(Moment::now()));
    }
}
