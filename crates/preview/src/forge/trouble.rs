//! Why a hook is not taken.

/// Why a hook is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// No such forge in the configuration.
    #[error("there is no forge \"{name}\"")]
    NoForge {
        /// The name.
        name: String,
    },
    /// The forge is there, and its hooks are not taken.
    #[error("hooks of {name} are not taken")]
    NoHooks {
        /// Its name.
        name: String,
    },
    /// There is no signature.
    #[error("the hook is not signed: {header} is missing")]
    Unsigned {
        /// The header that was expected.
        header: &'static str,
    },
    /// The signature is not that of one of our secrets.
    #[error("the signature is wrong")]
    Forged,
    /// It is signed, but for another time.
    #[error("the hook is of another time: {seconds} seconds apart")]
    Stale {
        /// How far.
        seconds: u64,
    },
    /// It does not say what it is about.
    #[error("{header} is missing")]
    NoEvent {
        /// The header that was expected.
        header: &'static str,
    },
    /// The body is not what it should be.
    #[error("the body is not understood: {what}")]
    Malformed {
        /// What is missing or wrong.
        what: String,
    },
}

impl Trouble {
    /// The HTTP status of the answer.
    pub fn status(&self) -> u16 {
        match self {
            Self::NoForge { .. } | Self::NoHooks { .. } => 404,
            Self::Unsigned { .. } | Self::Forged | Self::Stale { .. } => 401,
            Self::NoEvent { .. } | Self::Malformed { .. } => 400,
        }
    }

    /// What to do.
    pub fn help(&self) -> &'static str {
        match self {
            Self::NoForge { .. } => "send hooks to the name of a [forge.NAME] of the configuration",
            Self::NoHooks { .. } => "remove \"hooks = false\" and give the forge a secret",
            Self::Unsigned { .. } | Self::Forged => {
                "give the hook on the forge the same secret as in the configuration"
            }
            Self::Stale { .. } => "set the clocks; a hook is good for five minutes",
            Self::NoEvent { .. } | Self::Malformed { .. } => {
                "send what the forge sends, as application/json"
            }
        }
    }
}
