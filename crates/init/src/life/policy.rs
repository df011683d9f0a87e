//! How the main process and what it leaves are treated.

use std::time::Duration;

use crate::contract::Target;
use crate::signal::Signal;

/// How to treat the main process and what it leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Who gets forwarded signals.
    pub target: Target,
    /// What is sent when init receives TERM.
    pub stop_signal: Signal,
    /// Signals that are forwarded as others, or not at all. Goes before [`Self::stop_signal`]; the last one counts.
    pub rewrites: Vec<Rewrite>,
    /// Signals of which the first that comes is not for the main process: a terminal that is handed over makes them.
    pub ignored_once: Vec<Signal>,
    /// Time between a stop and KILL; none where nobody promised one.
    pub grace: Option<Duration>,
    /// What becomes of those that outlive the main process.
    pub farewell: Farewell,
    /// When init stops itself, in the sense of job control.
    pub suspension: Suspension,
    /// Which ends of the main process count as success.
    pub success: Success,
}

impl Default for Policy {
    /// Signals go to the main process as they are; nobody promised a grace; leftovers are stopped.
    fn default() -> Self {
        Self {
            target: Target::Main,
            stop_signal: Signal::TERM,
            rewrites: Vec::new(),
            ignored_once: Vec::new(),
            grace: None,
            farewell: Farewell::Everybody,
            suspension: Suspension::Never,
            success: Success::default(),
        }
    }
}

/// One signal that is forwarded as another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rewrite {
    /// The signal that init receives.
    pub from: Signal,
    /// What is sent instead; nothing if there is none.
    pub to: Option<Signal>,
}

/// What becomes of those that outlive the main process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Farewell {
    /// All get TERM and time, then KILL.
    Everybody,
    /// The group of the main process gets TERM, and init exits at once.
    Group,
    /// Init exits at once.
    Nobody,
}

/// When init stops itself, in the sense of job control: the shell that started it waits for that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suspension {
    /// Never: nobody would let a PID 1 go on.
    Never,
    /// When the main process has been stopped (by the key of the terminal).
    WithMain,
    /// After TSTP, TTIN and TTOU have been forwarded.
    AfterSignal,
}

/// Which ends of the main process count as success, beside exit code 0.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Success {
    /// These codes.
    pub codes: Vec<u8>,
    /// The end by the stop signal (128 + its number), if init had been asked to stop and had sent it.
    pub stopped: bool,
}
