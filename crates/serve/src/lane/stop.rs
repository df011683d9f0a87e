//! Giving up what is under way.

use tokio::sync::watch;

use super::outcome::Trouble;

/// Whoever works looks at this; clones are the same.
#[derive(Clone)]
pub(crate) struct Stop(watch::Sender<bool>);

impl Stop {
    pub(crate) fn new() -> Self {
        Self(watch::channel(false).0)
    }

    /// From now on nothing more is wanted.
    pub(crate) fn stop(&self) {
        self.0.send_replace(true);
    }

    /// Returns once nothing more is wanted.
    pub(crate) async fn wanted(&self) {
        let mut is_stopped = self.0.subscribe();
        // We hold the sender ourselves: it cannot be gone.
        let _ = is_stopped.wait_for(|is_stopped| *is_stopped).await;
    }

    /// What comes of `work`, unless nothing more is wanted before; then it is dropped.
    pub(crate) async fn unless<T>(&self, work: impl Future<Output = T>) -> Result<T, Trouble> {
        tokio::select! {
            outcome = work => Ok(outcome),
            () = self.wanted() => Err(Trouble::GivenUp),
        }
    }
}
