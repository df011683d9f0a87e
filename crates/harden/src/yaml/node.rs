//! A document as a tree of nodes with places.

use std::ops::Range;
use std::rc::Rc;

/// A document of a stream.
#[derive(Clone, Debug)]
pub struct Document {
    /// What it holds.
    pub root: Node,
    /// All of it, from its first byte to the next document.
    pub span: Range<usize>,
}

/// A value and where it stands.
#[derive(Clone, Debug)]
pub struct Node {
    /// Where it stands; an alias: where the value that it names stands.
    pub span: Range<usize>,
    /// Whether it was reached through an alias or a merge key, so that a change would be seen in other places, too.
    pub aliased: bool,
    /// What it is.
    pub value: Rc<Value>,
}

/// How a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Without quotes.
    Plain,
    /// In quotes.
    Quoted,
    /// After `|` or `>`.
    Block,
}

/// What a node is.
#[derive(Clone, Debug)]
pub enum Value {
    /// A text, a number, a truth value or nothing.
    Scalar(String, Style),
    /// A list, and whether it is in brackets.
    Sequence(Vec<Node>, bool),
    /// A mapping, and whether it is in braces.
    Mapping(Vec<Entry>, bool),
}

/// A key and its value.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key.
    pub key: Node,
    /// The value.
    pub value: Node,
}

impl Node {
    /// The value of `key`, also through a merge key.
    pub fn get(&self, key: &str) -> Option<Self> {
        self.look(key, 0)
    }

    fn look(&self, key: &str, depth: usize) -> Option<Self> {
        const DEEPEST: usize = 8;
        let own = self
            .entries()
            .iter()
            .find(|entry| entry.key.text() == Some(key));
        if let Some(entry) = own {
            return Some(self.pass(&entry.value));
        }
        if depth == DEEPEST {
            return None;
        }
        let merge = self
            .entries()
            .iter()
            .find(|entry| entry.key.text() == Some("<<"))?;
        let sources = match &*merge.value.value {
            Value::Sequence(list, _) => list.clone(),
            _ => vec![merge.value.clone()],
        };
        let found = sources
            .iter()
            .find_map(|source| source.look(key, depth + 1))?;
        Some(Self {
            aliased: true,
            ..found
        })
    }

    fn pass(&self, child: &Self) -> Self {
        let mut child = child.clone();
        child.aliased |= self.aliased;
        child
    }

    /// The value at a path of keys.
    pub fn at(&self, path: &[&str]) -> Option<Self> {
        path.iter()
            .try_fold(self.clone(), |node, key| node.get(key))
    }

    /// The key `key` of this mapping itself.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries()
            .iter()
            .find(|entry| entry.key.text() == Some(key))
    }

    /// Keys and values of a mapping as it is written, without those of merge keys.
    pub fn entries(&self) -> &[Entry] {
        match &*self.value {
            Value::Mapping(entries, _) => entries,
            _ => &[],
        }
    }

    /// The elements of a list.
    pub fn items(&self) -> Vec<Self> {
        match &*self.value {
            Value::Sequence(items, _) => items.iter().map(|item| self.pass(item)).collect(),
            _ => Vec::new(),
        }
    }

    /// The elements of the list at `key`.
    pub fn list(&self, key: &str) -> Vec<Self> {
        self.get(key).map(|node| node.items()).unwrap_or_default()
    }

    /// What a scalar says.
    pub fn text(&self) -> Option<&str> {
        match &*self.value {
            Value::Scalar(text, _) => Some(text),
            _ => None,
        }
    }

    /// What the scalar at `key` says.
    pub fn string(&self, key: &str) -> Option<String> {
        self.get(key)?.text().map(str::to_owned)
    }

    /// The whole number that a scalar is.
    pub fn number(&self) -> Option<i64> {
        self.text()?.parse().ok()
    }

    /// The truth value that a scalar is. `yes` and `on` are, too: Kubernetes and Compose read them so.
    pub fn truth(&self) -> Option<bool> {
        match (&*self.value, self.text()) {
            (Value::Scalar(_, Style::Plain), Some(text)) if is_any(text, ["true", "yes", "on"]) => {
                Some(true)
            }
            (Value::Scalar(_, Style::Plain), Some(text))
                if is_any(text, ["false", "no", "off"]) =>
            {
                Some(false)
            }
            _ => None,
        }
    }

    /// Whether it is nothing: `key:` without a value, or `null`.
    pub fn is_null(&self) -> bool {
        matches!(&*self.value, Value::Scalar(text, Style::Plain) if matches!(text.as_str(), "" | "~" | "null"))
    }

    /// Whether it is a mapping.
    pub fn is_mapping(&self) -> bool {
        matches!(&*self.value, Value::Mapping(..))
    }

    /// Whether it is a list.
    pub fn is_list(&self) -> bool {
        matches!(&*self.value, Value::Sequence(..))
    }

    /// Whether it is written in braces or brackets.
    pub fn is_flow(&self) -> bool {
        matches!(
            &*self.value,
            Value::Mapping(_, true) | Value::Sequence(_, true)
        )
    }
}

/// Whether `text` is one of `words`: in small letters, in capitals, or with a capital first.
fn is_any(text: &str, words: [&str; 3]) -> bool {
    let rest = text.get(1..).unwrap_or_default();
    let shape = rest.bytes().all(|byte| byte.is_ascii_lowercase())
        || text.bytes().all(|byte| byte.is_ascii_uppercase());
    shape && words.iter().any(|word| word.eq_ignore_ascii_case(text))
}
