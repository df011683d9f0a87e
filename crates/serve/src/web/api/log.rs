//! `GET /api/environments/{id}/log`: what an environment prints, and as it prints it.

use std::convert::Infallible;

use axum::Extension;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::response::sse::Event;
use boatyard_preview::config::Scope;
use boatyard_preview::id::Id;
use futures_util::stream;
use serde::Deserialize;
use tokio::sync::watch;

use super::environments::find;
use crate::logs::Part;
use crate::web::access::Caller;
use crate::web::log::{self, Piece};
use crate::web::problem::Problem;
use crate::web::site::Site;
use crate::web::stream::{Open, last_seen, sent};

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
    let open = Open::of(&site)?;
    let reader = Reader {
        from: last_seen(&headers).unwrap_or(from),
        longer: site.logs().follow(&id, part),
        ending: site.ending(),
        open,
        log: (id, part),
    };
    let pieces = stream::unfold(reader, async |mut reader| {
        let piece = reader.next().await?;
        let event = Event::default().event("lines").id(piece.next.to_string());
        let event = event.json_data(&piece).unwrap_or_default();
        Some((Ok::<_, Infallible>(event), reader))
    });
    Ok(sent(pieces))
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
            let is_there = site
                .keeper()
                .look(|known| known.inventory.get(&id).is_some());
            // Whoever makes up ids makes no logs.
            let may = !is_there && site.logs().has(&id) && caller.may_everywhere(Scope::Read);
            may.then_some(id).ok_or(problem)?
        }
    };
    Ok((id, part, asked.from))
}

struct Reader {
    log: (Id, Part),
    from: u64,
    longer: watch::Receiver<u64>,
    ending: watch::Receiver<bool>,
    open: Open,
}

impl Reader {
    async fn next(&mut self) -> Option<Piece> {
        loop {
            if *self.ending.borrow() {
                return None;
            }
            self.longer.mark_unchanged();
            let (id, part) = &self.log;
            let read = log::read(&self.open.site, id, *part, self.from);
            let piece = read.await.ok()?;
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
