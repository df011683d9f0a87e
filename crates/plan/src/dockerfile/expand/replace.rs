//! `${v/p/r}` and `${v//p/r}`.

use super::pattern::Pattern;

/// `text` with its first match replaced.
pub(super) fn first(text: &str, pattern: &Pattern, replacement: &str) -> String {
    match pattern.find(text, 0) {
        Some((start, end)) => format!("{}{replacement}{}", &text[..start], &text[end..]),
        None => text.to_owned(),
    }
}

/// `text` with all its matches replaced; `None` if that is longer than `limit` bytes. A match of nothing right after another
/// one is left out.
///
/// Within `replacement`, `$$` is a `$` and `$0` what was matched, any other `$name` is nothing: `BuildKit` hands it to Go's
/// `ReplaceAllString` (but not in [`first`]), and a build must not depend on who runs it.
pub(super) fn all(
    text: &str,
    pattern: &Pattern,
    replacement: &str,
    limit: usize,
) -> Option<String> {
    let template = template(replacement);
    let mut result = String::new();
    let mut done = 0;
    let mut from = 0;
    while let Some((start, end)) = pattern.find(text, from) {
        result.push_str(&text[done..start]);
        if end > done || start == 0 {
            for part in &template {
                match part {
                    Part::Text(part) => result.push_str(part),
                    Part::Matched => result.push_str(&text[start..end]),
                }
            }
        }
        if result.len() > limit {
            return None;
        }
        done = end;
        let width = text[from..].chars().next().map_or(1, char::len_utf8);
        from = end.max(from + width);
        if from > text.len() {
            break;
        }
    }
    result.push_str(&text[done..]);
    Some(result)
}

#[derive(Debug)]
enum Part<'a> {
    Text(&'a str),
    Matched,
}

fn template(mut text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    while let Some(at) = text.find('$') {
        parts.push(Part::Text(&text[..at]));
        let rest = &text[at + 1..];
        let name = |text: &str| {
            text.find(|c: char| !c.is_alphanumeric() && c != '_')
                .unwrap_or(text.len())
        };
        let (name, after) = if let Some(braced) = rest.strip_prefix('{') {
            let length = name(braced);
            match braced[length..].strip_prefix('}') {
                Some(after) => (&braced[..length], after),
                None => ("", rest),
            }
        } else {
            rest.split_at(name(rest))
        };
        text = after;
        if let Some(after) = rest.strip_prefix('$') {
            parts.push(Part::Text("$"));
            text = after;
        } else if name.is_empty() {
            parts.push(Part::Text("$"));
            text = rest;
        } else if name == "0" {
            parts.push(Part::Matched);
        }
    }
    parts.push(Part::Text(text));
    parts
}
