//! How long things took: counted in buckets, as Prometheus has it.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Upper ends of the buckets in milliseconds.
const ENDS: [u64; 14] = [
    1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 20_000, 60_000,
];

/// How long things took.
#[derive(Debug, Default)]
pub struct Histogram {
    buckets: [AtomicU64; ENDS.len()],
    count: AtomicU64,
    microseconds: AtomicU64,
}

impl Histogram {
    /// Counts one.
    pub fn observe(&self, took: Duration) {
        let microseconds = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        for (bucket, end) in self.buckets.iter().zip(ENDS) {
            if microseconds <= end * 1000 {
                bucket.fetch_add(1, Ordering::Relaxed);
            }
        }
        self.count.fetch_add(1, Ordering::Relaxed);
        self.microseconds.fetch_add(microseconds, Ordering::Relaxed);
    }

    /// The mean; none: there was nothing yet.
    pub fn mean(&self) -> Option<Duration> {
        let count = self.count.load(Ordering::Relaxed);
        let sum = self.microseconds.load(Ordering::Relaxed);
        sum.checked_div(count).map(Duration::from_micros)
    }

    /// Writes it in the text format of Prometheus.
    pub fn write(&self, out: &mut String, name: &str, help: &str) {
        let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} histogram");
        for (bucket, end) in self.buckets.iter().zip(ENDS) {
            let (count, end) = (bucket.load(Ordering::Relaxed), seconds(end * 1000));
            let _ = writeln!(out, "{name}_bucket{{le=\"{end}\"}} {count}");
        }
        let count = self.count.load(Ordering::Relaxed);
        let sum = seconds(self.microseconds.load(Ordering::Relaxed));
        let _ = writeln!(
            out,
            "{name}_bucket{{le=\"+Inf\"}} {count}\n{name}_sum {sum}\n{name}_count {count}"
        );
    }
}

fn seconds(microseconds: u64) -> f64 {
    Duration::from_micros(microseconds).as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::Histogram;
    use std::time::Duration;

    #[test]
    fn what_is_observed_is_in_every_bucket_from_there_on() {
        let histogram = Histogram::default();
        for milliseconds in [1, 3, 70_000] {
            histogram.observe(Duration::from_millis(milliseconds));
        }
        let mut out = String::new();
        histogram.write(&mut out, "x", "what");
        for line in [
            "x_bucket{le=\"0.001\"} 1",
            "x_bucket{le=\"0.002\"} 1",
            "x_bucket{le=\"0.005\"} 2",
            "x_bucket{le=\"60\"} 2",
            "x_bucket{le=\"+Inf\"} 3",
            "x_sum 70.004",
            "x_count 3",
        ] {
            assert!(out.lines().any(|found| found == line), "{line} in\n{out}");
        }
    }
}
