//! Physical lines, and the logical lines that continuations make of them.

use std::ops::Range;

use crate::dockerfile::model::Word;

/// The text, read line by line.
#[derive(Debug)]
pub(super) struct Source<'t> {
    text: &'t str,
    at: usize,
}

/// A line of the text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Physical<'t> {
    /// What it says, without what ends it.
    pub content: &'t str,
    /// Where it begins.
    pub start: usize,
    /// Where the next one begins.
    pub next: usize,
}

impl<'t> Source<'t> {
    /// From the beginning, after a byte order mark.
    pub fn new(text: &'t str) -> Self {
        let at = if text.starts_with('\u{feff}') {
            '\u{feff}'.len_utf8()
        } else {
            0
        };
        Self { text, at }
    }

    /// The next line, which stays.
    pub fn peek(&self) -> Option<Physical<'t>> {
        let rest = &self.text[self.at..];
        let length = match rest.find('\n') {
            Some(end) => end + 1,
            None if rest.is_empty() => return None,
            None => rest.len(),
        };
        Some(Physical {
            content: rest[..length].trim_end_matches(['\r', '\n']),
            start: self.at,
            next: self.at + length,
        })
    }

    /// The next line.
    pub fn take(&mut self) -> Option<Physical<'t>> {
        let line = self.peek()?;
        self.at = line.next;
        Some(line)
    }

    /// The bytes from `start` up to the next line.
    pub fn since(&self, start: usize) -> &'t str {
        &self.text[start..self.at]
    }

    /// Where the next line begins.
    pub fn at(&self) -> usize {
        self.at
    }

    /// Where the line that was read last ends.
    pub fn end_of_last_line(&self) -> usize {
        self.text[..self.at].trim_end_matches(['\r', '\n']).len()
    }

    /// The next logical line; comments and empty lines before it are passed over.
    pub fn logical(&mut self, escape: char) -> Option<Line> {
        loop {
            let first = self.take()?;
            let content = first.content.trim_start();
            if content.is_empty() || content.starts_with('#') {
                continue;
            }
            return Some(self.join(first, escape));
        }
    }

    fn join(&mut self, first: Physical<'t>, escape: char) -> Line {
        let start = first.start + (first.content.len() - first.content.trim_start().len());
        let mut line = Line {
            text: String::new(),
            pieces: Vec::new(),
            span: start..start,
        };
        let mut goes_on = line.push(first.content.trim_start(), start, escape);
        while goes_on {
            let Some(next) = self.take() else { break };
            let content = next.content.trim_start();
            if content.starts_with('#') {
                continue;
            }
            line.span.end = next.start + next.content.len();
            if !content.is_empty() {
                goes_on = line.push(next.content, next.start, escape);
            }
        }
        line
    }
}

/// An instruction on one line: continuations and the comments between them are gone.
#[derive(Debug)]
pub(super) struct Line {
    /// What it says.
    pub text: String,
    /// Where pieces of it come from: offset in `text`, offset in the Dockerfile; ascending.
    pieces: Vec<(usize, usize)>,
    /// Its bytes in the Dockerfile.
    pub span: Range<usize>,
}

impl Line {
    /// Appends a physical line. Whether the next one belongs to it.
    fn push(&mut self, content: &str, start: usize, escape: char) -> bool {
        let continued = before_continuation(content, escape);
        self.pieces.push((self.text.len(), start));
        self.text.push_str(continued.unwrap_or(content));
        self.span.end = start + content.len();
        continued.is_some()
    }

    /// All of it, without white space around it.
    pub fn part(&self) -> Part<'_> {
        let whole = Part {
            line: self,
            range: 0..self.text.len(),
        };
        whole.trim()
    }

    /// Where the byte at `offset` of the text comes from.
    fn origin(&self, offset: usize) -> usize {
        let after = self.pieces.partition_point(|&(at, _)| at <= offset);
        let (at, start) = self.pieces[after.saturating_sub(1)];
        start + (offset - at)
    }
}

/// What `content` says before the escape character that ends it, if one does. White space after that is allowed; an escape
/// character before it makes it an ordinary one.
fn before_continuation(content: &str, escape: char) -> Option<&str> {
    let rest = content.trim_end_matches([' ', '\t']).strip_suffix(escape)?;
    (!rest.ends_with(escape)).then_some(rest)
}

/// A stretch of a logical line.
#[derive(Clone, Debug)]
pub(super) struct Part<'l> {
    line: &'l Line,
    range: Range<usize>,
}

impl<'l> Part<'l> {
    /// What it says.
    pub fn text(&self) -> &'l str {
        &self.line.text[self.range.clone()]
    }

    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        self.range.is_empty()
    }

    /// A stretch of it; `range` counts from its beginning.
    pub fn sub(&self, range: Range<usize>) -> Self {
        let start = self.range.start;
        Self {
            line: self.line,
            range: start + range.start..start + range.end,
        }
    }

    /// What is left from `at` on.
    pub fn from(&self, at: usize) -> Self {
        self.sub(at..self.range.len())
    }

    /// Without white space around it.
    pub fn trim(&self) -> Self {
        let text = self.text();
        let start = text.len() - text.trim_start().len();
        self.sub(start..start + text.trim().len())
    }

    /// Its bytes in the Dockerfile.
    pub fn span(&self) -> Range<usize> {
        let start = self.line.origin(self.range.start);
        if self.range.is_empty() {
            return start..start;
        }
        // The last byte and one more: between two bytes of a piece a continuation may stand.
        start..self.line.origin(self.range.end - 1) + 1
    }

    /// It, with its place.
    pub fn word(&self) -> Word {
        Word {
            text: self.text().to_owned(),
            span: self.span(),
        }
    }

    /// `text`, said at its place.
    pub fn saying(&self, text: impl Into<String>) -> Word {
        Word {
            text: text.into(),
            span: self.span(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Source;

    fn lines(text: &str, escape: char) -> Vec<(String, String)> {
        let mut source = Source::new(text);
        let mut lines = Vec::new();
        while let Some(line) = source.logical(escape) {
            let whole = line.part();
            lines.push((whole.text().to_owned(), text[whole.span()].to_owned()));
        }
        lines
    }

    #[test]
    fn what_continues_and_what_does_not() {
        let table: [(&str, &[&str]); 12] = [
            ("a\nb", &["a", "b"]),
            ("a\\\nb", &["ab"]),
            ("a \\ \t\n  b", &["a   b"]),
            ("a\\\r\nb\r\nc", &["ab", "c"]),
            ("a\\\\\nb", &["a\\\\", "b"]),
            ("a\\\n# no\n  # no\nb", &["ab"]),
            ("a\\\n\n \t\nb\nc", &["ab", "c"]),
            ("a\\", &["a"]),
            ("\\\n  a", &["a"]),
            ("  # no\n\n a \n", &["a"]),
            ("a # yes\\\nb", &["a # yesb"]),
            ("\u{feff}a\n\u{feff}b", &["a", "\u{feff}b"]),
        ];
        for (text, expected) in table {
            let found: Vec<String> = lines(text, '\\')
                .into_iter()
                .map(|(line, _)| line)
                .collect();
            assert_eq!(found, expected, "{text:?}");
        }
        assert_eq!(
            lines("a`\nb\\\nc", '`'),
            [
                ("ab\\".to_owned(), "a`\nb\\".to_owned()),
                ("c".to_owned(), "c".to_owned())
            ]
        );
    }

    #[test]
    fn parts_know_where_they_come_from() {
        let text = "\n  RUN \u{fc} \\\n# c\n one \\\n\n  two  \n";
        let mut source = Source::new(text);
        let line = source.logical('\\').expect("there is one");
        let part = line.part();
        assert_eq!(part.text(), "RUN \u{fc}  one   two");
        for word in ["RUN", "\u{fc}", "one", "two"] {
            let at = part.text().find(word).expect("it is there");
            assert_eq!(&text[part.sub(at..at + word.len()).span()], word);
        }
        assert_eq!(part.from(part.text().len()).span().len(), 0);
    }
}
