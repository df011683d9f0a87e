//! What happened, as people and programs read it.

use std::net::IpAddr;
use std::sync::{Arc, PoisonError};

use axum::http::StatusCode;
use boatyard_preview::id::Id;
use serde::Serialize;

use super::moment;
use super::problem::Problem;
use super::site::Site;
use crate::journal::{Entry, Login};

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
        let reader = reader.lock().unwrap_or_else(PoisonError::into_inner);
        reader
            .audit(id.as_ref(), before, limit)
            .map_err(|error| error.to_string())
    });
    let read = read.await.unwrap_or_else(|ended| Err(ended.to_string()));
    read.map_err(unavailable)
}

/// Writes down who has come, how, and from where. Whoever cannot be written down does not get in.
pub async fn note(site: &Site, who: &str, how: &str, from: IpAddr) -> Result<(), Problem> {
    let (logins, at) = (Arc::clone(site.logins()), site.now());
    let said = [who.to_owned(), how.to_owned(), from.to_string()];
    let written = tokio::task::spawn_blocking(move || {
        let mut logins = logins.lock().unwrap_or_else(PoisonError::into_inner);
        let noted = logins.note(at, said.each_ref().map(String::as_str));
        noted.map_err(|error| error.to_string())
    });
    let written = written.await.unwrap_or_else(|ended| Err(ended.to_string()));
    written.map_err(|why| unavailable(format!("it cannot be written down who logs in: {why}")))
}

/// Who came last, newest first.
pub async fn logins(site: &Site, limit: usize) -> Result<Vec<Login>, Problem> {
    let reader = site.journal().clone();
    let read = tokio::task::spawn_blocking(move || {
        let reader = reader.lock().unwrap_or_else(PoisonError::into_inner);
        reader.logins(limit).map_err(|error| error.to_string())
    });
    let read = read.await.unwrap_or_else(|ended| Err(ended.to_string()));
    read.map_err(unavailable)
}

fn unavailable(why: String) -> Problem {
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, why).retry(5)
}
