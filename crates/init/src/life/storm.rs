//! Storms of orphans: many processes that end one after the other, and wake init for each.
//!
//! To wake up costs more than to reap. In a storm init leaves the ends of processes alone for a moment and reaps what has come
//! meanwhile at once; any other signal still wakes it.

use std::time::Duration;

/// How long the ends of processes are left alone in a storm. At the rate of one processor that does nothing but fork that is some
/// dozens of zombies, and the end of the main process may be seen so much later.
const PAUSE: Duration = Duration::from_millis(1);

/// Wake-ups that follow each other within this belong together.
const CLOSE: Duration = Duration::from_millis(2);

/// So many of them are a storm.
const STORM: u8 = 4;

/// What is known of the last wake-ups.
#[derive(Debug, Default)]
pub struct Storm {
    last: Duration,
    row: u8,
}

impl Storm {
    /// Counts a wake-up at `now` (since any fixed moment), in which so many processes were reaped. Gives how long the ends of others
    /// may be left alone, if it is a storm.
    pub fn wakes(&mut self, now: Duration, reaped: usize) -> Option<Duration> {
        let follows = now.saturating_sub(self.last) <= CLOSE;
        self.last = now;
        self.row = match reaped {
            0 => 0,
            _ if follows => self.row.saturating_add(1),
            _ => 1,
        };
        (self.row >= STORM).then_some(PAUSE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_goes_on_is_a_storm() {
        // Microseconds since the wake-up before, how many were reaped, whether it is a storm.
        let wakes = [
            (90_000, 1, false),
            (100, 1, false),
            (100, 2, false),
            (2000, 1, true),
            (1000, 9, true),
            (1000, 0, false),
            (10, 1, false),
            (10, 1, false),
            (10, 1, false),
            (2001, 1, false),
            (10, 1, false),
            (10, 300, false),
            (10, 300, true),
        ];
        let mut storm = Storm::default();
        let mut now = Duration::ZERO;
        for (index, (after, reaped, expected)) in wakes.into_iter().enumerate() {
            now += Duration::from_micros(after);
            assert_eq!(storm.wakes(now, reaped).is_some(), expected, "{index}");
        }
    }
}
