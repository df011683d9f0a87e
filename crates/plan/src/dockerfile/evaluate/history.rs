//! How Go writes what stands in an image's history. Tools read it, so that it is written as Docker writes it.

use std::fmt::Write as _;

use crate::image::Healthcheck;

/// What marks entries of this form.
pub(super) const COMMENT: &str = "buildkit.dockerfile.v0";

/// `[a b]`: a list by Go's `%v`.
pub(super) fn list<'a>(words: impl IntoIterator<Item = &'a String>) -> String {
    let words: Vec<&str> = words.into_iter().map(String::as_str).collect();
    format!("[{}]", words.join(" "))
}

/// `["a" "b"]`: a list by Go's `%q`.
pub(super) fn quoted_list(words: &[String]) -> String {
    let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
    format!("[{}]", words.join(" "))
}

/// `"a\n"`: Go's `strconv.Quote`.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                quoted.push('\\');
                quoted.push(c);
            }
            '\u{7}' => quoted.push_str("\\a"),
            '\u{8}' => quoted.push_str("\\b"),
            '\u{c}' => quoted.push_str("\\f"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\u{b}' => quoted.push_str("\\v"),
            c if (c < ' ') || c == '\u{7f}' => {
                let _ = write!(quoted, "\\x{:02x}", u32::from(c));
            }
            c if c.is_control() || (c.is_whitespace() && c != ' ') => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// `&{["CMD" "x"] "30s" "0s" "0s" "0s" '\x03'}`: Go's `%q` of the whole check, the number of retries taken for a character.
pub(super) fn healthcheck(check: &Healthcheck) -> String {
    let retries = u32::try_from(check.retries)
        .ok()
        .and_then(char::from_u32)
        .unwrap_or(char::REPLACEMENT_CHARACTER);
    let retries = match retries {
        '"' => "\"".to_owned(),
        '\'' => "\\'".to_owned(),
        c => quoted(c.encode_utf8(&mut [0; 4]))
            .trim_matches('"')
            .to_owned(),
    };
    format!(
        "&{{{} \"{}\" \"{}\" \"{}\" \"{}\" '{retries}'}}",
        quoted_list(&check.test),
        duration(check.interval),
        duration(check.timeout),
        duration(check.start_period),
        duration(check.start_interval),
    )
}

/// `1h2m3.5s`: Go's `Duration.String`, for what is not negative.
fn duration(nanoseconds: i64) -> String {
    const SECOND: i64 = 1_000_000_000;
    let below = |unit: i64, name: &str| fraction(nanoseconds, unit) + name;
    match nanoseconds {
        0 => "0s".to_owned(),
        n if n < 1_000 => below(1, "ns"),
        n if n < 1_000_000 => below(1_000, "\u{b5}s"),
        n if n < SECOND => below(1_000_000, "ms"),
        n => {
            let (hours, minutes) = (n / (3600 * SECOND), n / (60 * SECOND) % 60);
            let mut text = String::new();
            if hours > 0 {
                let _ = write!(text, "{hours}h");
            }
            if hours > 0 || minutes > 0 {
                let _ = write!(text, "{minutes}m");
            }
            text + &fraction(n % (60 * SECOND), SECOND) + "s"
        }
    }
}

/// `number / unit`, with no more digits than needed.
fn fraction(number: i64, unit: i64) -> String {
    let width = unit.ilog10() as usize;
    let digits = format!("{:0width$}", number % unit);
    let digits = if width == 0 {
        ""
    } else {
        digits.trim_end_matches('0')
    };
    match digits {
        "" => (number / unit).to_string(),
        digits => format!("{}.{digits}", number / unit),
    }
}

#[cfg(test)]
mod tests {
    use super::{duration, quoted};

    #[test]
    fn durations() {
        for (nanoseconds, text) in [
            (0, "0s"),
            (1, "1ns"),
            (1_500, "1.5\u{b5}s"),
            (2_000_000, "2ms"),
            (500_000_000, "500ms"),
            (30_000_000_000, "30s"),
            (90_000_000_000, "1m30s"),
            (3_600_000_000_000, "1h0m0s"),
            (3_661_050_000_000, "1h1m1.05s"),
        ] {
            assert_eq!(duration(nanoseconds), text);
        }
    }

    #[test]
    fn quotes() {
        assert_eq!(
            quoted("a \"b\" \\ \n\t\u{1}\u{7f}\u{85}\u{e4}$"),
            "\"a \\\"b\\\" \\\\ \\n\\t\\x01\\x7f\\u0085\u{e4}$\""
        );
    }
}
