//! What goes wrong with the API server.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// Something that goes wrong, again and again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Every so many calls are answered with that status; the writes among them are done before, or not at all.
    Status(usize, u16, bool),
    /// Of every so many calls the connection is closed before the answer; writes are done before, or not at all.
    Cut(usize, bool),
    /// Every call takes so long.
    Slow(Duration),
    /// What is made of that plural is refused: a quota, an admission webhook.
    Refuse(&'static str),
    /// Namespaces are not deleted, so many times.
    Keep(usize),
    /// Namespaces that are deleted are on their way, and go when somebody says so.
    Linger,
    /// Lists come in pages of so many, and every other one that is continued is too old by then.
    PageGone(usize),
    /// Streaming lists are not known.
    NoStreams,
    /// What is listed is as it was before the last so many changes.
    Stale(u64),
    /// What is of that plural may not be watched.
    Forbid(&'static str),
    /// Every so many watches that are begun are too old.
    WatchGone(usize),
    /// After so many events a watch ends so.
    End(usize, End),
    /// Every so many events are not told.
    Drop(usize),
    /// A watch says again what it has said.
    Again,
    /// What is told of that plural comes late.
    Late(&'static str),
}

/// How a watch ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It is closed.
    Close,
    /// The server says that the version is too old.
    Gone,
    /// In the middle of a line.
    HalfLine,
    /// With bytes that are no text.
    NoText,
    /// With an event that nobody knows.
    Unknown,
    /// With an object of two megabytes.
    Giant,
    /// It says nothing any more and stays open.
    Silence,
}

/// What is to happen to a call.
pub enum Fate {
    Pass,
    Status(u16, bool),
    Cut(bool),
}

/// Counts, so that it is known whose turn it is.
#[derive(Default)]
pub struct Turns(AtomicUsize);

impl Turns {
    pub fn is_nth(&self, every: usize) -> bool {
        (self.0.fetch_add(1, Ordering::Relaxed) + 1).is_multiple_of(every)
    }
}
