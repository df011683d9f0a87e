//! Tells people, and machines, what went wrong.
//!
//! ```text
//! error: unknown key "pakages"
//!  --> boatyard.toml:6:1
//!   |
//! 6 | pakages = ["libpq5"]
//!   | ^^^^^^^
//!   |
//!   = help: did you mean "packages"?
//! ```
//! All of it goes to standard error. With `--json` the last line on standard output is
//! `{"error":{"message":...,"causes":[...],"help":...,"exit_code":N,"diagnostics":[...]}}` besides, so that a program
//! that reads the events learns how they ended.

pub mod bug;
mod chain;
mod machine;
mod mistakes;
mod relayed;
mod usage;

use std::io::{self, Write as _};
use std::process::ExitCode;

pub use chain::in_one_line;
pub use machine::line;
pub use mistakes::{Mistakes, within};
pub use relayed::Relayed;
pub use usage::usage;

use self::chain::Detail;
use crate::args::Progress;
use crate::stopped::Stopped;
use crate::voice::Voice;

/// Tells why a verb stopped; the exit code to end with.
pub fn tell(stopped: &Stopped, voice: &Voice) -> ExitCode {
    let text = match stopped {
        Stopped::Failed(failure) => chain::text(failure.as_ref(), Detail::All, voice.err),
        Stopped::Told(failure) => {
            let shown = voice.progress != Progress::Json;
            let detail = if shown {
                Detail::FirstLines
            } else {
                Detail::All
            };
            chain::text(failure.as_ref(), detail, voice.err)
        }
        Stopped::Mistaken(mistakes) => mistakes.text(voice.err, voice.unicode),
        Stopped::Ended(_) | Stopped::Unheard => String::new(),
    };
    // Nobody is left to be told when these streams are closed: the exit code still speaks.
    let _ = io::stderr().write_all(text.as_bytes());
    if voice.json && !matches!(stopped, Stopped::Ended(_) | Stopped::Unheard) {
        let _ = writeln!(io::stdout(), "{}", line(stopped));
    }
    ExitCode::from(stopped.exit_code())
}
