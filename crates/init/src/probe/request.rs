//! What probes ask.

use crate::http::{Head, head};

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// `/ready`
    Ready,
    /// `/alive`
    Alive,
}

/// What has been understood of the bytes so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The request is not at its end.
    Incomplete,
    /// A question.
    Asked(Question),
    /// Nothing that has an answer but this status.
    Refused(u16),
}

/// Reads a request: bytes that may be anything.
pub fn read(bytes: &[u8]) -> Progress {
    match head(bytes) {
        Head::Incomplete => Progress::Incomplete,
        Head::Wanted("/ready") => Progress::Asked(Question::Ready),
        Head::Wanted("/alive") => Progress::Asked(Question::Alive),
        Head::Wanted(_) => Progress::Refused(404),
        Head::Posted(_) => Progress::Refused(405),
        Head::Refused(status) => Progress::Refused(status),
    }
}
