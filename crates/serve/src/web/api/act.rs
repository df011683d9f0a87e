//! `POST /api/environments/{id}/ACTION`

use axum::Extension;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use boatyard_preview::approval::{NotApproved, approves};
use boatyard_preview::environment::Environment;
use serde::Deserialize;

use super::environments::{Told, find, tell};
use crate::keeper::AskError;
use crate::web::access::Caller;
use crate::web::action::Action;
use crate::web::problem::Problem;
use crate::web::site::Site;

/// What came of it: the environment as it is written down now.
type Answer = Result<Json<Told>, Problem>;

macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident => $action:ident;)*) => {$(
        $(#[$doc])*
        pub async fn $name(
            State(site): State<Site>,
            Extension(caller): Extension<Caller>,
            Path(id): Path<String>,
        ) -> Answer {
            let environment = act(&site, &caller, (&id, None), Action::$action).await?;
            Ok(Json(tell(&site, &environment)))
        }
    )*};
}

actions! {
    /// It is to run, once there is room.
    start => Start;
    /// It is to run no more.
    stop => Stop;
    /// Everything is made anew.
    reset => Reset;
    /// It keeps its place.
    pin => Pin;
    /// It may lose it.
    unpin => Unpin;
    /// Everything is taken away.
    undeploy => Undeploy;
}

/// Which commit somebody has read.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Read {
    commit: Option<String>,
}

/// `POST /api/environments/{id}/approve?commit=COMMIT`: this commit of a stranger may be run.
pub async fn approve(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    read: Result<Query<Read>, QueryRejection>,
) -> Answer {
    let Query(read) = read.map_err(|refused| Problem::wrong(refused.body_text()))?;
    let about = (id.as_str(), read.commit.as_deref());
    let environment = act(&site, &caller, about, Action::Approve).await?;
    Ok(Json(tell(&site, &environment)))
}

/// Has that happen to the environment `id`; what is so already stays so. `commit`: the one that whoever approves has read.
pub async fn act(
    site: &Site,
    caller: &Caller,
    (id, commit): (&str, Option<&str>),
    action: Action,
) -> Result<Environment, Problem> {
    let environment = find(site, caller, action.scope(), id)?;
    if action == Action::Approve {
        approves(commit, &environment.revision.commit).map_err(not_approved)?;
    }
    if action.is_so(&environment) {
        return Ok(environment);
    }
    if let Some(why) = action.refusal(&environment) {
        return Err(Problem::new(StatusCode::CONFLICT, why));
    }
    let asked = site
        .keeper()
        .ask(&environment.id, action.event(), &caller.name)
        .await;
    asked.map_err(refused)
}

/// Why it was not done, for whoever asked.
pub(super) fn refused(error: AskError) -> Problem {
    match error {
        AskError::NotThere => Problem::not_there("environment"),
        AskError::Refused(refused) => Problem::new(StatusCode::CONFLICT, refused.to_string()),
        AskError::Stopped(stopped) => {
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, stopped.to_string()).retry(5)
        }
    }
}

fn not_approved(why: NotApproved) -> Problem {
    let status = match why {
        NotApproved::NotWhole => StatusCode::BAD_REQUEST,
        NotApproved::Other => StatusCode::CONFLICT,
    };
    Problem::new(status, why.to_string()).help(why.help())
}
