//! One question at a time, and its answer for a while: a storm of probes is one run of the hook.

use std::time::Duration;

/// What the application answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Yes.
    Well,
    /// No, or not in time.
    Ill,
}

/// Whether a question runs, and what the last answer was. Times are since any fixed point, the same for all calls.
#[derive(Clone, Copy, Debug)]
pub struct Cache {
    /// How long an answer is good.
    keeps: Duration,
    last: Option<(Verdict, Duration)>,
    runs: bool,
}

impl Cache {
    /// Nothing is known yet.
    pub fn new(keeps: Duration) -> Self {
        Self {
            keeps,
            last: None,
            runs: false,
        }
    }

    /// The answer that is still good, if one is.
    pub fn known(&self, now: Duration) -> Option<Verdict> {
        let (verdict, at) = self.last?;
        (now.saturating_sub(at) < self.keeps).then_some(verdict)
    }

    /// Somebody asks, and nothing is known: whether the application has to be asked now. If it is being asked already,
    /// its answer is for both.
    pub fn starts(&mut self) -> bool {
        !std::mem::replace(&mut self.runs, true)
    }

    /// The answer has come.
    pub fn finish(&mut self, verdict: Verdict, now: Duration) {
        self.runs = false;
        self.last = Some((verdict, now));
    }
}
