//! What init says: rare lines on standard error, for people, and answers on standard output.

use std::fmt;

use super::sys::output;

/// Says one line on standard error. A line that cannot be written at once is dropped: init must not wait for a reader.
pub fn warn(message: impl fmt::Display) {
    let line = format!("boatyard-init: {message}\n");
    output::write_now(2, line.as_bytes());
}

/// Writes an answer on standard output and tells whether all of it could be written.
pub fn answer(text: &str) -> bool {
    output::write_all(1, text.as_bytes())
}
