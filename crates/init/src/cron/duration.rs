//! Times as people write them: `90`, `90s`, `5m`, `1h30m`, `2d`, `1.5h`, `200ms`.

use std::time::Duration;

/// The longest time that makes sense here: a hundred years. What is longer is a slip of the keyboard.
const MOST_SECS: f64 = 100.0 * 366.0 * 86_400.0;

/// Understands a time; none if it is not one. A bare number is seconds; zero is a time.
pub fn parse(text: &str) -> Option<Duration> {
    if !text.is_ascii() || text.is_empty() {
        return None;
    }
    let mut rest = text;
    let mut total = 0.0;
    let mut last = f64::INFINITY;
    while !rest.is_empty() {
        let number = rest
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(rest.len());
        let (digits, after) = rest.split_at(number);
        if !digits.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        let value: f64 = digits.parse().ok()?;
        let unit = after
            .find(|c: char| !c.is_ascii_alphabetic())
            .unwrap_or(after.len());
        let (unit, after) = after.split_at(unit);
        let secs = match unit {
            "ms" => 0.001,
            "s" => 1.0,
            "" if after.is_empty() && last.is_infinite() => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            "d" => 86_400.0,
            _ => return None,
        };
        // Greater units come first, each once.
        if secs >= last {
            return None;
        }
        last = secs;
        total += value * secs;
        rest = after;
    }
    (total <= MOST_SECS)
        .then(|| Duration::try_from_secs_f64(total).ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        for (text, millis) in [
            ("90", Some(90_000)),
            ("90s", Some(90_000)),
            ("5m", Some(300_000)),
            ("1h30m", Some(5_400_000)),
            ("2d", Some(172_800_000)),
            ("1.5h", Some(5_400_000)),
            ("200ms", Some(200)),
            ("1m200ms", Some(60_200)),
            ("0", Some(0)),
            ("", None),
            ("s", None),
            ("5 m", None),
            ("-5", None),
            ("5m5", None),
            ("5s5m", None),
            ("5m5m", None),
            (".5s", None),
            ("1..5s", None),
            ("5w", None),
            ("1e9s", None),
            ("999999999999d", None),
            ("\u{665}s", None),
        ] {
            assert_eq!(parse(text), millis.map(Duration::from_millis), "{text:?}");
        }
    }
}
