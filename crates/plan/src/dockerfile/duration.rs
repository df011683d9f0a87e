//! Durations as the flags of `HEALTHCHECK` have them: `1m30s`, `500ms`, `1.5h`.

use crate::failure::{Failure, Fault};

/// Why a text is no duration for a health check.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DurationError {
    /// It is not written as one.
    #[error("\"{text}\" is not a duration")]
    Malformed {
        /// What was found.
        text: String,
    },
    /// It is more than 292 years, which is all that an image's configuration can say.
    #[error("the duration \"{text}\" is too long")]
    TooLong {
        /// What was found.
        text: String,
    },
    /// It is less than a millisecond and not nothing.
    #[error("the duration \"{text}\" is less than 1ms")]
    TooShort {
        /// What was found.
        text: String,
    },
}

impl Failure for DurationError {
    fn fault(&self) -> Fault {
        Fault::User
    }

    fn help(&self) -> Option<String> {
        Some("write numbers with units, e.g. 500ms, 30s, 1m30s or 2h".to_owned())
    }
}

const MILLISECOND: u128 = 1_000_000;

/// The nanoseconds that `text` says: `30s` is 30,000,000,000. Nothing and `0` are 0, which leaves the engine its default.
/// Syntax as in Go's `time.ParseDuration`, the limit of 1ms as in `BuildKit`.
pub fn nanoseconds(text: &str) -> Result<u64, DurationError> {
    let text_owned = || text.to_owned();
    if text.is_empty() {
        return Ok(0);
    }
    let malformed = || DurationError::Malformed { text: text_owned() };
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let total = if digits == "0" {
        0
    } else {
        sum(digits).ok_or_else(malformed)?
    };
    match u64::try_from(total) {
        Ok(0) => Ok(0),
        _ if negative || total < MILLISECOND => Err(DurationError::TooShort { text: text_owned() }),
        Ok(total) if i64::try_from(total).is_ok() => Ok(total),
        _ => Err(DurationError::TooLong { text: text_owned() }),
    }
}

/// The sum of numbers with units; saturates.
fn sum(mut text: &str) -> Option<u128> {
    let mut total: u128 = 0;
    loop {
        let (whole, rest) = digits(text);
        let (fraction, rest) = match rest.strip_prefix('.') {
            Some(rest) => digits(rest),
            None => ("", rest),
        };
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let (unit, rest) = unit(rest)?;
        total = total
            .saturating_add(number(whole).saturating_mul(unit))
            .saturating_add(part(fraction, unit));
        if rest.is_empty() {
            return Some(total);
        }
        text = rest;
    }
}

fn digits(text: &str) -> (&str, &str) {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    text.split_at(end)
}

fn number(digits: &str) -> u128 {
    digits.bytes().fold(0_u128, |number, digit| {
        number
            .saturating_mul(10)
            .saturating_add(u128::from(digit - b'0'))
    })
}

/// `0.digits` of a unit. Digits beyond the eighteenth are less than any unit can hold.
fn part(digits: &str, unit: u128) -> u128 {
    let digits = &digits[..digits.len().min(18)];
    let scale = digits.bytes().fold(1_u128, |scale, _| scale * 10);
    number(digits) * unit / scale
}

fn unit(text: &str) -> Option<(u128, &str)> {
    // The longer before those they begin with.
    const UNITS: [(&str, u128); 8] = [
        ("ns", 1),
        ("us", 1_000),
        ("\u{b5}s", 1_000),
        ("\u{3bc}s", 1_000),
        ("ms", MILLISECOND),
        ("s", 1_000 * MILLISECOND),
        ("m", 60_000 * MILLISECOND),
        ("h", 3_600_000 * MILLISECOND),
    ];
    UNITS
        .iter()
        .find_map(|&(name, unit)| text.strip_prefix(name).map(|rest| (unit, rest)))
}

#[cfg(test)]
mod tests {
    use super::{DurationError, nanoseconds};

    #[test]
    fn numbers_with_units() {
        for (text, expected) in [
            ("", 0),
            ("0", 0),
            ("-0", 0),
            ("0s", 0),
            ("1ms", 1_000_000),
            ("1.5ms", 1_500_000),
            ("1000\u{b5}s", 1_000_000),
            ("1000\u{3bc}s", 1_000_000),
            ("30s", 30_000_000_000),
            ("+30s", 30_000_000_000),
            (".5s", 500_000_000),
            ("5.s", 5_000_000_000),
            ("1m30s", 90_000_000_000),
            ("1h0m0.000000001s", 3_600_000_000_001),
            ("0.0000000000000000000000001h1s", 1_000_000_000),
        ] {
            assert_eq!(nanoseconds(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_none() {
        for text in [
            "s", "5", "1d", "1 s", ".s", "-", "+", "1s ", "1s-1s", "\u{663}s",
        ] {
            let text = text.to_owned();
            assert_eq!(nanoseconds(&text), Err(DurationError::Malformed { text }));
        }
        for text in ["1ns", "999us", "-1s"] {
            let text = text.to_owned();
            assert_eq!(nanoseconds(&text), Err(DurationError::TooShort { text }));
        }
        for text in [
            "9999999999999h",
            "99999999999999999999999999999999999999999999s",
        ] {
            let text = text.to_owned();
            assert_eq!(nanoseconds(&text), Err(DurationError::TooLong { text }));
        }
    }
}
