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

/// As people write it, in UTC: `29 Nov 2026, 00:53:59 UTC`.
pub fn words(time: Time) -> String {
    let moment = i64::try_from(time.0)
        .ok()
        .and_then(|milliseconds| jiff::Timestamp::from_millisecond(milliseconds).ok());
    let words = moment.map(|moment| moment.strftime("%-d %b %Y, %H:%M:%S UTC").to_string());
    words.unwrap_or_default()
}

/// How long that is, in its largest unit: `3 minutes`.
pub fn length(length: Duration) -> String {
    let seconds = length.as_secs();
    let (number, unit) = match seconds {
        0..60 => (seconds, "second"),
        60..3600 => (seconds / 60, "minute"),
        3600..172_800 => (seconds / 3600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    let many = if number == 1 { "" } else { "s" };
    format!("{number} {unit}{many}")
}

#[cfg(test)]
mod tests {
    use super::{length, text, words};
    use boatyard_preview::time::Time;
    use std::time::Duration;

    #[test]
    fn moments_and_lengths() {
        assert_eq!(text(Time(0)), "1970-01-01T00:00:00Z");
        assert_eq!(text(Time(1_795_913_639_120)), "2026-11-29T00:53:59.12Z");
        assert_eq!(text(Time(u64::MAX)), "");
        assert_eq!(words(Time(1_795_913_639_120)), "29 Nov 2026, 00:53:59 UTC");
        assert_eq!(words(Time(u64::MAX)), "");
        let cases = [
            (0, "0 seconds"),
            (59, "59 seconds"),
            (60, "1 minute"),
            (7199, "1 hour"),
            (200_000, "2 days"),
        ];
        for (seconds, expected) in cases {
            assert_eq!(length(Duration::from_secs(seconds)), expected);
        }
    }
}
