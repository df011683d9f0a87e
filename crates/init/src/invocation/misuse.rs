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
    /// `--target` without one of the three.
    Target {
        /// What stood there, if anything.
        found: Option<OsString>,
    },
    /// `-r` without two signals.
    Rewrite {
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
            Self::Grace { found } => {
                takes(f, "--grace", "a whole number of seconds", found.as_ref())
            }
            Self::Code { found } => takes(f, "-e", "an exit code from 0 to 255", found.as_ref()),
            Self::Target { found } => takes(f, "--target", "main, group or all", found.as_ref()),
            Self::Rewrite { found } => takes(
                f,
                "-r",
                "two signals as FROM:TO, where TO may be 0 for none",
                found.as_ref(),
            ),
            Self::Missing { verb, needs } => write!(f, "{verb} needs {needs}"),
            Self::Unexpected { verb, argument } => write!(
                f,
                "{verb} does not take the argument {:?}",
                argument.display()
            ),
        }
    }
}

fn takes(
    f: &mut fmt::Formatter<'_>,
    flag: &str,
    what: &str,
    found: Option<&OsString>,
) -> fmt::Result {
    write!(f, "{flag} takes {what}")?;
    match found {
        Some(found) => write!(f, ", not {:?}", found.display()),
        None => Ok(()),
    }
}

impl std::error::Error for Misuse {}
