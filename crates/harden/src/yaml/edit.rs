//! Edits of nodes. Each answers `None` where it would change more than is meant: through an alias, in a value whose end
//! cannot be told.

use super::fresh::Fresh;
use super::node::{Entry, Node, Style, Value};
use crate::edit::Edit;
use crate::place::{line_end, line_start, next_line};

/// Sets `key` of the mapping `node` to `value`: replaces what is there, or puts it in after the last key.
pub fn set(file: &str, text: &str, node: &Node, key: &str, value: &Fresh) -> Option<Edit> {
    if node.aliased {
        return None;
    }
    match node.entry(key) {
        Some(entry) if entry.value.aliased => None,
        Some(entry) => replace(file, text, &entry.value, value),
        None => insert(file, text, node, key, value),
    }
}

/// Replaces a scalar by another, or an empty value by anything.
pub fn replace(file: &str, text: &str, node: &Node, value: &Fresh) -> Option<Edit> {
    if node.aliased {
        return None;
    }
    match (&*node.value, value) {
        (Value::Scalar(_, Style::Block), _) => None,
        (_, Fresh::Scalar(said)) if node.span.is_empty() => {
            Some(Edit::insert(file, node.span.start, format!(" {said}")))
        }
        (Value::Scalar(..), Fresh::Scalar(said)) => {
            Some(Edit::replace(file, node.span.clone(), said.clone()))
        }
        _ if node.is_null() => {
            let lead = if text[..node.span.start].ends_with(' ') {
                ""
            } else {
                " "
            };
            Some(Edit::replace(
                file,
                node.span.clone(),
                format!("{lead}{}", value.flow()),
            ))
        }
        (_, value) if node.is_flow() => Some(Edit::replace(file, node.span.clone(), value.flow())),
        _ => None,
    }
}

/// Puts `key` into the mapping `node`, after its last key.
pub fn insert(file: &str, text: &str, node: &Node, key: &str, value: &Fresh) -> Option<Edit> {
    match &*node.value {
        _ if node.aliased => None,
        Value::Mapping(entries, false) => insert_after(file, text, entries.last()?, key, value),
        Value::Mapping(entries, true) => {
            let close = node.span.end.checked_sub(1)?;
            let pair = format!("{key}: {}", value.flow());
            let Some(last) = entries.last() else {
                return Some(Edit::replace(
                    file,
                    node.span.clone(),
                    format!("{{{pair}}}"),
                ));
            };
            let end = last.value.span.end.max(last.key.span.end);
            // A comma may stand after the last key already.
            if text.get(end..close)?.contains([',', '#']) {
                return None;
            }
            Some(Edit::insert(file, end, format!(", {pair}")))
        }
        _ => None,
    }
}

/// Puts `key` after `entry`, a key of a mapping that is not in braces.
pub fn insert_after(
    file: &str,
    text: &str,
    entry: &Entry,
    key: &str,
    value: &Fresh,
) -> Option<Edit> {
    let indent = column(text, entry.key.span.start);
    let end = last_byte(text, &entry.value).max(entry.key.span.end);
    if keeps(text, &entry.value) {
        return None;
    }
    let at = line_end(text, end);
    // What stands between is a comment, or the end of something that we do not understand.
    let between = text.get(end..at)?.trim_start();
    if !(between.is_empty() || between.starts_with('#')) {
        return None;
    }
    Some(Edit::insert(
        file,
        at,
        format!("\n{:indent$}{}", "", value.block(key, indent)),
    ))
}

/// Appends `value` to the list `node`.
pub fn append(file: &str, text: &str, node: &Node, value: &Fresh) -> Option<Edit> {
    match &*node.value {
        _ if node.aliased => None,
        Value::Sequence(items, true) => {
            let Some(last) = items.last() else {
                return Some(Edit::replace(
                    file,
                    node.span.clone(),
                    format!("[{}]", value.flow()),
                ));
            };
            let close = node.span.end.checked_sub(1)?;
            if text.get(last.span.end..close)?.contains([',', '#']) {
                return None;
            }
            Some(Edit::insert(
                file,
                last.span.end,
                format!(", {}", value.flow()),
            ))
        }
        Value::Sequence(items, false) => {
            let last = items.last()?;
            if keeps(text, last) {
                return None;
            }
            let dash = text[..items.first()?.span.start].rfind('-')?;
            let indent = column(text, dash);
            let at = line_end(text, last_byte(text, last));
            let block = match value {
                Fresh::Map(entries) if !entries.is_empty() => entries
                    .iter()
                    .map(|(key, value)| value.block(key, indent + 2))
                    .collect::<Vec<_>>()
                    .join(&format!("\n{:indent$}  ", "")),
                other => other.flow(),
            };
            Some(Edit::insert(file, at, format!("\n{:indent$}- {block}", "")))
        }
        _ => None,
    }
}

/// Takes `key` out of the mapping `node`, with its line or lines.
pub fn remove(file: &str, text: &str, node: &Node, key: &str) -> Option<Edit> {
    let entries = node.entries();
    let at = entries
        .iter()
        .position(|entry| entry.key.text() == Some(key))?;
    let entry = &entries[at];
    if node.aliased || node.is_flow() || entries.len() < 2 || is_anchored(text, entry) {
        return None;
    }
    let start = entry.key.span.start;
    let first = line_start(text, start);
    let end = last_byte(text, &entry.value).max(entry.key.span.end);
    if keeps(text, &entry.value) {
        return None;
    }
    if text[first..start].trim().is_empty() {
        return Some(Edit::remove(file, first..next_line(text, end)));
    }
    // After the dash of a list: the next key moves up.
    let next = entries.get(at + 1)?;
    if text.get(end..next.key.span.start)?.contains('#') {
        return None;
    }
    Some(Edit::remove(file, start..next.key.span.start))
}

/// Takes the element of this index out of the list `node`, with its line or lines.
pub fn remove_item(file: &str, text: &str, node: &Node, index: usize) -> Option<Edit> {
    let Value::Sequence(items, flow) = &*node.value else {
        return None;
    };
    let item = items.get(index)?;
    if node.aliased || *flow || items.len() < 2 || text[item.span.clone()].contains('&') {
        return None;
    }
    let start = line_start(text, item.span.start);
    if text[start..item.span.start].trim() != "-" || keeps(text, item) {
        return None;
    }
    Some(Edit::remove(
        file,
        start..next_line(text, last_byte(text, item)),
    ))
}

fn is_anchored(text: &str, entry: &Entry) -> bool {
    let end = entry.value.span.end.max(entry.key.span.end);
    text.get(entry.key.span.end..end)
        .is_none_or(|value| value.contains('&'))
}

/// The column of byte `at`, from 0, in characters.
fn column(text: &str, at: usize) -> usize {
    text[line_start(text, at)..at].chars().count()
}

/// Where a node ends, seen in the lines: that of an alias is where the alias stands.
fn last_byte(text: &str, node: &Node) -> usize {
    node.span.end.min(text.len())
}

/// Whether what ends `node` is a block scalar that keeps the empty lines after it (`|+`).
fn keeps(text: &str, node: &Node) -> bool {
    match &*node.value {
        Value::Scalar(_, Style::Block) => text[node.span.clone()]
            .lines()
            .next()
            .is_some_and(|head| head.contains('+')),
        Value::Scalar(..) => false,
        _ if node.aliased => false,
        Value::Sequence(items, _) => items.last().is_some_and(|last| keeps(text, last)),
        Value::Mapping(entries, _) => entries.last().is_some_and(|last| keeps(text, &last.value)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use super::{Fresh, append, insert, remove, set};
    use crate::edit::apply;

    #[test]
    fn edits_of_mappings_and_lists() {
        let one = Fresh::plain("1");
        let nested = Fresh::map([(
            "x",
            Fresh::map([("y", Fresh::List(vec![Fresh::plain("z")]))]),
        )]);
        for (text, value, expected) in [
            (
                "m:\n  a: 0  # c\n\n# end\n",
                &one,
                "m:\n  a: 0  # c\n  k: 1\n\n# end\n",
            ),
            (
                "m:\r\n  a: 0\r\nb: 1",
                &one,
                "m:\r\n  a: 0\r\n  k: 1\r\nb: 1",
            ),
            ("m: {a: 0}", &one, "m: {a: 0, k: 1}"),
            ("m: {}", &nested, "m: {k: {x: {y: [z]}}}"),
            ("m:\n  - a\n", &one, "m:\n  - a\n"),
            (
                "m:\n    a: |\n      b\n    \n",
                &nested,
                "m:\n    a: |\n      b\n    k:\n      x:\n        y:\n          - z\n    \n",
            ),
            ("m:\n  a: |+\n    b\n\n", &one, "m:\n  a: |+\n    b\n\n"),
            ("m: &x\n  a: 0\nn: *x", &one, "m: &x\n  a: 0\n  k: 1\nn: *x"),
        ] {
            let (documents, _) = read(text);
            let node = documents[0].root.get("m").expect("it is there");
            let edits: Vec<_> = insert("f", text, &node, "k", value).into_iter().collect();
            assert_eq!(apply(text, &edits).as_deref(), Some(expected), "{text:?}");
        }
        let text = "a: 0\nl:\n- 1 # c\n";
        let root = read(text).0.remove(0).root;
        let edits = [
            set("f", text, &root, "a", &one).expect("it can be"),
            append("f", text, &root.get("l").expect("it is there"), &one).expect("it can be"),
        ];
        assert_eq!(
            apply(text, &edits).as_deref(),
            Some("a: 1\nl:\n- 1 # c\n- 1\n")
        );
        let text = "- a: 0\n  b: |\n    c\n  d: 1\n";
        let root = read(text).0.remove(0).root;
        let item = &root.items()[0];
        let without = |key: &str| apply(text, &[remove("f", text, item, key).expect("it can be")]);
        assert_eq!(without("a").as_deref(), Some("- b: |\n    c\n  d: 1\n"));
        assert_eq!(without("b").as_deref(), Some("- a: 0\n  d: 1\n"));
    }
}
