//! Sizes as people write them.

/// Bytes: digits, and perhaps a decimal (`kB`, `MB`, `GB`, `TB`) or binary (`KiB`, `MiB`, `GiB`, `TiB`) unit, with or
/// without the `B`.
pub fn bytes(text: &str) -> Result<u64, String> {
    let text = text.trim();
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = text.split_at(digits);
    let unit = unit.trim().to_lowercase();
    let factor = match unit.strip_suffix('b').unwrap_or(&unit) {
        "" => 1,
        "k" => 1000,
        "m" => 1_000_000,
        "g" => 1_000_000_000,
        "t" => 1_000_000_000_000,
        "ki" => 1 << 10,
        "mi" => 1 << 20,
        "gi" => 1 << 30,
        "ti" => 1_u64 << 40,
        _ => return Err(FORM.to_owned()),
    };
    let number: u64 = number.parse().map_err(|_| FORM.to_owned())?;
    number.checked_mul(factor).ok_or_else(|| FORM.to_owned())
}

const FORM: &str = "expected a number of bytes, e.g. 500000000, 500MB or 2GiB";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        for (text, expected) in [
            ("0", Some(0)),
            ("17", Some(17)),
            ("500MB", Some(500_000_000)),
            ("2 GiB", Some(2 << 30)),
            ("3k", Some(3000)),
            ("1b", Some(1)),
            ("", None),
            ("GB", None),
            ("-1", None),
            ("1.5GB", None),
            ("99999999999TB", None),
        ] {
            assert_eq!(bytes(text).ok(), expected, "{text:?}");
        }
    }
}
