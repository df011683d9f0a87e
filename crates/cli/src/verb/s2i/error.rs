//! What is wrong with the words about an S2I repository.

use boatyard_plan::failure::{Failure, Fault};

/// What is wrong with the words about an S2I repository.
#[derive(Debug, thiserror::Error)]
pub enum S2iWordsError {
    /// A flag that means nothing here.
    #[error("--{flag} means nothing for an S2I repository")]
    Flag {
        /// Without dashes.
        flag: &'static str,
    },
    /// Several words.
    #[error("an S2I repository is built on its own: {first} and {second} were named")]
    Two {
        /// One.
        first: String,
        /// Another.
        second: String,
    },
    /// A tar.
    #[error("an S2I repository is a folder or a Git repository, not standard input")]
    StandardInput,
}

impl Failure for S2iWordsError {
    fn fault(&self) -> Fault {
        Fault::User
    }

    fn help(&self) -> Option<String> {
        match self {
            Self::Flag { .. } => {
                Some("leave it out; variables come from .s2i/environment and --env".to_owned())
            }
            Self::Two { .. } | Self::StandardInput => Some("boatyard build DIR".to_owned()),
        }
    }
}
