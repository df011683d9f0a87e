//! Durations as people write them: `30s`, `1m30s`, `12h`.

/// Seconds of a duration such as `30s`, `2m`, `1h`, `1m30s`, `7d`.
pub fn seconds(text: &str) -> Option<u64> {
    let mut total = 0_u64;
    let mut rest = text;
    let mut last = u64::MAX;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let (number, tail) = rest.split_at(digits);
        let unit = match tail.chars().next()? {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 86_400,
            _ => return None,
        };
        if unit >= last {
            return None;
        }
        last = unit;
        total = total.checked_add(number.parse::<u64>().ok()?.checked_mul(unit)?)?;
        rest = &tail[1..];
    }
    (!text.is_empty()).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn durations() {
        for (text, expected) in [
            ("30s", Some(30)),
            ("2m", Some(120)),
            ("1h", Some(3600)),
            ("7d", Some(604_800)),
            ("1d12h", Some(129_600)),
            ("1m30s", Some(90)),
            ("0s", Some(0)),
            ("30", None),
            ("", None),
            ("s", None),
            ("30s1m", None),
            ("1m1m", None),
            ("30 s", None),
            ("-1s", None),
            ("99999999999999999999s", None),
            ("18446744073709551615h", None),
            ("1é", None),
        ] {
            assert_eq!(seconds(text), expected, "{text:?}");
        }
    }
}
