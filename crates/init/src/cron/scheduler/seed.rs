//! Chance, for delays: seeded from outside, so that a test has the same each time (xorshift64*).

use std::time::Duration;

/// The state; never 0.
#[derive(Clone, Debug)]
pub struct Seed(u64);

impl Seed {
    pub fn new(seed: u64) -> Self {
        Self(seed | 1)
    }

    /// A time from zero to `most`, in whole milliseconds.
    pub fn up_to(&mut self, most: Duration) -> Duration {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11;
        let millis = u64::try_from(most.as_millis()).unwrap_or(u64::MAX);
        Duration::from_millis(number % millis.saturating_add(1).max(1))
    }
}
