//! Changes of texts, made of bytes that are replaced: everything else stays as it is.
//!
//! ```text
//! "CMD a b\n"  +  Edit { span: 4..7, text: "[\"a\", \"b\"]" }  ->  "CMD [\"a\", \"b\"]\n"
//! ```

use std::ops::Range;

/// Bytes of a file that become others.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edit {
    /// Path of the file. One that is not there is made by an edit of `0..0`.
    pub file: String,
    /// What is replaced; empty: text is put in.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// What comes in its place; lines end in `\n` and become what the file has.
    pub text: String,
}

impl Edit {
    /// Replaces `span`.
    pub fn replace(file: &str, span: Range<usize>, text: impl Into<String>) -> Self {
        Self {
            file: file.to_owned(),
            start: span.start,
            end: span.end,
            text: text.into(),
        }
    }

    /// Puts text in.
    pub fn insert(file: &str, at: usize, text: impl Into<String>) -> Self {
        Self::replace(file, at..at, text)
    }

    /// Takes text out.
    pub fn remove(file: &str, span: Range<usize>) -> Self {
        Self::replace(file, span, "")
    }
}

/// `text` with `edits` made; `None` if two of them overlap or one leaves the text or splits a character.
pub fn apply(text: &str, edits: &[Edit]) -> Option<String> {
    let mut sorted: Vec<&Edit> = edits.iter().collect();
    sorted.sort_by_key(|edit| (edit.start, edit.end));
    let windows = text.contains("\r\n");
    let mut made = String::with_capacity(text.len());
    let mut at = 0;
    for edit in sorted {
        if edit.start < at {
            return None;
        }
        made.push_str(text.get(at..edit.start)?);
        text.get(edit.start..edit.end)?;
        if windows {
            made.push_str(&edit.text.replace("\r\n", "\n").replace('\n', "\r\n"));
        } else {
            made.push_str(&edit.text);
        }
        at = edit.end;
    }
    made.push_str(text.get(at..)?);
    Some(made)
}

#[cfg(test)]
mod tests {
    use super::{Edit, apply};

    #[test]
    fn only_what_is_named_changes() {
        let edit = |start, end, text: &str| Edit::replace("f", start..end, text);
        for (text, edits, expected) in [
            ("abc", vec![edit(1, 2, "x")], Some("axc")),
            ("abc", vec![edit(2, 3, "y"), edit(0, 1, "x")], Some("xby")),
            ("a\r\nb", vec![edit(0, 0, "x\n")], Some("x\r\na\r\nb")),
            ("abc", vec![edit(0, 2, ""), edit(1, 3, "")], None),
            ("abc", vec![edit(2, 9, "")], None),
            ("\u{fc}", vec![edit(1, 1, "x")], None),
            ("", vec![edit(0, 0, "new\n")], Some("new\n")),
        ] {
            assert_eq!(apply(text, &edits).as_deref(), expected, "{text:?}");
        }
    }
}
