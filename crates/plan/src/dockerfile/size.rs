//! `size=64m` of a memory mount, `--shm-size`. Source: docker's `go-units`, `RAMInBytes`.

/// Bytes: a number, which may have a fraction, and one of b, k, m, g, t, p, by 1024, `KiB` and `kb` the same.
pub fn bytes(text: &str) -> Option<u64> {
    let end = text
        .rfind(|c: char| c.is_ascii_digit() || c == '.')
        .map_or(0, |at| at + 1);
    let (number, unit) = text.split_at(end);
    let unit = unit.strip_prefix(' ').unwrap_or(unit).to_lowercase();
    let power = match unit.trim_end_matches('b').trim_end_matches('i') {
        "" if !unit.contains('i') => 0,
        "k" => 1,
        "m" => 2,
        "g" => 3,
        "t" => 4,
        "p" => 5,
        _ => return None,
    };
    let plain = ["b", "ib", ""].iter().any(|end| {
        unit.strip_suffix(end)
            .is_some_and(|unit| unit.len() <= 1 && !unit.contains(['b', 'i']))
    });
    if !plain || !number.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit()) && text.len() <= 18;
    if !digits(whole) || !digits(fraction) {
        return None;
    }
    let scale = 1_u128 << (10 * power);
    let part = match fraction {
        "" => 0,
        fraction => {
            fraction.parse::<u128>().ok()? * scale
                / 10_u128.pow(u32::try_from(fraction.len()).ok()?)
        }
    };
    u64::try_from(whole.parse::<u128>().ok()? * scale + part).ok()
}

#[cfg(test)]
mod tests {
    use super::bytes;

    #[test]
    fn sizes() {
        for (text, expected) in [
            ("0", Some(0)),
            ("100", Some(100)),
            ("100b", Some(100)),
            ("1k", Some(1024)),
            ("1KB", Some(1024)),
            ("1 KiB", Some(1024)),
            ("64m", Some(64 << 20)),
            ("1.5g", Some(3 << 29)),
            ("2T", Some(2 << 40)),
            ("", None),
            ("m", None),
            ("-1", None),
            ("1x", None),
            ("1ib", None),
            ("1bb", None),
            ("1.2.3", None),
            ("999999999999999p", None),
        ] {
            assert_eq!(bytes(text), expected, "{text}");
        }
    }
}
