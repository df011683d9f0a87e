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

/// What is told of it.
pub(crate) fn event<U>(outcome: &Result<Outcome<U>, Trouble>) -> Event {
    match outcome {
        Ok(Outcome::Done | Outcome::Runs(_)) => Event::Done,
        Ok(Outcome::Saved(size_bytes)) => Event::Saved(*size_bytes),
        Err(trouble) => Event::Fail(trouble.to_string()),
    }
}

/// Why something did not go well.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Trouble {
    /// It was given up, because something else is wanted now.
    #[error("it was given up")]
    GivenUp,
    /// What carries it out was not there; the same may go well once it is.
    #[error("{0}")]
    Away(String),
    /// In words for people, with what to do if that is known.
    #[error("{0}")]
    Failed(String),
}

impl Trouble {
    /// The same, and that what is left of it cannot be ended either, if it cannot.
    pub(crate) fn with(self, left: Option<Self>) -> Self {
        match (self, left) {
            (Self::Failed(why), Some(left)) => Self::Failed(format!(
                "{why}\nand what is left of it cannot be ended: {left}"
            )),
            (trouble, _) => trouble,
        }
    }

    pub(crate) fn failed(doing: &str, error: impl std::fmt::Display) -> Self {
        Self::Failed(format!("cannot {doing}: {error}"))
    }
}
