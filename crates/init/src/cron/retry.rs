//! When a crontab that has changed is tried again.
//!
//! One change comes as several events, which may be read apart; and events in the folder may be of other files. So a
//! crontab is tried a moment after the first event, and only if it differs from what was tried last, good or bad.

use std::io::ErrorKind;
use std::time::Duration;

/// From the first event to the trial: whoever writes a file anew has made it and fills it. Whoever takes longer closes
/// it later, which is another event.
const SETTLE: Duration = Duration::from_millis(250);

/// What a trial found: the bytes, or why they cannot be read.
pub type Found = Result<Vec<u8>, ErrorKind>;

/// What was tried last, and when to try again.
#[derive(Debug)]
pub struct Retry {
    tried: Found,
    due: Option<Duration>,
}

impl Retry {
    /// The crontab held these bytes when it was read first.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self {
            tried: Ok(bytes),
            due: None,
        }
    }

    /// Something has changed at this time of the steady clock.
    pub fn changed(&mut self, now: Duration) {
        self.due.get_or_insert(now.saturating_add(SETTLE));
    }

    /// When to look, if something has changed since the last look.
    pub fn deadline(&self) -> Option<Duration> {
        self.due
    }

    /// Whether it is time to look. Asked for by somebody (`USR2`), it always is.
    pub fn begin(&mut self, now: Duration, asked: bool) -> bool {
        let begins = asked || self.due.is_some_and(|due| due <= now);
        if begins {
            self.due = None;
        }
        begins
    }

    /// Takes what was found. Tells whether it is to be tried: what is as before only if somebody asked.
    pub fn found(&mut self, found: Found, asked: bool) -> bool {
        let tries = asked || found != self.tried;
        self.tried = found;
        tries
    }
}
