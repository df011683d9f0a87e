//! How a piece of work ended.

use boatyard_preview::phase::Event;

/// What has come of an order that was carried out.
pub(crate) enum Outcome<U> {
    /// It is as it was wanted.
    Done,
    /// It runs.
    Runs(U),
    /// A snapshot of so many bytes is whole.
    Saved(u64),
}

impl<U> Outcome<U> {
    /// What is told of it.
    pub(super) fn event(&self) -> Event {
        match self {
            Self::Done | Self::Runs(_) => Event::Done,
            Self::Saved(size_bytes) => Event::Saved(*size_bytes),
        }
    }
}

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
