//! How a build keeps to a lock.

use super::{Lock, Pin};
use crate::failure::{Failure, Fault};

/// How a build keeps to a lock.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// What is locked; nothing without a file.
    pub lock: Lock,
    /// Whether a name that is not locked is refused.
    pub strict: bool,
    /// Whether a name that is not locked is told: there is a lock, and nobody adds it now.
    pub loud: bool,
}

/// A base is not as the lock has it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LockError {
    /// The lock has no such name, and must not change.
    #[error("{reference} for {platform} is not locked, and --locked forbids to change the lock")]
    NotLocked {
        /// As written.
        reference: String,
        /// For which platform.
        platform: String,
    },
    /// Debian's mirrors have moved on.
    #[error(
        "{reference} is locked to the package indexes of {locked}, and the mirror has those of {found}"
    )]
    Moved {
        /// As written.
        reference: String,
        /// When the locked ones were made.
        locked: String,
        /// When those of the mirror were made.
        found: String,
    },
    /// The lock says that a name is an image and it is made from packages, or the other way round.
    #[error("{reference} is locked as {locked}, and here it is {found}")]
    OtherKind {
        /// As written.
        reference: String,
        /// What the lock says.
        locked: &'static str,
        /// What it is.
        found: &'static str,
    },
}

impl Failure for LockError {
    fn fault(&self) -> Fault {
        Fault::User
    }

    fn help(&self) -> Option<String> {
        Some(
            match self {
                Self::NotLocked { .. } => "add it with --lock",
                Self::Moved { .. } => {
                    "renew it with --update-lock, or name a mirror that keeps old indexes (snapshot.debian.org)"
                }
                Self::OtherKind { .. } => "renew the lock with --update-lock",
            }
            .to_owned(),
        )
    }
}

impl Policy {
    /// What to say about a name that is not locked, and what to do: nothing where there is no lock, or it is written anew.
    pub fn warning(&self, reference: &str, platform: &str) -> Option<(String, &'static str)> {
        let is_missing = self.loud && self.lock.find(reference, platform).is_none();
        is_missing.then(|| {
            let message = format!(
                "{reference} for {platform} is not in boatyard.lock: it is what the name means by now"
            );
            (message, "add it with --lock; --locked refuses such names")
        })
    }

    /// What a name stands for; `None` if nothing is locked and nothing must be.
    pub fn find(&self, reference: &str, platform: &str) -> Result<Option<&Pin>, LockError> {
        match self.lock.find(reference, platform) {
            Some(pin) => Ok(Some(pin)),
            None if self.strict => Err(LockError::NotLocked {
                reference: reference.to_owned(),
                platform: platform.to_owned(),
            }),
            None => Ok(None),
        }
    }
}
