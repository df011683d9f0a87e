//! `GET /api/events`: what changes, from where the reader was.

use axum::Extension;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::response::sse::Event;
use boatyard_preview::config::Scope;
use serde::{Deserialize, Serialize};

use crate::feed::Change;
use crate::web::access::Caller;
use crate::web::card::Card;
use crate::web::moment;
use crate::web::problem::Problem;
use crate::web::site::Site;
use crate::web::stream::{Show, last_seen, stream};

/// What a reader wants.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Asked {
    /// From after that change on: what a list says is its `last`.
    since: Option<u64>,
    /// Of this environment only.
    environment: String,
    /// Of this repository only, without the forge or with it.
    repository: String,
}

/// `GET /api/events`
pub async fn events(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(asked) = asked.map_err(|refused| Problem::wrong(refused.body_text()))?;
    let from = last_seen(&headers).or(asked.since);
    let repository = asked.repository.to_lowercase();
    Ok(stream(
        &site,
        from,
        Changes {
            caller,
            environment: asked.environment,
            repository,
        },
    ))
}

struct Changes {
    caller: Caller,
    environment: String,
    repository: String,
}

/// A change, as it is sent.
#[derive(Serialize)]
struct Body<'a> {
    number: u64,
    at: String,
    id: &'a str,
    /// None: it is gone.
    environment: Option<Card>,
    why: &'a str,
    by: &'a str,
}

impl Show for Changes {
    fn change(&mut self, site: &Site, change: &Change) -> Vec<Event> {
        let id = change.id.as_str();
        if !self.environment.is_empty() && self.environment != id {
            return Vec::new();
        }
        let one = change.environment.as_ref();
        let seen = one.or(change.was.as_ref());
        if seen.is_some_and(|seen| !self.is_mine(&seen.revision.place.repository)) {
            return Vec::new();
        }
        let settings = site.settings();
        let card = one.map(|one| {
            site.keeper()
                .look(|known| Card::of(one, known.abouts.get(&one.revision.place), &settings))
        });
        let body = Body {
            number: change.number,
            at: moment::text(change.at),
            id,
            environment: card,
            why: &change.why,
            by: &change.by,
        };
        Event::default()
            .event("change")
            .json_data(body)
            .into_iter()
            .collect()
    }

    fn resync(&mut self, _: &Site, last: u64) -> Vec<Event> {
        let event = Event::default().event("resync").id(last.to_string());
        vec![event.data(format!("{{\"last\":{last}}}"))]
    }
}

impl Changes {
    fn is_mine(&self, repository: &boatyard_preview::revision::Repository) -> bool {
        let is_asked = self.repository.is_empty()
            || self.repository == repository.name.to_lowercase()
            || self.repository == repository.to_string().to_lowercase();
        is_asked && self.caller.may_in(Scope::Read, repository)
    }
}
