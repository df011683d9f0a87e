//! Version numbers of packages, ordered as dpkg orders them (deb-version(7)).
//!
//! ```text
//! 1:2.36-9+deb12u9
//! ^ ^^^^ ^^^^^^^^^ epoch, upstream version, Debian revision
//! ```

use std::cmp::Ordering;

/// Compares two version numbers. Anything is comparable: what is malformed is ordered by the same rules.
pub fn compare(left: &str, right: &str) -> Ordering {
    let (left_epoch, left) = split_epoch(left);
    let (right_epoch, right) = split_epoch(right);
    let (left_upstream, left_revision) = split_revision(left);
    let (right_upstream, right_revision) = split_revision(right);
    left_epoch
        .cmp(&right_epoch)
        .then_with(|| compare_part(left_upstream, right_upstream))
        .then_with(|| compare_part(left_revision, right_revision))
}

fn split_epoch(version: &str) -> (u64, &str) {
    match version.split_once(':') {
        Some((epoch, rest)) => (epoch.parse().unwrap_or(0), rest),
        None => (0, version),
    }
}

fn split_revision(version: &str) -> (&str, &str) {
    version.rsplit_once('-').unwrap_or((version, ""))
}

/// Compares runs of other characters and runs of digits in turn.
fn compare_part(left: &str, right: &str) -> Ordering {
    let (mut left, mut right) = (left.as_bytes(), right.as_bytes());
    while !left.is_empty() || !right.is_empty() {
        loop {
            let (a, b) = (rank(left.first()), rank(right.first()));
            match a.cmp(&b) {
                Ordering::Equal if a == END => break,
                Ordering::Equal => {
                    left = &left[1..];
                    right = &right[1..];
                }
                unequal => return unequal,
            }
        }
        let a = take_number(&mut left);
        let b = take_number(&mut right);
        match a.len().cmp(&b.len()).then_with(|| a.cmp(b)) {
            Ordering::Equal => {}
            unequal => return unequal,
        }
    }
    Ordering::Equal
}

/// The rank of the end of a run: after `~`, before everything else.
const END: i32 = 0;

/// Letters sort before everything that is not a letter, and `~` before the end.
fn rank(byte: Option<&u8>) -> i32 {
    match byte {
        None => END,
        Some(byte) if byte.is_ascii_digit() => END,
        Some(b'~') => -1,
        Some(byte) if byte.is_ascii_alphabetic() => i32::from(*byte),
        Some(byte) => i32::from(*byte) + 256,
    }
}

/// Takes the digits at the front, less leading zeros.
fn take_number<'a>(text: &mut &'a [u8]) -> &'a [u8] {
    let length = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (number, rest) = text.split_at(length);
    *text = rest;
    let zeros = number.iter().take_while(|byte| **byte == b'0').count();
    &number[zeros..]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::process::Command;

    #[test]
    fn orders_as_the_manual_says() {
        // Each row in ascending order.
        let rows: [&[&str]; 6] = [
            &["1.0~~", "1.0~~a", "1.0~", "1.0", "1.0a"],
            &["1.0-1", "1.0-1+b1", "1.0-1.1", "1.0-2", "1.0-10"],
            &["9", "10", "1:0", "2:0"],
            &["1.2.3~rc1-1", "1.2.3-1~bpo12+1", "1.2.3-1", "1.2.3+dfsg-1"],
            &["2.36-9+deb12u8", "2.36-9+deb12u10"],
            &["0", "0a", "0+"],
        ];
        for row in rows {
            for pair in row.windows(2) {
                assert_eq!(compare(pair[0], pair[1]), Ordering::Less, "{pair:?}");
                assert_eq!(compare(pair[1], pair[0]), Ordering::Greater, "{pair:?}");
            }
        }
        for (left, right) in [
            ("1.0", "1.0-0"),
            ("0:1", "1"),
            ("1.01", "1.1"),
            ("1.0-", "1.0"),
        ] {
            assert_eq!(compare(left, right), Ordering::Equal, "{left} {right}");
        }
    }

    /// What dpkg says, if it is installed.
    fn dpkg(left: &str, right: &str) -> Option<Ordering> {
        for (word, ordering) in [
            ("lt", Ordering::Less),
            ("eq", Ordering::Equal),
            ("gt", Ordering::Greater),
        ] {
            let status = Command::new("dpkg")
                .args(["--compare-versions", left, word, right])
                .stderr(std::process::Stdio::null())
                .status()
                .ok()?;
            if status.success() {
                return Some(ordering);
            }
        }
        None
    }

    fn version() -> impl Strategy<Value = String> {
        "([0-3]:)?[0-9][0-9a-c.+~]{0,6}(-[0-9a-c.+~]{1,4})?"
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

        #[test]
        fn agrees_with_dpkg(left in version(), right in version()) {
            if let Some(expected) = dpkg(&left, &right) {
                prop_assert_eq!(compare(&left, &right), expected);
            }
        }
    }

    proptest! {
        #[test]
        fn is_an_order(a in version(), b in version(), c in version()) {
            prop_assert_eq!(compare(&a, &a), Ordering::Equal);
            prop_assert_eq!(compare(&a, &b), compare(&b, &a).reverse());
            if compare(&a, &b).is_le() && compare(&b, &c).is_le() {
                prop_assert!(compare(&a, &c).is_le());
            }
        }
    }
}
