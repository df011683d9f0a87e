//! `/api/environments/{id}/snapshots`

use axum::Extension;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use boatyard_preview::Refused;
use boatyard_preview::config::Scope;
use boatyard_preview::environment::Environment;
use boatyard_preview::phase::Event;
use boatyard_preview::snapshot::{Refusal, free_name};
use serde::Deserialize;

use super::act::refused;
use super::environments::{Told, find, tell};
use crate::keeper::AskError;
use crate::web::access::Caller;
use crate::web::problem::Problem;
use crate::web::site::Site;

/// What somebody does with snapshots; none of them: the first name that is free.
#[derive(Clone, Debug)]
pub enum Wanted {
    /// Makes one.
    Save(Option<String>),
    /// Goes back to one.
    Restore(String),
    /// Needs one no more.
    Discard(String),
}

/// What it is to be called.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Named {
    name: Option<String>,
}

/// `POST /api/environments/{id}/snapshots`
pub async fn save(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    named: Result<Query<Named>, QueryRejection>,
) -> Result<Json<Told>, Problem> {
    let Query(named) = named.map_err(|refused| Problem::wrong(refused.body_text()))?;
    let environment = ask(&site, &caller, &id, Wanted::Save(named.name)).await?;
    Ok(Json(tell(&site, &environment)))
}

/// `POST /api/environments/{id}/snapshots/{name}/restore`
pub async fn restore(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path((id, name)): Path<(String, String)>,
) -> Result<Json<Told>, Problem> {
    let environment = ask(&site, &caller, &id, Wanted::Restore(name)).await?;
    Ok(Json(tell(&site, &environment)))
}

/// `DELETE /api/environments/{id}/snapshots/{name}`
pub async fn discard(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path((id, name)): Path<(String, String)>,
) -> Result<Json<Told>, Problem> {
    let environment = ask(&site, &caller, &id, Wanted::Discard(name)).await?;
    Ok(Json(tell(&site, &environment)))
}

/// Has that done.
pub async fn ask(
    site: &Site,
    caller: &Caller,
    id: &str,
    wanted: Wanted,
) -> Result<Environment, Problem> {
    let environment = find(site, caller, Scope::Operate, id)?;
    let event = match wanted {
        Wanted::Save(name) => Event::Save(name.unwrap_or_else(|| free_name(&environment))),
        Wanted::Restore(name) => Event::Restore(name),
        Wanted::Discard(name) => Event::Discard(name),
    };
    let asked = site
        .keeper()
        .ask(&environment.id, event, &caller.name)
        .await;
    asked.map_err(|error| match error {
        AskError::Refused(Refused::Snapshot(why)) => {
            let problem = Problem::new(status(why), why.to_string());
            match help(why) {
                Some(help) => problem.help(help),
                None => problem,
            }
        }
        error => refused(error),
    })
}

fn status(why: Refusal) -> StatusCode {
    match why {
        Refusal::NoName => StatusCode::BAD_REQUEST,
        Refusal::NotThere => StatusCode::NOT_FOUND,
        Refusal::Taken | Refusal::InUse | Refusal::TooMany { .. } => StatusCode::CONFLICT,
    }
}

fn help(why: Refusal) -> Option<&'static str> {
    match why {
        Refusal::TooMany { limit: 0, .. } => {
            Some("snapshots of [limits] of the server permits none")
        }
        Refusal::TooMany { .. } => Some("remove one first"),
        Refusal::Taken => Some("choose another name, or remove that one first"),
        Refusal::NoName | Refusal::NotThere | Refusal::InUse => None,
    }
}
