//! `GET /api/environments/{id}/log`: what an environment prints, and as it prints it.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use boatyard_preview::config::Scope;
use boatyard_preview::id::Id;
use futures_util::stream;
use serde::Deserialize;
use tokio::sync::{OwnedSemaphorePermit, watch};

use super::environments::find;
use crate::logs::Part;
use crate::web::access::Caller;
use crate::web::log::{self, Piece};
use crate::web::problem::Problem;
use crate::web::site::Site;
use crate::web::stream::last_seen;

/// Between signs of life.
const BEAT: Duration = Duration::from_secs(15);

/// Which log, from where on.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Asked {
    part: String,
    from: u64,
}

impl Default for Asked {
    fn default() -> Self {
        Self {
            part: Part::Run.word().to_owned(),
            from: 0,
        }
    }
}

/// `GET /api/environments/{id}/log`
pub async fn piece(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(name): Path<String>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Json<Piece>, Problem> {
    let (id, part, from) = read(&site, &caller, &name, asked)?;
    log::read(&site, &id, part, from).await.map(Json)
}

/// `GET /api/environments/{id}/log/events`
pub async fn follow(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(name): Path<String>,
    headers: HeaderMap,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, Problem> {
    let (id, part, from) = read(&site, &caller, &name, asked)?;
    let Ok(place) = Arc::clone(site.streams()).try_acquire_owned() else {
        let status = StatusCode::SERVICE_UNAVAILABLE;
        return Err(Problem::new(status, "too many streams are open").retry(30));
    };
    let reader = Reader {
        from: last_seen(&headers).unwrap_or(from),
        longer: site.logs().follow(&id, part),
        ending: site.ending(),
        _place: place,
        log: (site, id, part),
    };
    let pieces = stream::unfold(reader, async |mut reader| {
        let piece = reader.next().await?;
        let event = Event::default().event("lines").id(piece.next.to_string());
        let event = event.json_data(&piece).unwrap_or_default();
        Some((Ok::<_, Infallible>(event), reader))
    });
    Ok(Sse::new(pieces)
        .keep_alive(KeepAlive::new().interval(BEAT))
        .into_response())
}

/// Of which environment this caller may read, which log, from where on. The log of what is gone is kept for a while, and then
/// nobody knows any more whose it was: it is for those who may read everything.
fn read(
    site: &Site,
    caller: &Caller,
    name: &str,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<(Id, Part, u64), Problem> {
    let Query(asked) = asked.map_err(|refused| Problem::wrong(refused.body_text()))?;
    let part = Part::ALL.into_iter().find(|part| part.word() == asked.part);
    let part = part.ok_or_else(|| Problem::wrong("the part of a log is prepare or run"))?;
    let id = match find(site, caller, Scope::Read, name) {
        Ok(environment) => environment.id,
        Err(problem) => {
            let id: Id = name.parse().map_err(|_| problem.clone())?;
            let is_gone = site
                .keeper()
                .look(|known| known.inventory.get(&id).is_none());
            let may = is_gone && caller.may_everywhere(Scope::Read);
            may.then_some(id).ok_or(problem)?
        }
    };
    Ok((id, part, asked.from))
}

struct Reader {
    log: (Site, Id, Part),
    from: u64,
    longer: watch::Receiver<u64>,
    ending: watch::Receiver<bool>,
    _place: OwnedSemaphorePermit,
}

impl Reader {
    async fn next(&mut self) -> Option<Piece> {
        loop {
            if *self.ending.borrow() {
                return None;
            }
            self.longer.mark_unchanged();
            let (site, id, part) = &self.log;
            let piece = log::read(site, id, *part, self.from).await.ok()?;
            self.from = piece.next;
            if !piece.lines.is_empty() {
                return Some(piece);
            }
            tokio::select! {
                longer = self.longer.changed() => longer.ok()?,
                _ = self.ending.changed() => {}
            }
        }
    }
}
