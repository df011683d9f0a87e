//! How a piece of work ended.

/// Why something did not go well.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Trouble {
    /// It was given up, because something else is wanted now.
    #[error("it was given up")]
    GivenUp,
    /// In words for people, with what to do if that is known.
    #[error("{0}")]
    Failed(String),
}

impl Trouble {
    pub(crate) fn failed(doing: &str, error: impl std::fmt::Display) -> Self {
        Self::Failed(format!("cannot {doing}: {error}"))
    }
}
