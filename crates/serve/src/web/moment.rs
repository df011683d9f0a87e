//! Moments as people and programs read them.

use std::time::Duration;

use boatyard_preview::time::Time;

/// As RFC 3339 has it, in UTC: `2026-11-29T00:53:59.120Z`.
pub fn text(time: Time) -> String {
    let moment = i64::try_from(time.0)
        .ok()
        .and_then(|milliseconds| jiff::Timestamp::from_millisecond(milliseconds).ok());
    moment.map(|moment| moment.to_string()).unwrap_or_default()
}

/// How long that is, in its largest unit: `3 min`.
pub fn length(length: Duration) -> String {
    let seconds = length.as_secs();
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", seconds / 60),
        3600..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} d", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::{length, text};
    use boatyard_preview::time::Time;
    use std::time::Duration;

    #[test]
    fn moments_and_lengths() {
        assert_eq!(text(Time(0)), "1970-01-01T00:00:00Z");
        assert_eq!(text(Time(1_795_913_639_120)), "2026-11-29T00:53:59.12Z");
        assert_eq!(text(Time(u64::MAX)), "");
        let cases = [(59, "59 s"), (60, "1 min"), (7199, "1 h"), (200_000, "2 d")];
        for (seconds, expected) in cases {
            assert_eq!(length(Duration::from_secs(seconds)), expected);
        }
    }
}
