//! What is secret in texts that are shown: terminals are logged, and logs are read by many.
//!
//! ```text
//! line("ENV TOKEN=abc", "D15", TOKEN) -> "ENV TOKEN=***"      both(before, after, ...) -> texts whose difference can be shown
//! ```

use std::collections::BTreeSet;
use std::ops::Range;

use boatyard_plan::secret::{in_command, said};

use crate::edit::Edit;
use crate::finding::Finding;
use crate::place::{line_start, next_line};

/// Rules that find secrets.
const OF_SECRETS: [&str; 5] = ["C02", "D15", "M17", "P05", "S07"];

/// Secrets shorter than this are not looked for in other places: they would be everywhere.
const SHORTEST: usize = 4;

/// The text with stars in place of the secrets in it, as long as it was; of what `rule` found at `span` also what stands behind it.
pub fn line(text: &str, rule: &str, span: &Range<usize>) -> String {
    let mut shown = text.to_owned();
    for range in ranges(text, std::iter::once((rule, span))) {
        cover(&mut shown, text, range);
    }
    for secret in said(text) {
        shown = shown.replace(secret, &"*".repeat(secret.len()));
    }
    shown
}

/// A text before and after its mending, with what was found in each: without the secrets of either.
pub fn both(before: (&str, &[&Finding]), after: (&str, &[&Finding])) -> (String, String) {
    let mut secrets: BTreeSet<String> = BTreeSet::new();
    let covered = [before, after].map(|(text, findings)| {
        let found = findings.iter().map(|one| (one.rule.id, &one.span));
        let ranges = ranges(text, found);
        let mut shown = text.to_owned();
        for range in ranges {
            secrets.insert(
                text[range.clone()]
                    .trim_matches(['"', '\'', ' '])
                    .to_owned(),
            );
            cover(&mut shown, text, range);
        }
        secrets.extend(said(text).into_iter().map(str::to_owned));
        shown
    });
    let mut secrets: Vec<String> = secrets
        .into_iter()
        .filter(|secret| secret.len() >= SHORTEST)
        .collect();
    secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    let [before, after] = covered.map(|mut shown| {
        for secret in &secrets {
            shown = shown.replace(secret.as_str(), &"*".repeat(secret.len()));
        }
        shown
    });
    (before, after)
}

/// Whether an edit puts in what is secret, so that it is made and not shown.
pub(crate) fn is_telling(edits: &[Edit]) -> bool {
    edits
        .iter()
        .any(|edit| !said(&edit.text).is_empty() || !in_command(&edit.text).is_empty())
}

/// Where secrets stand in a text: on command lines, and behind what rules found.
fn ranges<'f>(
    text: &str,
    found: impl Iterator<Item = (&'f str, &'f Range<usize>)>,
) -> Vec<Range<usize>> {
    let mut ranges: Vec<Range<usize>> = in_command(text)
        .into_iter()
        .map(|given| given.span)
        .collect();
    for (_, span) in found.filter(|(rule, _)| OF_SECRETS.contains(rule)) {
        let span = span.start.min(text.len())..span.end.min(text.len());
        let length = text[span.start..].lines().next().unwrap_or("").len();
        let end = span.start + length;
        let line = &text[span.start..end];
        // On a command line only the secret is one; what is set in a list goes to the end of the line.
        let before = text[..span.start].rsplit('\n').next().unwrap_or_default();
        let is_item = before.trim_matches([' ', '-', '"', '\'', '\t']).is_empty();
        if !is_item && !in_command(&text[span.clone()]).is_empty() {
            continue;
        }
        // ENV NAME value
        let is_old = text[..span.start]
            .trim_end()
            .to_ascii_uppercase()
            .ends_with("ENV");
        let from = value(line, span.len()).or_else(|| {
            is_old
                .then_some(span.len())
                .filter(|from| line.get(*from..).is_some_and(|rest| rest.starts_with(' ')))
        });
        ranges.extend(from.map(|from| span.start + from..end));
        ranges.extend(around(text, span.start));
    }
    ranges
}

/// Where the value of what is named at `at` stands in lines of its own: `value:` beside `name:`, and the lines of a block below either.
fn around(text: &str, at: usize) -> Vec<Range<usize>> {
    let start = line_start(text, at);
    let next = next_line(text, at);
    let is_value = |line: &str| {
        let key = line.trim_start_matches([' ', '-']);
        key.starts_with("value:")
    };
    let line_at = |start: usize| text[start..].lines().next().unwrap_or("");
    let mut ranges = Vec::new();
    let mut from = start;
    if is_value(line_at(next)) {
        from = next;
    } else if start > 0 && is_value(line_at(line_start(text, start - 1))) {
        from = line_start(text, start - 1);
    }
    let line = line_at(from);
    if let Some(colon) = line.find(':').filter(|_| from != start) {
        ranges.push(from + colon + 1..from + line.len());
    }
    if line.trim_end().ends_with(['|', '>', '-', '+']) {
        let depth = line.len() - line.trim_start_matches([' ', '-']).len();
        let mut below = next_line(text, from);
        while below < text.len() {
            let line = line_at(below);
            let own = line.len() - line.trim_start().len();
            if !line.trim().is_empty() && own <= depth {
                break;
            }
            ranges.push(below + own..below + line.len());
            below = next_line(text, below);
        }
    }
    ranges
}

/// Puts stars where `range` is.
fn cover(shown: &mut String, text: &str, range: Range<usize>) {
    let stars = text[range.clone()].bytes().map(|byte| match byte {
        b' ' | b'"' | b'\'' => char::from(byte),
        _ => '*',
    });
    let stars: String = stars.collect();
    shown.replace_range(range, &stars);
}

/// Where the value begins in a line that begins with what was found, which is `found` bytes long: `NAME=value`, `NAME: value`,
/// `NAME, value: value}`.
fn value(line: &str, found: usize) -> Option<usize> {
    let name = &line[..found.min(line.len())];
    if let Some(at) = name.find('=') {
        return Some(at + 1);
    }
    let rest = &line[name.len()..];
    let behind = rest.trim_start_matches(['"', '\'', ' ']);
    let is_set = behind.starts_with(['=', ':', ',']);
    is_set.then(|| line.len() - behind.len() + 1)
}

#[cfg(test)]
mod tests {
    use super::{both, line};

    #[test]
    fn lines() {
        for (text, rule, found, expected) in [
            (
                "ENV TOKEN=abc A=b\nRUN x",
                "D15",
                "TOKEN",
                "ENV TOKEN=*** ***\nRUN x",
            ),
            ("COPY .env /app/", "D15", ".env", "COPY .env /app/"),
            (
                "  DB_PASSWORD: \"hé\"",
                "C02",
                "DB_PASSWORD",
                "  DB_PASSWORD: \"***\"",
            ),
            ("- TOKEN=abc", "C02", "TOKEN=abc", "- TOKEN=***"),
            (
                "{name: TOKEN, value: abc}",
                "M17",
                "TOKEN",
                "{name: TOKEN, ****** ****",
            ),
            (
                "CMD a --x redis://:pw@h",
                "D01",
                "a",
                "CMD a --x redis://:**@h",
            ),
            ("image: redis", "C02", "redis", "image: redis"),
            ("TOKEN = \"abc\"", "P05", "TOKEN", "TOKEN = \"***\""),
            (
                "ENV TOKEN abc d\nRUN x",
                "D15",
                "TOKEN",
                "ENV TOKEN *** *\nRUN x",
            ),
        ] {
            let at = text.find(found).expect("it is there");
            let shown = line(text, rule, &(at..at + found.len()));
            assert_eq!(shown, expected, "{text}");
            assert_eq!(shown.len(), text.len(), "{text}");
        }
    }

    #[test]
    fn values_of_their_own() {
        for (text, expected) in [
            (
                "- name: A\n  value: abc\n  b: c",
                "- name: A\n  value: ***\n  b: c",
            ),
            (
                "- value: abc\n  name: A\n  b: c",
                "- value: ***\n  name: A\n  b: c",
            ),
            (
                "  A: |\n    x y\n\n    z\n  b: c",
                "  A: *\n    * *\n\n    *\n  b: c",
            ),
            (
                "- name: A\n  value: |-\n    x\n",
                "- name: A\n  value: **\n    *\n",
            ),
        ] {
            let at = text.find('A').expect("it is there");
            assert_eq!(line(text, "M17", &(at..at + 1)), expected);
        }
    }

    #[test]
    fn differences() {
        let before = "- {name: A, value: hunter2}\n# hunter2 was it\nx --token hunter3\n";
        let after = "- {name: A, valueFrom: b}\n# hunter2 was it\nx --token hunter3\n";
        let finding = crate::report::Report::default()
            .add(&crate::rule::UNREADABLE, "a", 9..10, "")
            .clone();
        let named = crate::finding::Finding {
            rule: crate::rule::named("M17").expect("there is one"),
            ..finding
        };
        let (before, after) = both((before, &[&named]), (after, &[]));
        assert_eq!(
            before,
            "- {name: A, ****** ********\n# hunter2 was it\nx --token *******\n"
        );
        assert_eq!(
            after,
            "- {name: A, valueFrom: b}\n# hunter2 was it\nx --token *******\n"
        );
    }
}
