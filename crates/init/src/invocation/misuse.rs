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
    /// A flag without a value, or with one that it does not take.
    Value {
        /// The flag.
        flag: &'static str,
        /// What it takes.
        takes: &'static str,
        /// What stood there, if anything.
        found: Option<OsString>,
    },
    /// A flag that is for those beside a role, with what starts one.
    Alone {
        /// The flag.
        flag: &'static str,
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
            Self::Value { flag, takes, found } => {
                write!(f, "{flag} takes {takes}")?;
                match found {
                    Some(found) => write!(f, ", not {:?}", found.display()),
                    None => Ok(()),
                }
            }
            Self::Alone { flag } => write!(
                f,
                "{flag} is for what runs beside a role: exec, shell, job, jobs, hooks and commands"
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

impl std::error::Error for Misuse {}
