//! Answers: what a verb was asked for, on standard output.

use std::io::{self, Write as _};

use serde::Serialize;
use unicode_width::UnicodeWidthStr as _;

use crate::colour::{Paint, STRONG};
use crate::stopped::Stopped;

/// Writes `text` as it is.
pub fn text(text: &str) -> Result<(), Stopped> {
    bytes(text.as_bytes())
}

/// Writes `bytes` as they are.
pub fn bytes(bytes: &[u8]) -> Result<(), Stopped> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)
        .and_then(|()| out.flush())
        .map_err(Stopped::from_writing)
}

/// Writes `value` as indented JSON with a final newline.
pub fn json(value: &impl Serialize) -> Result<(), Stopped> {
    let mut pretty = serde_json::to_string_pretty(value)
        .expect("our answers have string keys and no failing serialiser");
    pretty.push('\n');
    text(&pretty)
}

/// A table for people: columns as wide as their widest cell, two spaces between, nothing behind the last one.
pub struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with a line of headings.
    pub fn new<const N: usize>(headings: [&str; N]) -> Self {
        Self {
            rows: vec![headings.map(str::to_owned).to_vec()],
        }
    }

    /// Adds a row.
    pub fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.rows.push(Vec::from(cells));
    }

    /// The table as text; the headings stand out where `paint` allows it.
    pub fn render(&self, paint: Paint) -> String {
        let columns = self.rows.first().map_or(0, Vec::len);
        let widths: Vec<usize> = (0..columns)
            .map(|column| {
                let cells = self.rows.iter().filter_map(|row| row.get(column));
                cells.map(|cell| cell.width()).max().unwrap_or(0)
            })
            .collect();
        let mut text = String::new();
        for (index, row) in self.rows.iter().enumerate() {
            let mut line = String::new();
            for (cell, &width) in row.iter().zip(&widths) {
                line.push_str(cell);
                line.push_str(&" ".repeat(width - cell.width() + 2));
            }
            let line = line.trim_end();
            if index == 0 {
                text.push_str(&paint.paint(STRONG, line).to_string());
            } else {
                text.push_str(line);
            }
            text.push('\n');
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let mut table = Table::new(["REFERENCE", "SIZE"]);
        table.row(["a".to_owned(), "1 MB".to_owned()]);
        table.row(["a-long-reference".to_owned(), String::new()]);
        assert_eq!(
            table.render(Paint { on: false }),
            "REFERENCE         SIZE\na                 1 MB\na-long-reference\n"
        );
    }
}
