//! Times as people write them: `90`, `90s`, `5m`, `1h30m`, `2d`, `1.5h`, `200ms`.

use std::time::Duration;

/// The longest time that makes sense here: a hundred years. What is longer is a slip of the keyboard.
const MOST: Duration = Duration::from_secs(100 * 366 * 86_400);

/// How many digits after the point count: enough to tell nanoseconds of the greatest unit.
const FRACTION_DIGITS: usize = 15;

/// Understands a time; none if it is not one. A bare number is seconds; zero is a time.
pub fn parse(text: &str) -> Option<Duration> {
    if !text.is_ascii() || text.is_empty() {
        return None;
    }
    let mut rest = text;
    let mut total = 0_u128;
    let mut last = None;
    while !rest.is_empty() {
        let number = rest
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(rest.len());
        let (number, after) = rest.split_at(number);
        let unit = after
            .find(|c: char| !c.is_ascii_alphabetic())
            .unwrap_or(after.len());
        let (unit, after) = after.split_at(unit);
        let millis: u128 = match unit {
            "ms" => 1,
            "s" => 1000,
            "" if after.is_empty() && last.is_none() => 1000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            _ => return None,
        };
        // Greater units come first, each once.
        if last.is_some_and(|last| millis >= last) {
            return None;
        }
        last = Some(millis);
        total = total.checked_add(nanos(number, millis * 1_000_000)?)?;
        rest = after;
    }
    let total = Duration::from_nanos(u64::try_from(total).ok()?);
    (total <= MOST).then_some(total)
}

/// So many of a unit; the number may have a fraction, and begins with a digit.
fn nanos(number: &str, unit: u128) -> Option<u128> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let whole = u128::from(whole.parse::<u64>().ok()?).checked_mul(unit)?;
    if fraction.contains('.') {
        return None;
    }
    let (mut below, mut scale) = (0, 1);
    for digit in fraction.bytes().take(FRACTION_DIGITS) {
        below = below * 10 + u128::from(digit - b'0');
        scale *= 10;
    }
    whole.checked_add(below * unit / scale)
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
            ("1.5", Some(1500)),
            ("1.s", Some(1000)),
            ("0.250s", Some(250)),
            ("0.0000000000000000001h", Some(0)),
            ("36500d", Some(3_153_600_000_000)),
            ("36601d", None),
            ("1.5.0s", None),
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
