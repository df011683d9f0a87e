//! One row of styled text that knows its width.

use anstyle::Style;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use crate::colour::Paint;

/// One row of styled text, without escape sequences inside.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    pieces: Vec<(Style, String)>,
}

impl Line {
    /// Adds a piece.
    pub fn push(&mut self, style: Style, text: impl Into<String>) {
        self.pieces.push((style, text.into()));
    }

    /// Adds a piece without style.
    pub fn plain(&mut self, text: impl Into<String>) {
        self.push(Style::new(), text);
    }

    /// Adds the pieces of another line.
    pub fn append(&mut self, mut other: Self) {
        self.pieces.append(&mut other.pieces);
    }

    /// Columns on a terminal.
    pub fn width(&self) -> usize {
        self.pieces.iter().map(|(_, text)| text.width()).sum()
    }

    /// Cuts the line to at most `width` columns; what is cut is marked with `ellipsis` (one column).
    pub fn truncate(&mut self, width: usize, ellipsis: &str) {
        if self.width() <= width {
            return;
        }
        let room = width.saturating_sub(1);
        let mut used = 0;
        for index in 0..self.pieces.len() {
            let (_, text) = &mut self.pieces[index];
            for (at, character) in text.char_indices() {
                let columns = character.width().unwrap_or(0);
                if used + columns > room {
                    text.truncate(at);
                    if width > 0 {
                        text.push_str(ellipsis);
                    }
                    self.pieces.truncate(index + 1);
                    return;
                }
                used += columns;
            }
        }
    }

    /// The text with its styles, or without.
    pub fn render(&self, paint: Paint) -> String {
        let painted = self.pieces.iter();
        painted
            .map(|(style, text)| paint.paint(*style, text).to_string())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_by_columns_and_not_by_bytes() {
        let mut line = Line::default();
        line.plain("é日本");
        line.plain("abc");
        for (width, expected) in [
            (8, "é日本abc"),
            (7, "é日本a…"),
            (5, "é日…"),
            (4, "é日…"),
            (1, "…"),
            (0, ""),
        ] {
            let mut cut = line.clone();
            cut.truncate(width, "…");
            assert_eq!(cut.render(Paint { on: false }), expected, "{width}");
            assert!(cut.width() <= width);
        }
    }
}
