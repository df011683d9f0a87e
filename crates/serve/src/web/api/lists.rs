//! `/api/queue`, `/api/limits`, `/api/audit`

use axum::Extension;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use boatyard_preview::config::Scope;
use serde::{Deserialize, Serialize};

use crate::web::access::Caller;
use crate::web::audit::{self, Line};
use crate::web::card::Card;
use crate::web::problem::Problem;
use crate::web::queue::{self, Limits, Waiting};
use crate::web::site::Site;

/// Somebody in the queue.
#[derive(Serialize)]
pub struct InQueue {
    #[serde(flatten)]
    waiting: Waiting,
    environment: Card,
}

/// `GET /api/queue`
pub async fn queue(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
) -> Json<Vec<InQueue>> {
    let (settings, mean) = (site.settings(), site.metrics().prepare.mean());
    let all = site.keeper().look(|known| {
        let in_queue = |(waiting, one)| InQueue {
            waiting,
            environment: queue::card(known, one, &settings),
        };
        let all = queue::seen(known, &caller, mean);
        all.map(in_queue).collect()
    });
    Json(all)
}

/// `GET /api/limits`
pub async fn limits(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
) -> Json<Limits> {
    let (settings, now) = (site.settings(), site.now());
    let limits = site
        .keeper()
        .look(|known| queue::limits(known, &caller, &settings, now));
    Json(limits)
}

/// Which entries somebody wants.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Asked {
    environment: String,
    before: u64,
    limit: usize,
}

impl Default for Asked {
    fn default() -> Self {
        Self {
            environment: String::new(),
            before: u64::MAX,
            limit: 100,
        }
    }
}

/// `GET /api/audit`: of all repositories, so only for who may see all of them.
pub async fn audit(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Json<Vec<Line>>, Problem> {
    let Query(asked) = asked.map_err(|refused| Problem::wrong(refused.body_text()))?;
    if !caller.may_everywhere(Scope::Read) {
        let detail = format!("the token of {} is for some repositories only", caller.name);
        return Err(Problem::new(StatusCode::FORBIDDEN, detail));
    }
    if !(1..=1000).contains(&asked.limit) {
        return Err(Problem::wrong("the limit is a number from 1 to 1000"));
    }
    let id = match asked.environment.as_str() {
        "" => None,
        name => {
            let id = site.directory().find(site.keeper(), name);
            Some(id.ok_or_else(|| Problem::not_there("environment"))?)
        }
    };
    let entries = audit::read(&site, id, asked.before, asked.limit).await?;
    Ok(Json(entries.iter().map(Line::of).collect()))
}
