//! `STOPSIGNAL`.

use super::state::{State, wrong};
use crate::diagnostic::Diagnostic;
use crate::dockerfile::Word;
use crate::document::nearest;

/// Signals of Linux, signal(7), without `SIG`.
const SIGNALS: [&str; 36] = [
    "ABRT", "ALRM", "BUS", "CHLD", "CLD", "CONT", "FPE", "HUP", "ILL", "INT", "IO", "IOT", "KILL",
    "PIPE", "POLL", "PROF", "PWR", "QUIT", "SEGV", "STKFLT", "STOP", "SYS", "TERM", "TRAP", "TSTP",
    "TTIN", "TTOU", "URG", "USR1", "USR2", "VTALRM", "WINCH", "XCPU", "XFSZ", "RTMIN", "RTMAX",
];

impl State {
    /// `STOPSIGNAL`.
    pub(super) fn stop_signal(&mut self, word: &Word) -> Result<(), Diagnostic> {
        let signal = self.word(word)?;
        if !is_signal(&signal) {
            let help = match nearest(&bare(&signal), SIGNALS) {
                Some(name) => format!("did you mean \"SIG{name}\"?"),
                None => "write a signal such as SIGTERM, SIGINT, SIGQUIT or a number".to_owned(),
            };
            let message = format!("\"{signal}\" is not a signal");
            return Err(wrong(word, message, &help));
        }
        self.note(format!("STOPSIGNAL {signal}"), true);
        self.config.stop_signal = Some(signal);
        Ok(())
    }
}

fn bare(signal: &str) -> String {
    let upper = signal.to_uppercase();
    upper.strip_prefix("SIG").unwrap_or(&upper).to_owned()
}

/// A number from 1 to 64, a name with or without `SIG`, `RTMIN+n` or `RTMAX-n`.
fn is_signal(text: &str) -> bool {
    if let Ok(number) = text.parse::<u8>() {
        return (1..=64).contains(&number);
    }
    let name = bare(text);
    // Docker counts from both ends, and no signal twice.
    for (end, last) in [("RTMIN+", 15), ("RTMAX-", 14)] {
        if let Some(offset) = name.strip_prefix(end) {
            let number = offset
                .parse()
                .is_ok_and(|offset: u8| (1..=last).contains(&offset));
            return number && !offset.starts_with(['0', '+']);
        }
    }
    SIGNALS.contains(&name.as_str())
}
