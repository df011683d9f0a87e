//! The JSON form of arguments: an array of strings.

use std::ops::Range;

/// What a text is, as JSON.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Json {
    /// An array of strings, each with where it stands, quotes included.
    Strings(Vec<(String, Range<usize>)>),
    /// An array that holds something else.
    Mixed,
    /// No JSON array at all: the text is in the shell form.
    No,
}

/// Reads `text`. A text that is no JSON is no mistake: it is in the other form.
pub(super) fn read(text: &str) -> Json {
    if !text.starts_with('[') {
        return Json::No;
    }
    match strings(text) {
        Some(strings) => Json::Strings(strings),
        None if serde_json::from_str::<Vec<serde_json::Value>>(text).is_ok() => Json::Mixed,
        None => Json::No,
    }
}

fn strings(text: &str) -> Option<Vec<(String, Range<usize>)>> {
    let mut found = Vec::new();
    let mut at = blanks(text, 1);
    if text[at..].starts_with(']') {
        return ends(text, at + 1).then_some(found);
    }
    loop {
        let (string, end) = string(text, at)?;
        found.push((string, at..end));
        at = blanks(text, end);
        match text.as_bytes().get(at)? {
            b',' => at = blanks(text, at + 1),
            b']' => return ends(text, at + 1).then_some(found),
            _ => return None,
        }
    }
}

fn blanks(text: &str, at: usize) -> usize {
    text.len() - text[at..].trim_start_matches([' ', '\t', '\r', '\n']).len()
}

fn ends(text: &str, at: usize) -> bool {
    blanks(text, at) == text.len()
}

/// The string at `start`, and where it ends. Half a surrogate pair becomes U+FFFD, as in Go's `encoding/json`.
fn string(text: &str, start: usize) -> Option<(String, usize)> {
    let rest = text[start..].strip_prefix('"')?;
    let mut said = String::new();
    let mut units: Vec<u16> = Vec::new();
    let mut chars = rest.char_indices();
    loop {
        let (at, c) = chars.next()?;
        let plain = match c {
            '\\' => {
                let (_, kind) = chars.next()?;
                if kind == 'u' {
                    let mut unit = 0;
                    for _ in 0..4 {
                        let (_, digit) = chars.next()?;
                        unit = unit * 16 + u16::try_from(digit.to_digit(16)?).ok()?;
                    }
                    units.push(unit);
                    continue;
                }
                escaped(kind)?
            }
            '"' => {
                flush(&mut units, &mut said);
                return Some((said, start + 1 + at + 1));
            }
            c if c < ' ' => return None,
            c => c,
        };
        flush(&mut units, &mut said);
        said.push(plain);
    }
}

fn flush(units: &mut Vec<u16>, said: &mut String) {
    said.extend(
        char::decode_utf16(units.drain(..)).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)),
    );
}

fn escaped(kind: char) -> Option<char> {
    Some(match kind {
        '"' | '\\' | '/' => kind,
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::{Json, read};

    #[test]
    fn strings_with_their_places() {
        for (text, expected) in [
            ("[]", vec![]),
            ("[ ]  ", vec![]),
            ("[\"a\"]", vec!["a"]),
            ("[ \"a\" ,\t\"b c\" ] ", vec!["a", "b c"]),
            (r#"["\"\\\/\b\f\n\r\t"]"#, vec!["\"\\/\u{8}\u{c}\n\r\t"]),
            (
                r#"["\u00fc\uD83D\uDE00\ud83dx"]"#,
                vec!["\u{fc}\u{1f600}\u{fffd}x"],
            ),
            ("[\"\u{fc}\",\"\"]", vec!["\u{fc}", ""]),
        ] {
            let Json::Strings(found) = read(text) else {
                panic!("{text} is an array of strings");
            };
            let said: Vec<&str> = found.iter().map(|(said, _)| said.as_str()).collect();
            assert_eq!(said, expected, "{text}");
            for (_, range) in found {
                assert!(text[range.clone()].starts_with('"') && text[range].ends_with('"'));
            }
        }
    }

    #[test]
    fn what_is_none() {
        for text in [
            "",
            "a",
            "[",
            "[a]",
            "['a']",
            "[\"a\"] b",
            "[\"a\",]",
            "[\"a\" \"b\"]",
            "[\"\\x\"]",
            "[\"\t\"]",
            "[\"\\u12\"]",
            "{}",
            "\"a\"",
            "[ -f x ] && y",
        ] {
            assert_eq!(read(text), Json::No, "{text}");
        }
        for text in ["[1]", "[\"a\", 1]", "[[\"a\"]]", "[null]", "[{\"a\": 1}]"] {
            assert_eq!(read(text), Json::Mixed, "{text}");
        }
    }
}
