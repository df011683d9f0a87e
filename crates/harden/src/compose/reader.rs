//! Reading nodes, and noting with its place what is not carried over.

use boatyard_plan::detect::{Found, Left};
use boatyard_plan::secret::hidden;

use super::interpolate::{Filled, fill};
use super::words::split;
use crate::place::Lines;
use crate::yaml::{Node, Value};

/// A Compose file while it is read.
pub(super) struct Reader<'a> {
    file: &'a str,
    text: &'a str,
    lines: Lines,
    /// What was carried over.
    pub found: Vec<Found>,
    /// What was not.
    left: Vec<Left>,
}

impl<'a> Reader<'a> {
    /// Nothing read yet.
    pub(super) fn new(file: &'a str, text: &'a str) -> Self {
        Self {
            file,
            text,
            lines: Lines::of(text),
            found: Vec::new(),
            left: Vec::new(),
        }
    }

    /// The file's path.
    pub(super) fn file(&self) -> &'a str {
        self.file
    }

    /// Notes what is carried over.
    pub(super) fn found(&mut self, what: impl Into<String>) {
        self.found.push(Found {
            what: what.into(),
            file: self.file.to_owned(),
        });
    }

    /// Notes what is not carried over.
    pub(super) fn left(&mut self, at: &Node, what: impl Into<String>, help: impl Into<String>) {
        let position = self.lines.position(at.span.start, self.text);
        let left = Left {
            file: self.file.to_owned(),
            line: Some(position.line),
            column: Some(position.column),
            what: hidden(&what.into()),
            help: help.into(),
        };
        if !self.left.contains(&left) {
            self.left.push(left);
        }
    }

    /// What was not carried over in the order of the file. What a merge key brings into several services is told once.
    pub(super) fn told(&mut self) -> Vec<Left> {
        let mut all = std::mem::take(&mut self.left);
        all.sort_by_key(|left| (left.line, left.column));
        let mut told: Vec<(Left, usize)> = Vec::new();
        for left in all {
            match told.last_mut() {
                Some((last, more)) if left.place() == last.place() && left.help == last.help => {
                    *more += 1;
                }
                _ => told.push((left, 0)),
            }
        }
        let named = told.into_iter().map(|(mut left, more)| {
            if more > 0 {
                left.what = format!("{}, and {more} more", left.what);
            }
            left
        });
        named.collect()
    }

    /// A scalar with its variables filled in; variables without a value are noted, and nothing comes of it.
    pub(super) fn word(&mut self, node: &Node) -> Option<String> {
        let Filled { text, unset } = fill(node.text()?);
        match unset.first() {
            None => Some(text),
            Some(name) => {
                self.left(
                    node,
                    format!("{}: ${{{name}}} has no value here", shown(node)),
                    "write its value, or a default: ${NAME:-default}",
                );
                None
            }
        }
    }

    /// A command: a string, or a list of words.
    pub(super) fn command(&mut self, node: &Node) -> Option<Vec<String>> {
        if node.is_null() {
            return None;
        }
        if node.is_list() {
            return node.items().iter().map(|item| self.word(item)).collect();
        }
        Some(split(&self.word(node)?))
    }
}

/// What a node says, in short.
pub(super) fn shown(node: &Node) -> String {
    const LONGEST: usize = 60;
    let text = match &*node.value {
        Value::Scalar(text, _) => text.clone(),
        Value::Sequence(..) => "[...]".to_owned(),
        Value::Mapping(..) => "{...}".to_owned(),
    };
    if text.chars().count() <= LONGEST {
        text
    } else {
        text.chars().take(LONGEST).chain("...".chars()).collect()
    }
}

/// Keys and values of a mapping, also those that merge keys bring.
pub(crate) fn pairs(node: &Node) -> Vec<(Node, Node)> {
    fn collect(node: &Node, depth: usize, all: &mut Vec<(Node, Node)>) {
        const DEEPEST: usize = 8;
        let mut merged = Vec::new();
        for entry in node.entries() {
            match entry.key.text() {
                Some("<<") => merged.push(&entry.value),
                Some(key) if !all.iter().any(|(one, _)| one.text() == Some(key)) => {
                    all.push((entry.key.clone(), entry.value.clone()));
                }
                _ => {}
            }
        }
        if depth == DEEPEST {
            return;
        }
        for source in merged {
            if source.is_list() {
                for one in source.items() {
                    collect(&one, depth + 1, all);
                }
            } else {
                collect(source, depth + 1, all);
            }
        }
    }
    let mut all = Vec::new();
    collect(node, 0, &mut all);
    all
}
