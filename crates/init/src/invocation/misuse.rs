//! Why arguments cannot be understood.

use std::ffi::OsString;
use std::fmt;

/// Why the arguments cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Misuse {
    /// No such flag.
    UnknownFlag {
        /// The flag.
        flag: OsString,
    },
    /// `--grace` without a whole number of seconds.
    Grace {
        /// What stood there, if anything.
        found: Option<OsString>,
    },
    /// `-e` without an exit code.
    Code {
        /// What stood there, if anything.
        found: Option<OsString>,
    },
    /// A verb lacks its argument.
    Missing {
        /// The verb.
        verb: &'static str,
        /// What it needs.
        needs: &'static str,
    },
    /// A verb got more than it takes.
    Unexpected {
        /// The verb.
        verb: &'static str,
        /// The first argument too many.
        argument: OsString,
    },
}

impl fmt::Display for Misuse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownFlag { flag } => write!(f, "unknown flag {}", flag.display()),
            Self::Grace { found: Some(found) } => write!(
                f,
                "--grace takes a whole number of seconds, not {:?}",
                found.display()
            ),
            Self::Grace { found: None } => f.write_str("--grace takes a whole number of seconds"),
            Self::Code { found: Some(found) } => write!(
                f,
                "-e takes an exit code from 0 to 255, not {:?}",
                found.display()
            ),
            Self::Code { found: None } => f.write_str("-e takes an exit code from 0 to 255"),
            Self::Missing { verb, needs } => write!(f, "{verb} needs {needs}"),
            Self::Unexpected { verb, argument } => write!(
                f,
                "{verb} does not take the argument {:?}",
                argument.display()
            ),
        }
    }
}

impl std::error::Error for Misuse {}
