//! Why somebody could not log in.

use super::jwt::JwtError;

/// Why somebody could not log in.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// It was begun elsewhere, too long ago, or not at all.
    #[error("this login was not begun in this browser, or too long ago")]
    NotBegun,
    /// Too many are logging in.
    #[error("too many people are logging in")]
    TooMany,
    /// There, it was refused.
    #[error("{name} refused: {why}")]
    Refused {
        /// Where.
        name: String,
        /// What it says.
        why: String,
    },
    /// It cannot be asked.
    #[error("cannot ask {url}")]
    Unreachable {
        /// What was asked.
        url: String,
        /// Why.
        source: Box<ureq::Error>,
    },
    /// It answered with an error.
    #[error("{url} answered with {status}")]
    Unexpected {
        /// What was asked.
        url: String,
        /// How.
        status: u16,
    },
    /// It answered what it should not.
    #[error("{url} answered strangely: {what}")]
    Strange {
        /// What was asked.
        url: String,
        /// What is strange.
        what: &'static str,
    },
    /// Who it is is not said in a way that can be believed.
    #[error("what {name} says of who it is cannot be believed")]
    Unbelievable {
        /// Where.
        name: String,
        /// Why not.
        source: JwtError,
    },
    /// Its certificates cannot be read.
    #[error("cannot read the certificates of {name}")]
    Authority {
        /// Where.
        name: String,
        /// Why not.
        source: std::io::Error,
    },
    /// There is no chance on this machine.
    #[error("this machine gives no random numbers")]
    NoChance,
}

impl LoginError {
    /// What was asked answered something strange.
    pub(super) fn strange(url: &str, what: &'static str) -> Self {
        Self::Strange {
            url: url.to_owned(),
            what,
        }
    }
}
