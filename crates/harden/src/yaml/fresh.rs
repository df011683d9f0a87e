//! Values that are put in.

use std::fmt::Write as _;

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
