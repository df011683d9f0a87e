//! Values in order.

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tree {
    /// A text, a number or a truth value.
    Scalar(Scalar),
    /// A list.
    List(Vec<Tree>),
    /// A mapping.
    Map(Map),
}

/// A value without parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scalar {
    /// A text: it stays one, whatever it looks like.
    Text(String),
    /// A whole number.
    Number(i64),
    /// A truth value.
    Truth(bool),
    /// A value that a chart leaves open.
    Setting {
        /// What stands there outside of a chart.
        plain: Box<Scalar>,
        /// What stands there in a chart: a text with actions in `{{ }}`, written as it is.
        template: String,
    },
}

/// A mapping. Keys are in the order in which they were set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Map {
    /// Its keys and values.
    pub entries: Vec<Entry>,
}

/// A key and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// A line that stands above it.
    pub comment: Option<String>,
    /// The key.
    pub key: String,
    /// The value.
    pub value: Tree,
}

impl Map {
    /// An empty mapping.
    pub fn new() -> Self {
        Self::default()
    }

    /// With `key` at its end.
    #[must_use]
    pub fn set(mut self, key: impl Into<String>, value: impl Into<Tree>) -> Self {
        self.entries.push(Entry {
            comment: None,
            key: key.into(),
            value: value.into(),
        });
        self
    }

    /// With `key` at its end, and the reason above it.
    #[must_use]
    pub fn because(
        mut self,
        comment: impl Into<String>,
        key: impl Into<String>,
        value: impl Into<Tree>,
    ) -> Self {
        self.entries.push(Entry {
            comment: Some(comment.into()),
            key: key.into(),
            value: value.into(),
        });
        self
    }

    /// With `key` at its end if there is a value.
    #[must_use]
    pub fn maybe(self, key: impl Into<String>, value: Option<impl Into<Tree>>) -> Self {
        match value {
            Some(value) => self.set(key, value),
            None => self,
        }
    }

    /// The value of `key`.
    pub fn get(&self, key: &str) -> Option<&Tree> {
        let mut entries = self.entries.iter();
        Some(&entries.find(|entry| entry.key == key)?.value)
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

impl From<Map> for Tree {
    fn from(map: Map) -> Self {
        Self::Map(map)
    }
}

impl From<Scalar> for Tree {
    fn from(scalar: Scalar) -> Self {
        Self::Scalar(scalar)
    }
}

impl From<&str> for Tree {
    fn from(text: &str) -> Self {
        Self::Scalar(Scalar::Text(text.to_owned()))
    }
}

impl From<String> for Tree {
    fn from(text: String) -> Self {
        Self::Scalar(Scalar::Text(text))
    }
}

impl From<&String> for Tree {
    fn from(text: &String) -> Self {
        Self::Scalar(Scalar::Text(text.clone()))
    }
}

impl From<bool> for Tree {
    fn from(truth: bool) -> Self {
        Self::Scalar(Scalar::Truth(truth))
    }
}

impl From<i64> for Tree {
    fn from(number: i64) -> Self {
        Self::Scalar(Scalar::Number(number))
    }
}

impl From<u32> for Tree {
    fn from(number: u32) -> Self {
        Self::from(i64::from(number))
    }
}

impl From<u16> for Tree {
    fn from(number: u16) -> Self {
        Self::from(i64::from(number))
    }
}

impl<T: Into<Tree>> From<Vec<T>> for Tree {
    fn from(items: Vec<T>) -> Self {
        Self::List(items.into_iter().map(Into::into).collect())
    }
}

impl<T: Into<Tree>, const N: usize> From<[T; N]> for Tree {
    fn from(items: [T; N]) -> Self {
        Self::List(items.into_iter().map(Into::into).collect())
    }
}
