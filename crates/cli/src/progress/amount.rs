//! Sizes, counts and times as people read them.

use std::time::Duration;

use boatyard_plan::event::Unit;

/// Bytes in decimal units, three digits at most before the unit: `512 B`, `1.2 kB`, `54 MB`.
#[expect(
    clippy::cast_precision_loss,
    reason = "two digits are shown; a float has fifteen"
)]
pub fn bytes(count: u64) -> String {
    const UNITS: [&str; 5] = ["kB", "MB", "GB", "TB", "PB"];
    if count < 1000 {
        return format!("{count} B");
    }
    let mut value = count as f64 / 1000.0;
    let mut unit = 0;
    // 999.5 would round to 1000.
    while value >= 999.5 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    if value < 9.95 {
        format!("{value:.1} {}", UNITS[unit])
    } else {
        format!("{value:.0} {}", UNITS[unit])
    }
}

/// A time: `84ms`, `1.2s`, `42s`, `3m 05s`, `2h 10m`.
pub fn time(time: Duration) -> String {
    let millis = time.as_millis();
    let secs = time.as_secs();
    match secs {
        _ if millis < 100 => format!("{millis}ms"),
        0..=9 => format!("{}.{}s", secs, millis % 1000 / 100),
        10..=59 => format!("{secs}s"),
        60..=3599 => format!("{}m {:02}s", secs / 60, secs % 60),
        _ => format!("{}h {:02}m", secs / 3600, secs % 3600 / 60),
    }
}

/// A time that is still running, in a form that does not jump: no milliseconds.
pub fn running(elapsed: Duration) -> String {
    if elapsed < Duration::from_millis(100) {
        "0.0s".to_owned()
    } else {
        time(elapsed)
    }
}

/// How far something is: `3/12 packages`, `1.2 MB/54 MB`, `41 files`.
pub fn count(done: u64, total: Option<u64>, unit: Unit) -> String {
    let word = match unit {
        Unit::Bytes => {
            return match total {
                Some(total) => format!("{}/{}", bytes(done), bytes(total)),
                None => bytes(done),
            };
        }
        Unit::Packages => "packages",
        Unit::Files => "files",
    };
    match total {
        Some(total) => format!("{done}/{total} {word}"),
        None => format!("{done} {word}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        for (count, expected) in [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1.0 kB"),
            (9_949, "9.9 kB"),
            (9_950, "10 kB"),
            (999_499, "999 kB"),
            (999_500, "1.0 MB"),
            (118_300_000, "118 MB"),
            (1_234_000_000, "1.2 GB"),
        ] {
            assert_eq!(bytes(count), expected, "{count}");
        }
    }

    #[test]
    fn times() {
        for (millis, expected) in [
            (0, "0ms"),
            (84, "84ms"),
            (100, "0.1s"),
            (9_999, "9.9s"),
            (10_000, "10s"),
            (65_000, "1m 05s"),
            (7_800_000, "2h 10m"),
        ] {
            assert_eq!(time(Duration::from_millis(millis)), expected, "{millis}");
        }
        assert_eq!(running(Duration::from_millis(84)), "0.0s");
    }
}
