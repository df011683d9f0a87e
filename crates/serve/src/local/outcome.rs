//! How a piece of work ended.

/// Why something did not go well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// It was given up, because something else is wanted now.
    GivenUp,
    /// In words for people, with what to do if that is known.
    Failed(String),
}

impl Trouble {
    pub(super) fn failed(doing: &str, error: impl std::fmt::Display) -> Self {
        Self::Failed(format!("cannot {doing}: {error}"))
    }
}
