//! What init says: rare lines on standard error, for people, and answers on standard output.

use std::fmt;

use boatyard_init::persona::{Said, Stream};

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

/// Says what a persona says. Lines that cannot be written at once are dropped: init must not wait for a reader.
pub fn said(said: &Said) {
    output::write_now(descriptor(said.stream), said.text.as_bytes());
}

/// Says all of it, waiting for the reader, and tells whether it could be written.
pub fn all(said: &Said) -> bool {
    output::write_all(descriptor(said.stream), said.text.as_bytes())
}

fn descriptor(stream: Stream) -> i32 {
    match stream {
        Stream::Output => 1,
        Stream::Error => 2,
    }
}
