//! `/api/environments`: many, one, and what happened to it.

use axum::Extension;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use boatyard_preview::config::Scope;
use boatyard_preview::environment::Environment;

use crate::journal::Entry;
use crate::web::access::{self, Caller};
use crate::web::audit;
use crate::web::card::Card;
use crate::web::problem::Problem;
use crate::web::queue::{Waiting, place};
use crate::web::search::{Asked, Found};
use crate::web::site::Site;

/// `GET /api/environments`
pub async fn list(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Json<Found>, Problem> {
    let Query(asked) = asked.map_err(|refused| Problem::wrong(refused.body_text()))?;
    let search = asked.read().map_err(Problem::wrong)?;
    let settings = site.settings();
    let last = site.keeper().feed().last();
    let found = site
        .keeper()
        .look(|known| search.find(known, &caller, &settings, last));
    Ok(Json(found))
}

/// One environment, as the API tells of it.
#[derive(serde::Serialize)]
pub struct Told {
    #[serde(flatten)]
    card: Card,
    /// Where it stands in the queue, if it does.
    queue: Option<Waiting>,
}

/// `GET /api/environments/{id}`
pub async fn one(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<Json<Told>, Problem> {
    let environment = find(&site, &caller, Scope::Read, &id)?;
    Ok(Json(tell(&site, &environment)))
}

/// `GET /api/environments/{id}/history`
pub async fn history(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<Json<Vec<audit::Line>>, Problem> {
    let environment = find(&site, &caller, Scope::Read, &id)?;
    let entries: Vec<Entry> = audit::read(&site, Some(environment.id), u64::MAX, 200).await?;
    Ok(Json(entries.iter().map(audit::Line::of).collect()))
}

/// What the API tells of it.
pub fn tell(site: &Site, environment: &Environment) -> Told {
    let settings = site.settings();
    let mean = site.metrics().prepare.mean();
    let (card, queue) = site.keeper().look(|known| {
        let about = known.abouts.get(&environment.revision.place);
        let card = Card::of(environment, about, &settings);
        (card, place(known, &environment.id, mean))
    });
    Told { card, queue }
}

/// The environment of that id or label, if this caller may do that with it; who may not see it is told that there is none.
pub fn find(
    site: &Site,
    caller: &Caller,
    scope: Scope,
    name: &str,
) -> Result<Environment, Problem> {
    let id = site.directory().find(site.keeper(), name);
    let there = id.and_then(|id| {
        site.keeper()
            .look(|known| known.inventory.get(&id).cloned())
    });
    let there = there.filter(|one| caller.may_in(Scope::Read, &one.revision.place.repository));
    let there = there.ok_or_else(|| Problem::not_there("environment"))?;
    if !caller.may_in(scope, &there.revision.place.repository) {
        let status = axum::http::StatusCode::FORBIDDEN;
        let detail = format!("{} may not {} here", caller.name, access::name(scope));
        return Err(Problem::new(status, detail));
    }
    Ok(there)
}
