//! What a persona is asked to do.

use std::ffi::OsString;

use super::voice::Voice;
use crate::life::Policy;
use crate::signal::Signal;

/// What a command line asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// Run a program and treat it so.
    Run {
        /// The program and its arguments, never empty.
        words: Vec<OsString>,
        /// How.
        conduct: Box<Conduct>,
    },
    /// Run scheduled jobs.
    Cron {
        /// The arguments.
        words: Vec<OsString>,
    },
    /// Reap until INT or TERM comes.
    Pause,
    /// Say something and exit.
    Say {
        /// What.
        said: Said,
        /// The exit code.
        code: u8,
    },
}

/// A text for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Where it goes.
    pub stream: Stream,
    /// Whole lines.
    pub text: String,
}

/// Where a text goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Output,
    /// Standard error.
    Error,
}

/// How a main process is started and watched, apart from what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one independent habit that one of the programs has"
)]
pub struct Conduct {
    /// How signals and the end are treated.
    pub policy: Policy,
    /// Where the main process stands among processes.
    pub place: Place,
    /// Whether it starts with no signal blocked or ignored, whatever init inherited.
    pub clean_signals: bool,
    /// Whether faults that others send (`kill -SEGV 1`) are forwarded.
    pub forwards_faults: bool,
    /// Whether `LISTEN_PID` is rewritten to the main process.
    pub passes_sockets: bool,
    /// Whether init closes what it inherited beyond standard error, once the main process has it.
    pub closes_descriptors: bool,
    /// Whether orphans come to init when it is not PID 1.
    pub subreaper: Subreaper,
    /// The signal that init gets when its parent dies.
    pub parent_death: Option<Signal>,
    /// Whether init leaves the folder that it was started in, which would otherwise stay in use.
    pub leaves_folder: bool,
    /// What init tells.
    pub voice: Voice,
}

/// Where the main process stands among processes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In a process group of its own, in the foreground of the terminal if init was.
    Group,
    /// In a session of its own, which takes over the controlling terminal.
    Session,
    /// In the group of init.
    Same,
}

/// Whether orphans come to init when it is not PID 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subreaper {
    /// They do, or init says why not.
    Yes,
    /// They do not.
    No,
}
