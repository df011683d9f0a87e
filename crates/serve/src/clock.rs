//! Time that never goes back, whatever the wall clock does.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use boatyard_preview::time::Time;

/// Milliseconds since 1970 as the wall clock had it at the start, or later if the last run had got further; from then on counted
/// by the monotonic clock.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    start: Time,
    since: Instant,
}

impl Clock {
    /// A clock that is not behind `last`.
    pub fn after(last: Time) -> Self {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH);
        let wall = wall.map_or(0, |wall| u64::try_from(wall.as_millis()).unwrap_or(0));
        Self {
            start: Time(wall.max(last.0)),
            since: Instant::now(),
        }
    }

    /// Now.
    pub fn now(&self) -> Time {
        self.start.after(self.since.elapsed())
    }
}
