//! Splitting arguments into words.

use super::line::Part;

/// White space between arguments (`BuildKit` splits at `[\t\v\f\r ]+`).
pub(super) fn is_blank(c: char) -> bool {
    matches!(c, '\t' | '\u{b}' | '\u{c}' | '\r' | ' ')
}

/// The words between white space. Quotes mean nothing.
pub(super) fn plain<'l>(arguments: &Part<'l>) -> Vec<Part<'l>> {
    let text = arguments.text();
    let mut words = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices() {
        if is_blank(c) {
            words.extend(start.take().map(|start| arguments.sub(start..at)));
        } else {
            start.get_or_insert(at);
        }
    }
    words.extend(start.map(|start| arguments.sub(start..text.len())));
    words
}

/// The words between white space that is neither quoted nor escaped. Quotes and escapes stay as they are written.
pub(super) fn quoted<'l>(arguments: &Part<'l>, escape: char) -> Vec<Part<'l>> {
    let text = arguments.text();
    let mut words = Vec::new();
    let mut start: Option<usize> = None;
    let mut quote = None;
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        if start.is_none() {
            if c.is_whitespace() {
                continue;
            }
            start = Some(at);
        }
        if c == escape && quote != Some('\'') {
            if chars.next().is_none() {
                // It has nothing to escape.
                let start = start.take().filter(|&start| start < at);
                words.extend(start.map(|start| arguments.sub(start..at)));
            }
        } else if quote == Some(c) {
            quote = None;
        } else if quote.is_none() {
            if c == '\'' || c == '"' {
                quote = Some(c);
            } else if c.is_whitespace() {
                words.extend(start.take().map(|start| arguments.sub(start..at)));
            }
        }
    }
    words.extend(start.map(|start| arguments.sub(start..text.len())));
    words
}

#[cfg(test)]
mod tests {
    use super::quoted;
    use crate::dockerfile::parse::line::Source;

    #[test]
    fn an_escape_character_with_nothing_to_escape_is_dropped() {
        for (text, expected) in [
            ("a b\\\u{a0}", &["a", "b"][..]),
            ("a \\\u{b}", &["a"]),
            ("a\\ b\\\\", &["a\\ b\\\\"]),
        ] {
            let line = Source::new(text).logical('\\').expect("there is one");
            let words = quoted(&line.part(), '\\');
            let said: Vec<&str> = words.iter().map(super::Part::text).collect();
            assert_eq!(said, expected, "{text:?}");
        }
    }
}
