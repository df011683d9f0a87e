//! Asking a deploy to stop.

use std::sync::Arc;

use tokio::sync::Notify;

/// Stops a deploy: it is undone, as if it had failed. Clones stop the same one.
#[derive(Clone, Debug, Default)]
pub struct Stop {
    asked: Arc<Notify>,
}

impl Stop {
    /// Stops it, also if it has not begun.
    pub fn now(&self) {
        self.asked.notify_one();
    }

    pub(crate) async fn asked(&self) {
        self.asked.notified().await;
    }
}
