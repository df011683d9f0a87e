//! A text without line continuations, that remembers where its bytes come from.

use std::ops::Range;

/// A stretch of a file on one line, as a Dockerfile joins it, or a stretch as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Joined {
    /// What it says.
    pub text: String,
    /// Where pieces come from: offset in `text`, offset in the file; ascending, the first at 0.
    pieces: Vec<(usize, usize)>,
}

impl Joined {
    /// `span` of `file` as it is.
    pub fn plain(file: &str, span: Range<usize>) -> Self {
        Self {
            text: file.get(span.clone()).unwrap_or_default().to_owned(),
            pieces: vec![(0, span.start)],
        }
    }

    /// Pieces, each with its place in the file.
    pub fn of<'t>(pieces: impl IntoIterator<Item = (&'t str, usize)>) -> Self {
        let mut joined = Self {
            text: String::new(),
            pieces: Vec::new(),
        };
        for (piece, from) in pieces {
            joined.push(piece, from);
        }
        joined
    }

    /// A heredoc whose lines lose their leading tabs.
    pub fn chomped(file: &str, span: Range<usize>) -> Self {
        let mut joined = Self {
            text: String::new(),
            pieces: vec![(0, span.start)],
        };
        let mut at = span.start;
        for line in file.get(span).unwrap_or_default().split_inclusive('\n') {
            let content = line.trim_start_matches('\t');
            joined.push(content, at + line.len() - content.len());
            at += line.len();
        }
        joined
    }

    /// `span` of `file`, an instruction of a Dockerfile or a part of one: continued lines are joined; comments and empty
    /// lines between them are gone.
    pub fn instruction(file: &str, span: Range<usize>, escape: char) -> Self {
        let mut joined = Self {
            text: String::new(),
            pieces: vec![(0, span.start)],
        };
        let mut at = span.start;
        for (index, line) in file
            .get(span)
            .unwrap_or_default()
            .split_inclusive('\n')
            .enumerate()
        {
            let start = at;
            at += line.len();
            let content = line.trim_end_matches(['\r', '\n']);
            let bare = content.trim_start();
            if index > 0 && (bare.is_empty() || bare.starts_with('#')) {
                continue;
            }
            let trimmed = content.trim_end_matches([' ', '\t']);
            let continued = trimmed
                .strip_suffix(escape)
                .filter(|rest| !rest.ends_with(escape));
            joined.push(continued.unwrap_or(content), start);
            if continued.is_none() {
                break;
            }
        }
        joined
    }

    fn push(&mut self, piece: &str, from: usize) {
        self.pieces.push((self.text.len(), from));
        self.text.push_str(piece);
    }

    /// Where the byte at `offset` comes from.
    pub fn origin(&self, offset: usize) -> usize {
        let after = self.pieces.partition_point(|&(at, _)| at <= offset);
        let (at, start) = self.pieces[after.saturating_sub(1)];
        start + (offset - at)
    }

    /// The bytes of the file that `range` comes from: from its first byte to its last.
    pub fn span(&self, range: Range<usize>) -> Range<usize> {
        let start = self.origin(range.start);
        if range.is_empty() {
            return start..start;
        }
        let mut last = range.end - 1;
        while !self.text.is_char_boundary(last) {
            last -= 1;
        }
        start..self.origin(last) + (range.end - last)
    }

    /// A stretch of it.
    #[must_use]
    pub fn sub(&self, range: Range<usize>) -> Self {
        let mut pieces = vec![(0, self.origin(range.start))];
        pieces.extend(
            self.pieces
                .iter()
                .filter(|&&(at, _)| at > range.start && at < range.end)
                .map(|&(at, from)| (at - range.start, from)),
        );
        Self {
            text: self.text.get(range).unwrap_or_default().to_owned(),
            pieces,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Joined;

    #[test]
    fn bytes_know_where_they_come_from() {
        let file = "RUN a \\\n  # why\n\n b \\\r\n c\nRUN d\n";
        let joined = Joined::instruction(file, 4..file.len(), '\\');
        assert_eq!(joined.text, "a  b  c");
        for word in ["a", "b", "c"] {
            let at = joined.text.find(word).expect("it is there");
            assert_eq!(&file[joined.span(at..at + 1)], word);
        }
        let part = joined.sub(3..7);
        assert_eq!((part.text.as_str(), &file[part.span(3..4)]), ("b  c", "c"));
        let file = "\ta\n\t\tb\n";
        let joined = Joined::chomped(file, 0..file.len());
        assert_eq!(
            (joined.text.as_str(), &file[joined.span(2..3)]),
            ("a\nb\n", "b")
        );
    }
}
