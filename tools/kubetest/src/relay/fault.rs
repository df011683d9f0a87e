//! What goes wrong on the way, and whose turn it is.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::call::{Asks, Call};

/// Something that goes wrong on the way to an API server, again and again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Every so many calls are answered with that status; the writes among them are done before, or not at all. A conflict (409) is
    /// only in the way of writes.
    Status(usize, u16, bool),
    /// Of every so many calls the connection is closed in the middle of the answer; writes are done before, or not at all.
    Cut(usize, bool),
    /// Every call takes so much longer.
    Slow(Duration),
    /// Nobody is there.
    Down,
    /// Streaming lists are not known, lists come in pages of so many, and every other one that is continued is too old by then.
    PageGone(usize),
    /// Every so many watches that are begun are too old.
    WatchGone(usize),
    /// After so many events a watch ends so.
    End(usize, End),
    /// Every so many events are not told.
    Drop(usize),
    /// With each event all is told again that the watch has told before: older than what is known.
    Again,
    /// Of that plural, events come late.
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

/// What becomes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    Pass,
    /// Answered with this status; whether it is done before.
    Status(u16, bool),
    /// The connection is closed; whether it is done before.
    Cut(bool),
}

/// What becomes of an event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Telling {
    pub is_lost: bool,
    pub is_again: bool,
    pub is_late: bool,
    /// How the watch ends after it.
    pub end: Option<End>,
}

struct Given {
    fault: Fault,
    turns: AtomicUsize,
    is_struck: AtomicBool,
}

impl Given {
    fn strike(&self) {
        self.is_struck.store(true, Ordering::Relaxed);
    }

    fn is_nth(&self, every: usize) -> bool {
        (self.turns.fetch_add(1, Ordering::Relaxed) + 1).is_multiple_of(every)
    }
}

/// What goes wrong now.
#[derive(Default)]
pub struct Faults {
    given: Mutex<Arc<Vec<Given>>>,
}

impl Faults {
    pub fn set(&self, faults: &[Fault]) {
        let given = faults.iter().map(|fault| Given {
            fault: *fault,
            turns: AtomicUsize::new(0),
            is_struck: AtomicBool::new(false),
        });
        *self.given.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(given.collect());
    }

    /// What was to go wrong, and has not yet.
    pub fn unstruck(&self) -> Vec<Fault> {
        let now = self.now();
        let still = now
            .iter()
            .filter(|one| !one.is_struck.load(Ordering::Relaxed));
        still.map(|one| one.fault).collect()
    }

    fn now(&self) -> Arc<Vec<Given>> {
        let given = self.given.lock();
        given.unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn slow(&self) -> Option<Duration> {
        self.now().iter().find_map(|one| match one.fault {
            Fault::Slow(time) => {
                one.strike();
                Some(time)
            }
            _ => None,
        })
    }

    pub fn is_down(&self) -> bool {
        self.now().iter().any(|one| one.fault == Fault::Down)
    }

    /// How many there are in a page of a list.
    pub fn page(&self) -> Option<usize> {
        self.now().iter().find_map(|one| match one.fault {
            Fault::PageGone(size) => Some(size),
            _ => None,
        })
    }

    pub fn fate(&self, call: &Call) -> Fate {
        let is_write = call.asks == Asks::Write;
        for one in self.now().iter() {
            let fate = match one.fault {
                Fault::Down => Fate::Cut(false),
                // Not what it is about, and no lists are in pages with them.
                Fault::PageGone(_) if call.asks == Asks::Streamed => {
                    return Fate::Status(422, false);
                }
                Fault::PageGone(_) if call.asks == Asks::Continued && one.is_nth(2) => {
                    Fate::Status(410, false)
                }
                Fault::WatchGone(every) if call.is_watch() && one.is_nth(every) => {
                    Fate::Status(410, false)
                }
                _ if call.is_watch() => continue,
                Fault::Status(_, 409, _) if !is_write => continue,
                Fault::Status(every, code, is_done) if one.is_nth(every) => {
                    Fate::Status(code, is_done && is_write)
                }
                Fault::Cut(every, is_done) if one.is_nth(every) => Fate::Cut(is_done && is_write),
                _ => continue,
            };
            one.strike();
            return fate;
        }
        Fate::Pass
    }

    /// What becomes of an event of that plural, the `told`th of its watch.
    pub fn telling(&self, plural: &str, told: usize) -> Telling {
        let mut telling = Telling::default();
        for one in self.now().iter() {
            match one.fault {
                Fault::Drop(every) if one.is_nth(every) => telling.is_lost = true,
                Fault::Again => telling.is_again = true,
                Fault::Late(late) if late == plural => telling.is_late = true,
                Fault::End(after, how) if told >= after => telling.end = Some(how),
                _ => continue,
            }
            one.strike();
        }
        telling
    }
}
