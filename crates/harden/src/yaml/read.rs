//! From text to nodes. Events come from a parser of the whole language; the tree and its places are ours.

use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;

use boatyard_plan::diagnostic::Diagnostic;
use saphyr_parser::{Event, Parser, ScalarStyle, Span};

use super::bracket::lifted;
use super::node::{Document, Entry, Node, Style, Value};
use super::scalar::scalar;

/// Nodes in nodes beyond this are a mistake.
const DEEPEST: usize = 100;

/// Reads all documents of `text`; those that cannot be read are left out and told.
pub fn read(text: &str) -> (Vec<Document>, Vec<Diagnostic>) {
    let mut documents = Vec::new();
    let mut mistakes = Vec::new();
    for part in parts(text) {
        match stream(text, part.clone()) {
            Ok(roots) => documents.extend(roots.into_iter().map(|root| Document {
                root,
                span: part.clone(),
            })),
            Err(mistake) => mistakes.push(mistake),
        }
    }
    (documents, mistakes)
}

/// The documents of a stream: `---` at the beginning of a line always begins one (YAML 1.2.2, 9.1.2).
fn parts(text: &str) -> Vec<Range<usize>> {
    let mut starts = vec![0];
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let begins = line
            .strip_prefix("---")
            .is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\n']));
        let bare = text[*starts.last().unwrap_or(&0)..at]
            .lines()
            .all(|line| line.trim().is_empty() || line.starts_with(['#', '%']));
        if begins && at > 0 && !bare {
            starts.push(at);
        }
        at += line.len();
    }
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    starts
        .iter()
        .copied()
        .zip(ends)
        .map(|(start, end)| start..end)
        .collect()
}

fn stream(text: &str, part: Range<usize>) -> Result<Vec<Node>, Diagnostic> {
    /// More brackets than these are not moved.
    const MOST: usize = 200;
    let mut content = text[part.clone()].to_owned();
    for _ in 0..MOST {
        let mistake = match nodes(text, &content, &part) {
            Err(mistake) => mistake,
            done => return done,
        };
        match lifted(&content, mistake.span.start.saturating_sub(part.start)) {
            Some(moved) => content = moved,
            None => return Err(mistake),
        }
    }
    nodes(text, &content, &part)
}

fn nodes(text: &str, content: &str, part: &Range<usize>) -> Result<Vec<Node>, Diagnostic> {
    let bytes = Bytes::of(content, part.start);
    let mut tree = Tree {
        text,
        end: part.end,
        open: Vec::new(),
        anchors: BTreeMap::new(),
        roots: Vec::new(),
    };
    let wrong = |at: usize, message: String| Diagnostic {
        message,
        span: at..at,
        label: String::new(),
        help: None,
    };
    let mut parser = Parser::new_from_str(content);
    while let Some(next) = parser.next_event() {
        let (event, span) = next.map_err(|error| {
            wrong(
                bytes.at(error.marker().index()),
                format!("this is not YAML: {}", error.info()),
            )
        })?;
        let span = bytes.range(&span);
        if tree.open.len() > DEEPEST {
            return Err(wrong(
                span.start,
                "this is nested too deeply to be read".to_owned(),
            ));
        }
        match event {
            Event::Scalar(said, style, anchor, _) => {
                let style = match style {
                    ScalarStyle::Plain => Style::Plain,
                    ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => Style::Quoted,
                    ScalarStyle::Literal | ScalarStyle::Folded => Style::Block,
                };
                let empty = style == Style::Plain && span.is_empty();
                let said = if empty {
                    String::new()
                } else {
                    said.into_owned()
                };
                tree.add(
                    Value::Scalar(said, style),
                    scalar(text, span, style, part.start),
                    anchor,
                );
            }
            Event::SequenceStart(anchor, _) => {
                tree.begin(Open::Sequence(Vec::new()), &span, anchor);
            }
            Event::MappingStart(anchor, _) => {
                tree.begin(Open::Mapping(Vec::new(), None), &span, anchor);
            }
            Event::SequenceEnd | Event::MappingEnd => tree.finish(&span),
            Event::Alias(anchor) => tree.alias(anchor, span),
            _ => {}
        }
    }
    Ok(tree.roots)
}

/// From characters of a part to bytes of the text.
struct Bytes {
    start: usize,
    /// Where each character begins; empty if all have one byte.
    table: Vec<usize>,
    end: usize,
}

impl Bytes {
    fn of(content: &str, start: usize) -> Self {
        Self {
            start,
            table: if content.is_ascii() {
                Vec::new()
            } else {
                content.char_indices().map(|(at, _)| start + at).collect()
            },
            end: start + content.len(),
        }
    }

    fn at(&self, character: usize) -> usize {
        if self.table.is_empty() {
            (self.start + character).min(self.end)
        } else {
            self.table.get(character).copied().unwrap_or(self.end)
        }
    }

    fn range(&self, span: &Span) -> Range<usize> {
        let start = self.at(span.start.index());
        start..self.at(span.end.index()).max(start)
    }
}

enum Open {
    Sequence(Vec<Node>),
    Mapping(Vec<Entry>, Option<Node>),
}

struct Tree<'t> {
    text: &'t str,
    end: usize,
    open: Vec<(Open, usize, usize, bool)>,
    anchors: BTreeMap<usize, Node>,
    roots: Vec<Node>,
}

impl Tree<'_> {
    fn begin(&mut self, open: Open, span: &Range<usize>, anchor: usize) {
        // The parser's place begins with an anchor or a tag, if there is one, and ends with the bracket or the first key.
        let flow = self.text[span.clone()].ends_with(['{', '[']);
        let start = if flow { span.end - 1 } else { span.end };
        self.open.push((open, start, anchor, flow));
    }

    fn finish(&mut self, span: &Range<usize>) {
        let Some((open, start, anchor, flow)) = self.open.pop() else {
            return;
        };
        let (value, last) = match open {
            Open::Sequence(items) => {
                let last = items.last().map(|node| node.span.end);
                (Value::Sequence(items, flow), last)
            }
            Open::Mapping(entries, _) => {
                let last = entries
                    .last()
                    .map(|entry| entry.value.span.end.max(entry.key.span.end));
                // A block mapping begins where its first key does.
                (Value::Mapping(entries, flow), last)
            }
        };
        let end = if flow {
            span.end
        } else {
            last.unwrap_or(start)
        };
        self.add(value, start..end.max(start), anchor);
    }

    fn add(&mut self, value: Value, span: Range<usize>, anchor: usize) {
        let node = Node {
            span,
            aliased: false,
            value: Rc::new(value),
        };
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
        self.place(node);
    }

    fn alias(&mut self, anchor: usize, span: Range<usize>) {
        let node = match self.anchors.get(&anchor) {
            Some(node) => Node {
                span,
                aliased: true,
                value: Rc::clone(&node.value),
            },
            // A value that holds itself.
            None => Node {
                span,
                aliased: true,
                value: Rc::new(Value::Scalar(String::new(), Style::Plain)),
            },
        };
        self.place(node);
    }

    fn place(&mut self, mut node: Node) {
        match self.open.last_mut() {
            None => self.roots.push(node),
            Some((Open::Sequence(items), ..)) => items.push(node),
            Some((Open::Mapping(entries, key), ..)) => match key.take() {
                None => *key = Some(node),
                Some(key) => {
                    if node.is_null() && node.span.is_empty() {
                        // Nothing stands after the colon: that is where it would stand.
                        let rest = &self.text[key.span.end..self.end];
                        let colon = rest
                            .find(':')
                            .filter(|&colon| rest[..colon].trim().is_empty());
                        let at = key.span.end + colon.map_or(0, |colon| colon + 1);
                        node.span = at..at;
                    }
                    entries.push(Entry { key, value: node });
                }
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn nodes_know_where_they_stand() {
        let text = "# \u{fc}\na: &x {b: 1}\nc:\n  - d: 'e'  # f\n    g: |\n      h\n\n  - *x\ni:\n---\nj: [1,\n  2]\n---\nk: [\n---\nl: 1";
        let (documents, mistakes) = read(text);
        assert_eq!((documents.len(), mistakes.len()), (3, 1));
        let root = &documents[0].root;
        let said = |path: &[&str]| &text[root.at(path).expect("it is there").span];
        assert_eq!(said(&["a"]), "{b: 1}");
        assert_eq!(said(&["a", "b"]), "1");
        assert_eq!(said(&["i"]), "");
        let items = root.list("c");
        assert_eq!(
            &text[items[0].get("g").expect("it is there").span],
            "|\n      h"
        );
        assert!(items[1].get("b").expect("it is there").aliased);
        assert_eq!(
            &text[documents[1].root.get("j").expect("it is there").span],
            "[1,\n  2]"
        );
        assert_eq!(
            documents[2].root.get("l").and_then(|node| node.number()),
            Some(1)
        );
    }
}
