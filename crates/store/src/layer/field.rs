//! Fields of tar headers, and records of PAX headers, as others write them.

use std::collections::BTreeMap;

use super::header::BLOCK;

/// `Some` if the checksum of a header block is right.
pub(crate) fn check_sum(block: &[u8; BLOCK]) -> Option<()> {
    let stored = number(&block[148..156])?;
    let mut sum = 8 * u64::from(b' ');
    let mut signed_sum = 8 * i64::from(b' ');
    for &byte in block[..148].iter().chain(&block[156..]) {
        sum += u64::from(byte);
        // Some old writers added signed bytes.
        signed_sum += i64::from(byte.cast_signed());
    }
    (stored == sum || i64::try_from(stored) == Ok(signed_sum)).then_some(())
}

/// A text field without what comes after its NUL.
pub(crate) fn until_nul(field: &[u8]) -> &[u8] {
    field.split(|&b| b == 0).next().unwrap_or(field)
}

/// The name of an entry, put together where it is split.
pub(crate) fn name(block: &[u8; BLOCK], posix: bool) -> Vec<u8> {
    let name = until_nul(&block[..100]);
    let prefix = until_nul(&block[345..500]);
    if posix && !prefix.is_empty() {
        [prefix, b"/", name].concat()
    } else {
        name.to_vec()
    }
}

/// A number in octal, or in base 256 if the first bit is set (GNU). Empty is 0.
pub(crate) fn number(field: &[u8]) -> Option<u64> {
    u64::try_from(signed(field)?).ok()
}

/// Like [`number`], with negative ones in base 256.
pub(crate) fn signed(field: &[u8]) -> Option<i64> {
    match field.first() {
        Some(&first) if first & 0x80 != 0 => {
            let negative = first & 0x40 != 0;
            let mut value = if negative { -1_i64 } else { 0 };
            for (at, &byte) in field.iter().enumerate() {
                let byte = if at == 0 && !negative {
                    byte & 0x7f
                } else {
                    byte
                };
                value = value.checked_mul(256)? | i64::from(byte);
            }
            Some(value)
        }
        _ => {
            let text = std::str::from_utf8(until_nul(field)).ok()?.trim();
            if text.is_empty() {
                return Some(0);
            }
            i64::from_str_radix(text, 8).ok().filter(|&n| n >= 0)
        }
    }
}

/// `[-]seconds[.fraction]` of a PAX header: seconds rounded down, nanoseconds.
pub(crate) fn time(text: &[u8]) -> Option<(i64, u32)> {
    let text = std::str::from_utf8(text).ok()?;
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let seconds: i64 = whole.parse().ok()?;
    if !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let nanos: u32 = format!("{fraction:0<9.9}").parse().ok()?;
    if whole.starts_with('-') && nanos > 0 {
        return Some((seconds.checked_sub(1)?, 1_000_000_000 - nanos));
    }
    Some((seconds, nanos))
}

/// `length key=value\n`, again and again.
pub(crate) fn parse_records(
    mut data: &[u8],
    records: &mut BTreeMap<Vec<u8>, Vec<u8>>,
) -> Option<()> {
    while !data.is_empty() && data[0] != 0 {
        let space = data.iter().position(|&b| b == b' ')?;
        let length: usize = std::str::from_utf8(&data[..space]).ok()?.parse().ok()?;
        let record = data.get(space + 1..length)?.strip_suffix(b"\n")?;
        let equals = record.iter().position(|&b| b == b'=')?;
        let (key, value) = (&record[..equals], &record[equals + 1..]);
        if value.is_empty() && !key.starts_with(b"SCHILY.xattr.") {
            // An empty value takes the record back.
            records.remove(key);
        } else {
            records.insert(key.to_vec(), value.to_vec());
        }
        data = &data[length..];
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_octal_or_base_256() {
        let cases: [(&[u8], Option<i64>); 8] = [
            (b"0000644\0", Some(0o644)),
            (b"   644 \0", Some(0o644)),
            (b"\0\0\0\0", Some(0)),
            (b"\x80\0\0\0\0\0\0\x01\0\0\0\0", Some(1 << 32)),
            (
                b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xfe",
                Some(-2),
            ),
            (b"\x80\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", None),
            (b"9", None),
            (b"-7", None),
        ];
        for (field, expected) in cases {
            assert_eq!(signed(field), expected, "{field:?}");
        }
    }

    #[test]
    fn times_round_down() {
        let cases = [
            ("12", Some((12, 0))),
            ("12.5", Some((12, 500_000_000))),
            ("-1.25", Some((-2, 750_000_000))),
            ("1.1234567891", Some((1, 123_456_789))),
            ("x", None),
            ("1.x", None),
        ];
        for (text, expected) in cases {
            assert_eq!(time(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn records_must_be_well_formed() {
        let cases: [(&[u8], bool); 6] = [
            (b"9 path=a\n", true),
            (b"8 path=a\n", false),
            (b"99 path=a\n", false),
            (b"path=a\n", false),
            (b"3 \n", false),
            (b"0 a=b\n", false),
        ];
        for (data, expected) in cases {
            let found = parse_records(data, &mut BTreeMap::new()).is_some();
            assert_eq!(found, expected, "{}", String::from_utf8_lossy(data));
        }
    }
}
