//! What is asked for.

use kube::api::{ListParams, WatchParams};

use crate::pages::PAGE;
use crate::retry::Limits;

/// How long the first list may take when it is streamed: the server ends it after this.
const STREAMED_SECONDS: u32 = 290;

/// What is watched.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// A label selector; none: all.
    pub labels: Option<String>,
    /// A field selector; none: all.
    pub fields: Option<String>,
    /// How the first objects come.
    pub first: First,
}

/// How the first objects come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum First {
    /// In pages.
    #[default]
    Listed,
    /// One by one: less memory. From a server that cannot (before 1.32), in pages.
    Streamed,
}

impl Wanted {
    /// A page of what is there.
    pub(super) fn page(&self, token: Option<String>) -> ListParams {
        ListParams {
            label_selector: self.labels.clone(),
            field_selector: self.fields.clone(),
            limit: Some(PAGE),
            continue_token: token,
            ..ListParams::default()
        }
    }

    /// All that is there, one by one.
    pub(super) fn all(&self) -> WatchParams {
        WatchParams {
            timeout: Some(STREAMED_SECONDS),
            send_initial_events: true,
            ..self.changes()
        }
    }

    /// What changes, until the server ends it.
    pub(super) fn watch(&self, limits: Limits) -> WatchParams {
        WatchParams {
            timeout: u32::try_from(limits.watch.as_secs()).ok(),
            ..self.changes()
        }
    }

    fn changes(&self) -> WatchParams {
        WatchParams {
            label_selector: self.labels.clone(),
            field_selector: self.fields.clone(),
            timeout: None,
            bookmarks: true,
            send_initial_events: false,
        }
    }
}
