//! The mistakes found so far, each at its place.

use std::ops::Range;

use toml::de::DeTable;

use super::places::Places;
use crate::diagnostic::Diagnostic;

/// Mistakes in one document. Reading goes on after each, so that the user sees all of them at once.
#[derive(Debug, Default)]
pub struct Findings {
    places: Places,
    list: Vec<Diagnostic>,
}

/// Which part of an entry is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Its key.
    Key,
    /// Its value.
    Value,
}

impl Findings {
    /// None yet, for that document.
    pub fn of(document: &DeTable<'_>) -> Self {
        Self {
            places: Places::of(document),
            list: Vec::new(),
        }
    }

    /// The value at `path` is wrong.
    pub fn value(&mut self, path: &str, message: impl Into<String>) -> &mut Diagnostic {
        let span = self.places.at(path).value;
        self.add(span, message.into())
    }

    /// The key at `path` is wrong, or what hangs on it.
    pub fn key(&mut self, path: &str, message: impl Into<String>) -> &mut Diagnostic {
        let span = self.places.at(path).key;
        self.add(span, message.into())
    }

    /// This part of the entry at `path` is wrong.
    pub fn part(&mut self, part: Part, path: &str, message: String) -> &mut Diagnostic {
        match part {
            Part::Key => self.key(path, message),
            Part::Value => self.value(path, message),
        }
    }

    /// The document's places, and the mistakes in the order of the text.
    pub fn finish(mut self) -> (Places, Vec<Diagnostic>) {
        self.list
            .sort_by_key(|mistake| (mistake.span.start, mistake.span.end));
        (self.places, self.list)
    }

    fn add(&mut self, span: Range<usize>, message: String) -> &mut Diagnostic {
        self.list.push(Diagnostic {
            message,
            span,
            label: String::new(),
            help: None,
        });
        let last = self.list.len() - 1;
        &mut self.list[last]
    }
}
