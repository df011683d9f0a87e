//! What happened, as people and programs read it.

use boatyard_preview::id::Id;
use serde::Serialize;

use super::moment;
use super::problem::Problem;
use super::site::Site;
use crate::journal::Entry;

/// An entry of the audit log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    /// Its number.
    pub number: u64,
    /// When, as RFC 3339.
    pub at: String,
    /// Who wanted it.
    pub by: String,
    /// The environment.
    pub environment: String,
    /// The phase that it led to; none: the environment is gone.
    pub phase: Option<String>,
    /// Why.
    pub why: String,
}

impl Line {
    /// Of an entry.
    pub fn of(entry: &Entry) -> Self {
        Self {
            number: entry.number,
            at: moment::text(entry.at),
            by: entry.by.clone(),
            environment: entry.id.clone(),
            phase: entry.phase.clone(),
            why: entry.why.clone(),
        }
    }
}

/// Entries before that number, newest first, of one environment or of all.
pub async fn read(
    site: &Site,
    id: Option<Id>,
    before: u64,
    limit: usize,
) -> Result<Vec<Entry>, Problem> {
    let reader = site.journal().clone();
    let read = tokio::task::spawn_blocking(move || {
        let reader = reader
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        reader
            .audit(id.as_ref(), before, limit)
            .map_err(|error| error.to_string())
    });
    let read = read.await.unwrap_or_else(|ended| Err(ended.to_string()));
    read.map_err(|error| Problem::new(axum::http::StatusCode::SERVICE_UNAVAILABLE, error).retry(5))
}
