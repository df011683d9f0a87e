//! What can be wrong in a crontab, and where.

use std::fmt;

/// Something wrong at a place of a crontab.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong there.
    pub wrong: Wrong,
}

/// What can be wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// Fewer than five fields and a command.
    TooShort {
        /// How many words there are.
        words: usize,
    },
    /// An item that is no number, name or range of this field.
    NotAValue {
        /// The field.
        field: &'static str,
        /// What stands there.
        found: String,
    },
    /// A number outside of the field.
    OutOfRange {
        /// The field.
        field: &'static str,
        /// What stands there.
        found: String,
        /// The least number that may stand there.
        least: u16,
        /// The greatest.
        most: u16,
    },
    /// A range whose end is before its start.
    Backwards {
        /// The field.
        field: &'static str,
        /// The range.
        found: String,
    },
    /// A step of zero, or one greater than the field.
    Step {
        /// The field.
        field: &'static str,
        /// What stands there.
        found: String,
        /// The greatest step.
        most: u16,
    },
    /// An unknown word after `@`.
    Shorthand {
        /// The word, with its `@`.
        found: String,
    },
    /// Not a time such as `90s` or `1h30m`, or zero.
    Duration {
        /// What stands there.
        found: String,
    },
    /// A schedule without a command.
    NoCommand,
    /// A NUL byte, which no program can be given.
    Nul,
    /// A time zone that is in no database.
    Zone {
        /// Its name.
        found: String,
    },
    /// An unknown setting in a `# boatyard:` line.
    Setting {
        /// The word.
        found: String,
    },
    /// A `# boatyard:` line that no job follows.
    Dangling,
    /// Not text in UTF-8.
    NotText,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.wrong)
    }
}

impl std::error::Error for Mistake {}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooShort { words } => write!(
                f,
                "a job is five fields (minute hour day month weekday) and a command, and here are {words} words"
            ),
            Self::NotAValue { field, found } => {
                write!(f, "{found:?} is not a value of the field {field}")
            }
            Self::OutOfRange {
                field,
                found,
                least,
                most,
            } => write!(
                f,
                "{found} is not a value of the field {field}, which goes from {least} to {most}"
            ),
            Self::Backwards { field, found } => write!(
                f,
                "the range {found} of the field {field} ends before it starts"
            ),
            Self::Step { field, found, most } => write!(
                f,
                "{found:?} is not a step of the field {field}, whose steps go from 1 to {most}"
            ),
            Self::Shorthand { found } => write!(f, "there is no schedule {found}"),
            Self::Duration { found } => {
                write!(f, "{found:?} is not a time such as 90s, 5m or 1h30m")
            }
            Self::NoCommand => f.write_str("the schedule has no command"),
            Self::Nul => f.write_str("a command cannot hold a NUL byte"),
            Self::Zone { found } => write!(f, "there is no time zone {found:?}"),
            Self::Setting { found } => write!(f, "{found:?} is not a setting of a job"),
            Self::Dangling => f.write_str("these settings belong to no job"),
            Self::NotText => f.write_str("this is not text in UTF-8"),
        }
    }
}

impl Wrong {
    /// What to do, where it is not plain from the message.
    pub fn help(&self) -> Option<&'static str> {
        match self {
            Self::Backwards { .. } => Some("write two ranges, as 22-23,0-6"),
            Self::Shorthand { .. } => Some(
                "known are @yearly @annually @monthly @weekly @daily @midnight @hourly @reboot and @every TIME",
            ),
            Self::Zone { .. } => {
                Some("names are as in the IANA database, for example Europe/Paris")
            }
            Self::Setting { .. } => Some(
                "settings are overlap=forbid|allow|queue|replace splay=TIME timeout=TIME retries=N retry-delay=TIME",
            ),
            Self::Dangling => Some("write them on the line before the job"),
            _ => None,
        }
    }
}
