//! `POST /webhooks/github`: where runboat's users have GitHub send its hooks.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use boatyard_preview::config::{Config, Kind};

use super::refusal::Refusal;
use crate::web::hook;
use crate::web::site::Site;

/// Where.
pub const PATH: &str = "/webhooks/github";

/// `POST /webhooks/github`: 200 and `null` once it is written down.
pub async fn hear(State(site): State<Site>, headers: HeaderMap, body: Bytes) -> Response {
    let Some(forge) = github(&site.hooks().config).map(str::to_owned) else {
        let detail = "the configuration has no forge of the kind \"github\"";
        return Refusal::new(StatusCode::NOT_FOUND, detail).into_response();
    };
    let answer = hook::hear(State(site), Path(forge), headers, body).await;
    match answer.status() {
        StatusCode::ACCEPTED | StatusCode::OK => Json(()).into_response(),
        _ => answer,
    }
}

/// Which forge that is: github.com, else the first that speaks as it does.
fn github(config: &Config) -> Option<&str> {
    let all = config
        .forges
        .iter()
        .filter(|(_, forge)| forge.kind == Kind::GitHub);
    let found = all.min_by_key(|(_, forge)| forge.name() != "github.com");
    found.map(|(name, _)| name.as_str())
}
