//! Output of processes, cut into whole lines.

/// The longest line that is kept whole. What is longer goes on as further lines.
pub const LONGEST: usize = 64 * 1024;

/// Bytes that are not yet a line.
#[derive(Clone, Debug, Default)]
pub struct Lines {
    rest: Vec<u8>,
}

/// A line, without its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its bytes, at most [`LONGEST`].
    pub bytes: Vec<u8>,
    /// The same line goes on in the next one.
    pub cut: bool,
}

impl Lines {
    /// Takes bytes, and gives the lines that are whole now.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<Line> {
        let mut lines = Vec::new();
        for part in bytes.split_inclusive(|&byte| byte == b'\n') {
            let (part, ended) = match part.strip_suffix(b"\n") {
                Some(part) => (part, true),
                None => (part, false),
            };
            let mut part = part;
            while self.rest.len() + part.len() > LONGEST {
                let (now, later) =
                    part.split_at(LONGEST.saturating_sub(self.rest.len()).min(part.len()));
                self.rest.extend_from_slice(now);
                lines.push(self.take(true));
                part = later;
            }
            self.rest.extend_from_slice(part);
            if ended {
                lines.push(self.take(false));
            }
        }
        lines
    }

    /// What is left at the end, if anything.
    pub fn finish(&mut self) -> Option<Line> {
        (!self.rest.is_empty()).then(|| self.take(false))
    }

    fn take(&mut self, cut: bool) -> Line {
        let mut bytes = std::mem::take(&mut self.rest);
        if !cut && bytes.last() == Some(&b'\r') {
            bytes.pop();
        }
        Line { bytes, cut }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(lines: &[Line]) -> Vec<(usize, bool)> {
        lines
            .iter()
            .map(|line| (line.bytes.len(), line.cut))
            .collect()
    }

    #[test]
    fn lines_are_whole() {
        let mut lines = Lines::default();
        assert_eq!(lines.push(b"he"), []);
        let found = lines.push(b"llo\n\nwor\r\nld");
        let found: Vec<&[u8]> = found.iter().map(|line| line.bytes.as_slice()).collect();
        assert_eq!(found, [&b"hello"[..], b"", b"wor"]);
        assert_eq!(lines.finish().unwrap().bytes, b"ld");
        assert_eq!(lines.finish(), None);
    }

    #[test]
    fn long_ones_are_cut() {
        let mut lines = Lines::default();
        assert_eq!(texts(&lines.push(&vec![b'x'; LONGEST])), []);
        assert_eq!(texts(&lines.push(b"\n")), [(LONGEST, false)]);
        assert_eq!(
            texts(&lines.push(&vec![b'x'; LONGEST + 1])),
            [(LONGEST, true)]
        );
        assert_eq!(
            texts(&lines.push(&vec![b'x'; 2 * LONGEST])),
            [(LONGEST, true), (LONGEST, true)]
        );
        assert_eq!(texts(&lines.push(b"yz\n")), [(3, false)]);
    }
}
