//! What concerns visitors.

use std::time::Duration;

use super::Network;

/// What concerns visitors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visitors {
    /// Reverse proxies that are believed whom they forward for.
    pub proxies: Vec<Network>,
    /// How many requests may wait for an environment at once.
    pub held: usize,
    /// For how long one of them waits.
    pub hold: Duration,
    /// How often in a minute somebody of whom nothing is known may start or wake something.
    pub per_minute: u32,
    /// How often at most the use of an environment is noted.
    pub noted: Duration,
}

impl Default for Visitors {
    fn default() -> Self {
        Self {
            proxies: Vec::new(),
            held: 64,
            hold: Duration::from_secs(60),
            per_minute: 30,
            noted: Duration::from_secs(10),
        }
    }
}
