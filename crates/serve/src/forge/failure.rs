//! Why a forge says nothing.

use std::time::Duration;

use boatyard_plan::failure::{Failure, Fault};

/// Why a forge says nothing. None of these is a word about anything that it has.
#[derive(Debug, thiserror::Error)]
pub enum ForgeError {
    /// It cannot be reached, or breaks off.
    #[error("cannot reach {url}")]
    Unreachable {
        /// What was asked.
        url: String,
        /// Why.
        source: Box<ureq::Error>,
    },
    /// It wants to be asked less.
    #[error("{url} wants to be asked again in {} s only", wait.as_secs())]
    Limited {
        /// What was asked.
        url: String,
        /// How long to wait.
        wait: Duration,
    },
    /// We may not.
    #[error("{url} answers {status}: not permitted")]
    Refused {
        /// What was asked.
        url: String,
        /// The status.
        status: u16,
    },
    /// It is not there, or we may not see it.
    #[error("{url} answers 404: not there")]
    NotThere {
        /// What was asked.
        url: String,
    },
    /// It answers with something that is no answer.
    #[error("{url} answers {status}")]
    Unexpected {
        /// What was asked.
        url: String,
        /// The status.
        status: u16,
    },
    /// What it answers is not what it should be.
    #[error("{url} answers what is not understood: {what}")]
    Strange {
        /// What was asked.
        url: String,
        /// What is wrong.
        what: String,
    },
    /// Git failed.
    #[error("git cannot list {url}: {what}")]
    Git {
        /// The remote.
        url: String,
        /// What Git says.
        what: String,
    },
}

impl ForgeError {
    /// Whether the forge does not take this, and would not the next moment either; others it may take.
    pub(super) fn is_refusal(&self) -> bool {
        matches!(
            self,
            Self::NotThere { .. }
                | Self::Refused { .. }
                | Self::Unexpected {
                    status: 400..=499,
                    ..
                }
        )
    }

    /// How long the forge wants us to wait.
    pub fn wait(&self) -> Option<Duration> {
        match self {
            Self::Limited { wait, .. } => Some(*wait),
            _ => None,
        }
    }
}

impl Failure for ForgeError {
    fn fault(&self) -> Fault {
        Fault::Refused
    }

    fn help(&self) -> Option<String> {
        let help = match self {
            Self::Unreachable { .. } => {
                "see url, api and authority of the forge; environments stay as they are meanwhile"
            }
            Self::Limited { .. } => "give it a token, or a longer poll",
            Self::Refused { .. } => "the token has to be able to read the repository",
            Self::NotThere { .. } => {
                "see the name of the repository, and whether the token can read it"
            }
            Self::Unexpected { .. } | Self::Strange { .. } => "see api of the forge",
            Self::Git { .. } => "try \"git ls-remote\" with it as the same user",
        };
        Some(help.to_owned())
    }
}
