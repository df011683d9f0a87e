//! Redraws a block of lines in place.

use std::fmt::Write as _;

use crate::colour::Paint;
use crate::progress::line::Line;

/// What stands on the terminal: the block of lines right above the cursor, which is in the first column.
#[derive(Debug, Default)]
pub struct Screen {
    /// Columns of each line of the block.
    widths: Vec<usize>,
}

/// Asks the terminal to show what follows at once (a "synchronized update"); those that do not know it ignore it.
const BEGIN: &str = "\u{1b}[?2026h";
const END: &str = "\u{1b}[?2026l";
const CLEAR_TO_LINE_END: &str = "\u{1b}[K";
const CLEAR_TO_SCREEN_END: &str = "\u{1b}[J";

impl Screen {
    /// What replaces the block by `lines`, none of them wider than the terminal less one column.
    pub fn paint(&mut self, lines: &[Line], width: usize, paint: Paint) -> String {
        if lines.is_empty() {
            return self.erase(width);
        }
        let mut text = format!("{BEGIN}{}", self.to_top(width));
        for line in lines {
            text.push_str(&line.render(paint));
            text.push_str(CLEAR_TO_LINE_END);
            // A terminal in raw mode does not add the carriage return.
            text.push_str("\r\n");
        }
        text.push_str(CLEAR_TO_SCREEN_END);
        text.push_str(END);
        self.widths = lines.iter().map(Line::width).collect();
        text
    }

    /// What takes the block away.
    pub fn erase(&mut self, width: usize) -> String {
        if self.widths.is_empty() {
            return String::new();
        }
        let text = format!("{}{CLEAR_TO_SCREEN_END}", self.to_top(width));
        self.widths.clear();
        text
    }

    /// Moves the cursor to the first line of the block. A terminal that became narrower since has wrapped the lines
    /// that do not fit any more: they take several rows now.
    fn to_top(&self, width: usize) -> String {
        let width = width.max(1);
        let rows: usize = self
            .widths
            .iter()
            .map(|line| line.div_ceil(width).max(1))
            .sum();
        let mut text = String::from("\r");
        if rows > 0 {
            let _ = write!(text, "\u{1b}[{rows}A");
        }
        text
    }
}
