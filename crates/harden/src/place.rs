//! Where bytes of a text are, for people.

use std::ops::Range;

/// Where the lines of a text begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lines {
    starts: Vec<usize>,
}

/// A line and a column, both from 1; the column counts characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line.
    pub line: usize,
    /// Column.
    pub column: usize,
}

impl Lines {
    /// Finds them.
    pub fn of(text: &str) -> Self {
        let ends = text.bytes().enumerate().filter(|&(_, byte)| byte == b'\n');
        Self {
            starts: std::iter::once(0)
                .chain(ends.map(|(at, _)| at + 1))
                .collect(),
        }
    }

    /// The index of the line, from 0, that has the byte `at`.
    pub fn index(&self, at: usize) -> usize {
        self.starts.partition_point(|&start| start <= at) - 1
    }

    /// How many there are; what follows the last newline counts, also if it is nothing.
    pub fn count(&self) -> usize {
        self.starts.len()
    }

    /// The bytes of the line of this index, with what ends it.
    pub fn span(&self, index: usize, text: &str) -> Range<usize> {
        let start = self.starts.get(index).copied().unwrap_or(text.len());
        let end = self.starts.get(index + 1).copied().unwrap_or(text.len());
        start..end
    }

    /// Where the byte `at` of `text` is.
    pub fn position(&self, at: usize, text: &str) -> Position {
        let mut at = at.min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        let index = self.index(at);
        Position {
            line: index + 1,
            column: text[self.starts[index]..at].chars().count() + 1,
        }
    }
}

/// White space that the line of byte `at` begins with.
pub fn indentation(text: &str, at: usize) -> &str {
    let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let line = &text[start..];
    &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
}

/// Where the line of byte `at` begins.
pub fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |newline| newline + 1)
}

/// Where the line of byte `at` ends, before what ends it.
pub fn line_end(text: &str, at: usize) -> usize {
    let end = text[at..].find('\n').map_or(text.len(), |end| at + end);
    if text[at..end].ends_with('\r') {
        end - 1
    } else {
        end
    }
}

/// Where the line after that of byte `at` begins, or the end of the text.
pub fn next_line(text: &str, at: usize) -> usize {
    text[at..].find('\n').map_or(text.len(), |end| at + end + 1)
}

#[cfg(test)]
mod tests {
    use super::{Lines, Position, line_end};

    #[test]
    fn positions() {
        let text = "a\n\u{fc}b\r\n";
        let lines = Lines::of(text);
        for (at, line, column) in [
            (0, 1, 1),
            (1, 1, 2),
            (2, 2, 1),
            (4, 2, 2),
            (7, 3, 1),
            (99, 3, 1),
        ] {
            assert_eq!(lines.position(at, text), Position { line, column }, "{at}");
        }
        assert_eq!((lines.count(), lines.span(1, text)), (3, 2..7));
        assert_eq!(line_end(text, 2), 5);
    }
}
