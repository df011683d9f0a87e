//! Scalars that say what is written, byte by byte: so that a part of one can be edited.

use super::node::{Node, Style, Value};
use crate::shell::Joined;

/// The text of a scalar with the places of its bytes in the file; `None` where it has escapes, is folded, or stands behind an alias.
pub fn written(text: &str, node: &Node) -> Option<Joined> {
    let Value::Scalar(said, style) = &*node.value else {
        return None;
    };
    let raw = text.get(node.span.clone()).filter(|_| !node.aliased)?;
    if *style == Style::Block {
        return lines(raw, node.span.start, said);
    }
    let quote = usize::from(raw.starts_with(['"', '\'']));
    let inner = raw.get(quote..raw.len().checked_sub(quote)?)?;
    let start = node.span.start + quote;
    (inner == said).then(|| Joined::plain(text, start..start + said.len()))
}

/// The lines of a literal block (`|`) without their indentation.
fn lines(raw: &str, start: usize, said: &str) -> Option<Joined> {
    let mut written = raw.split_inclusive('\n');
    let mut at = start + written.next().filter(|head| head.starts_with('|'))?.len();
    let mut pieces = Vec::new();
    for line in said.split_inclusive('\n') {
        let raw = written.next().unwrap_or_default();
        let content = raw.trim_end_matches(['\r', '\n']);
        let indent = content
            .len()
            .checked_sub(line.trim_end_matches('\n').len())?;
        let same = content.get(indent..)? == line.trim_end_matches('\n');
        if !same || !content[..indent].trim_start_matches(' ').is_empty() {
            return None;
        }
        pieces.push((line, at + indent));
        at += raw.len();
    }
    (!pieces.is_empty()).then(|| Joined::of(pieces))
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use super::written;

    #[test]
    fn places_are_those_of_the_file() {
        for (text, expected) in [
            ("a: b c d", Some("c d")),
            ("a: 'b c d'", Some("c d")),
            ("a: \"b c d\"", Some("c d")),
            ("a: |\n  b\n  c d\n", Some("c d\n")),
            ("a: |-\r\n  b\r\n\r\n  c d\r\nz: 1", Some("c d\r\nz: 1")),
            ("a: \"b \\n c d\"", None),
            ("a: 'b '' c d'", None),
            ("a: >\n  b\n  c d\n", None),
            ("a: b\n  c d\n", None),
        ] {
            let node = read(text).0[0].root.get("a").expect("it is there");
            let found = written(text, &node).map(|joined| {
                let at = joined.text.find('c').expect("it is there");
                text[joined.origin(at)..]
                    .trim_end_matches(['"', '\''])
                    .to_owned()
            });
            assert_eq!(found.as_deref(), expected, "{text}");
        }
    }
}
