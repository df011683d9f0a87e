//! From values to text.

use super::scalar::{fits_block, quote, quoted};
use super::tree::{Map, Scalar, Tree};

/// What the text is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// To be read as it is.
    Plain,
    /// To be read by a template engine first: settings are actions, and braces of other texts are kept from it.
    Chart,
}

/// How wide a list on one line may be.
const WIDTH: usize = 72;

/// A document of this mapping, without a mark at its beginning.
pub fn write(map: &Map, form: Form) -> String {
    let mut writer = Writer {
        text: String::new(),
        form,
    };
    writer.map(map, 0, false);
    writer.text
}

struct Writer {
    text: String,
    form: Form,
}

impl Writer {
    /// The entries of a mapping. Of an item of a list the first one stands behind its dash, its reason above that.
    fn map(&mut self, map: &Map, indent: usize, is_item: bool) {
        for (index, entry) in map.entries.iter().enumerate() {
            if index > 0 || !is_item {
                if let Some(comment) = &entry.comment {
                    self.line(indent, &format!("# {comment}"));
                }
                self.spaces(indent);
            }
            let key = self.braced(quote(&entry.key));
            self.text.push_str(&key);
            self.text.push(':');
            self.value(&entry.value, indent);
        }
    }

    /// What stands behind a key that is indented by `indent`.
    fn value(&mut self, value: &Tree, indent: usize) {
        match value {
            Tree::Map(map) if map.is_empty() => self.text.push_str(" {}\n"),
            Tree::Map(map) => {
                self.text.push('\n');
                self.map(map, indent + 2, false);
            }
            Tree::List(items) => {
                if let Some(line) = self.flow(items) {
                    self.text.push(' ');
                    self.line(0, &line);
                } else {
                    self.text.push('\n');
                    self.list(items, indent + 2);
                }
            }
            Tree::Scalar(scalar) => {
                self.text.push(' ');
                self.scalar(scalar, indent);
            }
        }
    }

    fn list(&mut self, items: &[Tree], indent: usize) {
        for item in items {
            // The reason of an item's first key stands above its dash, which it would separate from the key.
            if let Tree::Map(map) = item
                && let Some(comment) = map.entries.first().and_then(|entry| entry.comment.as_ref())
            {
                self.line(indent, &format!("# {comment}"));
            }
            self.spaces(indent);
            self.text.push('-');
            match item {
                Tree::Map(map) if !map.is_empty() => {
                    self.text.push(' ');
                    self.map(map, indent + 2, true);
                }
                other => self.value(other, indent),
            }
        }
    }

    /// A list of short texts and numbers on one line.
    fn flow(&self, items: &[Tree]) -> Option<String> {
        let mut words = Vec::new();
        for item in items {
            let Tree::Scalar(scalar) = item else {
                return None;
            };
            words.push(self.inline(scalar)?);
        }
        let line = format!("[{}]", words.join(", "));
        (line.len() <= WIDTH).then_some(line)
    }

    fn inline(&self, scalar: &Scalar) -> Option<String> {
        match scalar {
            // What is plain behind a key may mean something between brackets.
            Scalar::Text(text) => Some(self.braced(quoted(text))),
            Scalar::Number(number) => Some(number.to_string()),
            Scalar::Truth(truth) => Some(truth.to_string()),
            // Alike in every form.
            Scalar::Setting { .. } => None,
        }
    }

    fn scalar(&mut self, scalar: &Scalar, indent: usize) {
        match scalar {
            Scalar::Text(text) if fits_block(text) => {
                let mark = if text.ends_with('\n') { "|" } else { "|-" };
                self.line(0, mark);
                for line in text.lines() {
                    let line = self.braced(line.to_owned());
                    self.line(if line.is_empty() { 0 } else { indent + 2 }, &line);
                }
            }
            Scalar::Text(text) => {
                let text = self.braced(quote(text));
                self.line(0, &text);
            }
            Scalar::Number(number) => self.line(0, &number.to_string()),
            Scalar::Truth(truth) => self.line(0, &truth.to_string()),
            Scalar::Setting { plain, template } => match self.form {
                Form::Plain => self.scalar(plain, indent),
                Form::Chart => self.line(0, template),
            },
        }
    }

    /// Braces of a text are not for the template engine.
    fn braced(&self, text: String) -> String {
        match self.form {
            Form::Plain => text,
            Form::Chart => text.replace("{{", "{{ `{{` }}"),
        }
    }

    fn line(&mut self, indent: usize, text: &str) {
        self.spaces(indent);
        self.text.push_str(text);
        self.text.push('\n');
    }

    fn spaces(&mut self, count: usize) {
        self.text.extend(std::iter::repeat_n(' ', count));
    }
}
