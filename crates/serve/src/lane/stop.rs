//! Giving up what is under way.

use tokio::sync::watch;

use super::outcome::Trouble;

/// Whoever works looks at this; clones are the same.
#[derive(Clone)]
pub(crate) struct Stop(watch::Sender<Wanted>);

/// Whether it is wanted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    On,
    /// Something else is: it cleans up after itself.
    Else,
    /// It is somebody else's by now: it ends at once, as it is.
    AtOnce,
}

impl Stop {
    pub(crate) fn new() -> Self {
        Self(watch::channel(Wanted::On).0)
    }

    /// From now on nothing more is wanted.
    pub(crate) fn stop(&self) {
        self.0.send_replace(Wanted::Else);
    }

    /// From now on it is for somebody else to do.
    pub(crate) fn at_once(&self) {
        self.0.send_replace(Wanted::AtOnce);
    }

    /// Whether it ends without cleaning up.
    pub(crate) fn is_at_once(&self) -> bool {
        *self.0.borrow() == Wanted::AtOnce
    }

    /// Returns once nothing more is wanted.
    pub(crate) async fn wanted(&self) {
        let mut wanted = self.0.subscribe();
        // We hold the sender ourselves: it cannot be gone.
        let _ = wanted.wait_for(|wanted| *wanted != Wanted::On).await;
    }

    /// What comes of `work`, unless nothing more is wanted before; then it is dropped.
    pub(crate) async fn unless<T>(&self, work: impl Future<Output = T>) -> Result<T, Trouble> {
        tokio::select! {
            outcome = work => Ok(outcome),
            () = self.wanted() => Err(Trouble::GivenUp),
        }
    }
}
