//! Values that are put in.

use std::fmt::Write as _;

use super::node::{Node, Style, Value};
use crate::render::yaml::scalar::{quote, quoted};

/// A value that is put in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fresh {
    /// Written as it is: a number, a word, or something in quotes.
    Scalar(String),
    /// A list.
    List(Vec<Fresh>),
    /// A mapping.
    Map(Vec<(String, Fresh)>),
}

impl Fresh {
    /// A scalar that is written as it is.
    pub fn plain(text: impl std::fmt::Display) -> Self {
        Self::Scalar(text.to_string())
    }

    /// A mapping.
    pub fn map<const N: usize>(entries: [(&str, Self); N]) -> Self {
        Self::Map(
            entries
                .into_iter()
                .map(|(key, value)| (key.to_owned(), value))
                .collect(),
        )
    }

    /// What `node` says, without its comments; `None` where it merges others (`<<`), or would be very long.
    pub fn of(node: &Node) -> Option<Self> {
        const LONGEST: usize = 2000;
        let mut left = LONGEST;
        Self::copy(node, &mut left)
    }

    fn copy(node: &Node, left: &mut usize) -> Option<Self> {
        *left = left.checked_sub(1)?;
        Some(match &*node.value {
            Value::Scalar(text, Style::Plain) if text.is_empty() => Self::plain("null"),
            Value::Scalar(text, Style::Plain) if !text.contains([',', '[', ']', '{', '}']) => {
                Self::plain(text)
            }
            Value::Scalar(text, _) => Self::plain(quoted(text)),
            Value::Sequence(items, _) => {
                let items = items.iter().map(|item| Self::copy(item, left));
                Self::List(items.collect::<Option<_>>()?)
            }
            Value::Mapping(entries, _) => {
                let mut copied = Vec::new();
                for entry in entries {
                    let key = entry.key.text().filter(|key| *key != "<<")?;
                    copied.push((quote(key), Self::copy(&entry.value, left)?));
                }
                Self::Map(copied)
            }
        })
    }

    /// In braces and brackets.
    pub fn flow(&self) -> String {
        match self {
            Self::Scalar(text) => text.clone(),
            Self::List(items) => format!(
                "[{}]",
                items.iter().map(Self::flow).collect::<Vec<_>>().join(", ")
            ),
            Self::Map(entries) => {
                let entries: Vec<String> = entries
                    .iter()
                    .map(|(key, value)| format!("{key}: {}", value.flow()))
                    .collect();
                format!("{{{}}}", entries.join(", "))
            }
        }
    }

    /// `key: value` in lines; the first without indentation, the others with `indent`, none with a newline at its end.
    pub fn block(&self, key: &str, indent: usize) -> String {
        let mut text = format!("{key}:");
        self.after(&mut text, indent);
        text
    }

    fn after(&self, text: &mut String, indent: usize) {
        match self {
            Self::Scalar(said) => {
                let _ = write!(text, " {said}");
            }
            Self::List(items)
                if items.iter().all(|item| matches!(item, Self::Scalar(_)))
                    && !items.is_empty() =>
            {
                for item in items {
                    let _ = write!(text, "\n{:indent$}  - {}", "", item.flow());
                }
            }
            Self::List(items) => {
                for item in items {
                    match item {
                        Self::Map(entries) if !entries.is_empty() => {
                            for (index, (key, value)) in entries.iter().enumerate() {
                                let mark = if index == 0 { "- " } else { "  " };
                                let _ = write!(text, "\n{:indent$}  {mark}{key}:", "");
                                value.after(text, indent + 4);
                            }
                        }
                        other => {
                            let _ = write!(text, "\n{:indent$}  - {}", "", other.flow());
                        }
                    }
                }
            }
            Self::Map(entries) if entries.is_empty() => text.push_str(" {}"),
            Self::Map(entries) => {
                for (key, value) in entries {
                    let _ = write!(text, "\n{:indent$}  {key}:", "");
                    value.after(text, indent + 2);
                }
            }
        }
    }
}
