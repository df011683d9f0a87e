//! When a watch that breaks is tried again. Pure.

use std::time::Duration;

const SHORTEST: Duration = Duration::from_millis(100);
/// How long it is at most.
pub const LONGEST: Duration = Duration::from_secs(10);

/// How long to wait with one that has failed for so long: after moments it is heard again at once, and for ever it is asked seldom.
pub fn pause(failing: Duration) -> Duration {
    (failing / 8).clamp(SHORTEST, LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_grows_with_how_long_it_has_failed() {
        for (failing, expected) in [(0, 100), (2_000, 250), (40_000, 5_000), (3_600_000, 10_000)] {
            let pause = pause(Duration::from_millis(failing));
            assert_eq!(pause, Duration::from_millis(expected), "{failing} ms");
        }
    }
}
