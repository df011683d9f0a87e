//! `POST /webhooks/github`: where runboat's users have GitHub send its hooks.

use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use boatyard_preview::config::{Config, Kind};

use super::refusal::Refusal;
use crate::web::hook::{self, Room};
use crate::web::site::Site;

/// Where.
pub const PATH: &str = "/webhooks/github";

/// `POST /webhooks/github`: 200 and `null` once it is written down.
pub async fn hear(State(site): State<Site>, room: Extension<Room>, request: Request) -> Response {
    let Some(forge) = github(&site.hooks().config).map(str::to_owned) else {
        hook::pass_over(request.into_body().into_data_stream());
        let detail = "the configuration has no forge of the kind \"github\"";
        return Refusal::new(StatusCode::NOT_FOUND, detail).into_response();
    };
    let answer = hook::hear(State(site), room, Path(forge), request).await;
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
