//! Signals by name and by number.

use std::fmt;

/// A signal: a number from 1 to 64.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Signal(i32);

/// Names in the order of this table; where a number has two names, the first is the one we print.
const NAMES: &[(&str, i32)] = &[
    ("HUP", libc::SIGHUP),
    ("INT", libc::SIGINT),
    ("QUIT", libc::SIGQUIT),
    ("ILL", libc::SIGILL),
    ("TRAP", libc::SIGTRAP),
    ("ABRT", libc::SIGABRT),
    ("BUS", libc::SIGBUS),
    ("FPE", libc::SIGFPE),
    ("KILL", libc::SIGKILL),
    ("USR1", libc::SIGUSR1),
    ("SEGV", libc::SIGSEGV),
    ("USR2", libc::SIGUSR2),
    ("PIPE", libc::SIGPIPE),
    ("ALRM", libc::SIGALRM),
    ("TERM", libc::SIGTERM),
    ("STKFLT", libc::SIGSTKFLT),
    ("CHLD", libc::SIGCHLD),
    ("CONT", libc::SIGCONT),
    ("STOP", libc::SIGSTOP),
    ("TSTP", libc::SIGTSTP),
    ("TTIN", libc::SIGTTIN),
    ("TTOU", libc::SIGTTOU),
    ("URG", libc::SIGURG),
    ("XCPU", libc::SIGXCPU),
    ("XFSZ", libc::SIGXFSZ),
    ("VTALRM", libc::SIGVTALRM),
    ("PROF", libc::SIGPROF),
    ("WINCH", libc::SIGWINCH),
    ("IO", libc::SIGIO),
    ("PWR", libc::SIGPWR),
    ("SYS", libc::SIGSYS),
    ("CLD", libc::SIGCHLD),
    ("POLL", libc::SIGIO),
    ("IOT", libc::SIGABRT),
];

/// First and last real-time signal that programs may use: 32 and 33 belong to the C library's threads.
const REAL_TIME: std::ops::RangeInclusive<i32> = 34..=64;

impl Signal {
    /// End yourself.
    pub const TERM: Self = Self(libc::SIGTERM);
    /// End at once; cannot be caught.
    pub const KILL: Self = Self(libc::SIGKILL);
    /// Go on, if stopped.
    pub const CONT: Self = Self(libc::SIGCONT);
    /// Stop, says the terminal's key.
    pub const TSTP: Self = Self(libc::SIGTSTP);
    /// Stop: you read from a terminal whose foreground is another group.
    pub const TTIN: Self = Self(libc::SIGTTIN);
    /// Stop: you write to a terminal whose foreground is another group.
    pub const TTOU: Self = Self(libc::SIGTTOU);
    /// Stop; cannot be caught.
    pub const STOP: Self = Self(libc::SIGSTOP);
    /// The terminal is gone.
    pub const HUP: Self = Self(libc::SIGHUP);
    /// Interrupt, says the terminal's key.
    pub const INT: Self = Self(libc::SIGINT);
    /// Quit, says the terminal's key.
    pub const QUIT: Self = Self(libc::SIGQUIT);
    /// The window has another size.
    pub const WINCH: Self = Self(libc::SIGWINCH);
    /// A child changed state.
    pub const CHLD: Self = Self(libc::SIGCHLD);

    /// The seven signals that tell of a fault in the process itself. Init never blocks or forwards them.
    pub const FAULTS: [Self; 7] = [
        Self(libc::SIGFPE),
        Self(libc::SIGILL),
        Self(libc::SIGSEGV),
        Self(libc::SIGBUS),
        Self(libc::SIGABRT),
        Self(libc::SIGTRAP),
        Self(libc::SIGSYS),
    ];

    /// The signal with this number, if there is one.
    pub fn from_number(number: i32) -> Option<Self> {
        matches!(number, 1..=64).then_some(Self(number))
    }

    /// The signal with this name or number: `TERM`, `SIGTERM`, `term`, `15`, `RTMIN`, `RTMIN+3`, `RTMAX-2`.
    pub fn parse(text: &str) -> Option<Self> {
        if let Ok(number) = text.parse() {
            return Self::from_number(number);
        }
        let name = text.to_ascii_uppercase();
        let name = name.strip_prefix("SIG").unwrap_or(&name);
        let real_time = if let Some(offset) = name.strip_prefix("RTMIN") {
            Some(*REAL_TIME.start()).zip(offset_of(offset, '+'))
        } else if let Some(offset) = name.strip_prefix("RTMAX") {
            Some(*REAL_TIME.end()).zip(offset_of(offset, '-').map(|n| -n))
        } else {
            None
        };
        match real_time {
            Some((base, offset)) => Some(base + offset)
                .filter(|n| REAL_TIME.contains(n))
                .map(Self),
            None => NAMES
                .iter()
                .find(|(known, _)| *known == name)
                .map(|&(_, number)| Self(number)),
        }
    }

    /// Its number.
    pub fn number(self) -> i32 {
        self.0
    }

    /// Its bit in a kernel signal set.
    pub fn bit(self) -> u64 {
        1 << (self.0 - 1)
    }
}

/// `""` is 0, `+3` with the sign `+` is 3.
fn offset_of(text: &str, sign: char) -> Option<i32> {
    if text.is_empty() {
        return Some(0);
    }
    let digits = text.strip_prefix(sign)?;
    (digits.len() <= 2 && digits.bytes().all(|b| b.is_ascii_digit()))
        .then(|| digits.parse().ok())
        .flatten()
}

impl fmt::Display for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match NAMES.iter().find(|&&(_, number)| number == self.0) {
            Some((name, _)) => f.write_str(name),
            None if REAL_TIME.contains(&self.0) => {
                write!(f, "RTMIN+{}", self.0 - REAL_TIME.start())
            }
            None => write!(f, "{}", self.0),
        }
    }
}

impl fmt::Debug for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back() {
        for number in 1..=64 {
            let signal = Signal::from_number(number).unwrap();
            assert_eq!(Signal::parse(&signal.to_string()), Some(signal));
            assert_eq!(Signal::parse(&number.to_string()), Some(signal));
        }
    }

    #[test]
    fn spellings() {
        for (text, number) in [
            ("TERM", Some(15)),
            ("SIGTERM", Some(15)),
            ("sigquit", Some(3)),
            ("15", Some(15)),
            ("CLD", Some(17)),
            ("RTMIN", Some(34)),
            ("SIGRTMIN+3", Some(37)),
            ("RTMAX", Some(64)),
            ("RTMAX-2", Some(62)),
            ("RTMIN+31", None),
            ("RTMIN3", None),
            ("RTMIN+-3", None),
            ("0", None),
            ("65", None),
            ("-1", None),
            ("", None),
            ("SIG", None),
            ("TERMINATE", None),
        ] {
            assert_eq!(Signal::parse(text).map(Signal::number), number, "{text:?}");
        }
    }
}
