//! How a text is written so that every reader takes it for that text.
//!
//! YAML 1.1 readers (Kubernetes' among them) take `yes`, `0x1f`, `1_000`, `12:30:00` and `1e3` for something else than texts;
//! 1.2 readers do not. What is not clearly a word for both stands in quotes.

use std::fmt::Write as _;

/// Words that some reader takes for something else, in small letters.
const WORDS: [&str; 10] = [
    "null", "true", "false", "yes", "no", "on", "off", "y", "n", "nan",
];

/// The text as it stands behind `key: `, on one line.
pub fn quote(text: &str) -> String {
    if is_plain(text) || is_quantity(text) {
        text.to_owned()
    } else {
        quoted(text)
    }
}

/// The text in double quotes.
pub fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if is_printable(c) => out.push(c),
            c if u32::from(c) <= 0xff => {
                let _ = write!(out, "\\x{:02x}", u32::from(c));
            }
            c if u32::from(c) <= 0xffff => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => {
                let _ = write!(out, "\\U{:08x}", u32::from(c));
            }
        }
    }
    out.push('"');
    out
}

/// Whether the text can stand as a block behind `|`: several lines that no reader changes.
pub fn fits_block(text: &str) -> bool {
    let Some((first, _)) = text.split_once('\n') else {
        return false;
    };
    // The first line gives the indentation; more than one newline at the end needs another mark.
    !first.is_empty()
        && !text.starts_with([' ', '\t', '\n'])
        && !text.ends_with("\n\n")
        && text.chars().all(|c| c == '\n' || is_printable(c))
        && text.lines().all(|line| !line.ends_with(' '))
}

/// Whether the text can stand without quotes.
fn is_plain(text: &str) -> bool {
    let starts = text.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '_'));
    let plain = |c: char| c.is_ascii_alphanumeric() || " _-./:+@=,()$;".contains(c);
    starts
        && text.chars().all(plain)
        && !text.ends_with([' ', ':'])
        && !text.contains(": ")
        && !WORDS.contains(&text.to_ascii_lowercase().as_str())
}

/// Whether the text is a quantity of Kubernetes that no reader takes for a number, as `100m` or `128Mi`.
fn is_quantity(text: &str) -> bool {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    !digits.is_empty()
        && digits.bytes().all(|b| b.is_ascii_digit())
        && ["m", "Ki", "Mi", "Gi", "Ti"].contains(&&text[digits.len()..])
}

/// Characters that stand for themselves everywhere: not those that some reader takes for the end of a line.
fn is_printable(c: char) -> bool {
    !c.is_control()
        && !matches!(
            c,
            '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'
        )
}

#[cfg(test)]
mod tests {
    use super::quote;

    #[test]
    fn texts() {
        for (text, expected) in [
            ("web", "web"),
            ("/healthz?x=1", "\"/healthz?x=1\""),
            ("registry.example.com/a:1", "registry.example.com/a:1"),
            ("yes", "\"yes\""),
            ("No", "\"No\""),
            ("null", "\"null\""),
            ("", "\"\""),
            ("1", "\"1\""),
            ("0o17", "\"0o17\""),
            ("1e3", "\"1e3\""),
            ("128Mi", "128Mi"),
            ("12", "\"12\""),
            (".5", "\".5\""),
            ("12:30:00", "\"12:30:00\""),
            ("a: b", "\"a: b\""),
            ("a #b", "\"a #b\""),
            ("*a", "\"*a\""),
            ("a\tb\u{7}", "\"a\\tb\\x07\""),
            ("\u{85}", "\"\\x85\""),
            ("C:\\x \"y\"", "\"C:\\\\x \\\"y\\\"\""),
        ] {
            assert_eq!(quote(text), expected, "{text:?}");
        }
    }
}
