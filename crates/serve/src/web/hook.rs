//! `POST /hooks/FORGE`: what forges send. It is written down before they are told that it was heard.

use std::time::Instant;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use super::problem::Problem;
use super::site::{NotHeard, Site};

/// Takes in a delivery: 202 once it is written down, 200 if it was before.
pub async fn hear(
    State(site): State<Site>,
    Path(forge): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let begin = Instant::now();
    let metrics = site.metrics();
    let heard = match (site.deliver())(&forge, &headers, &body) {
        Ok(heard) => heard,
        Err(why) => {
            metrics.hooks.refused();
            return refuse(&forge, why).into_response();
        }
    };
    match site.keeper().hear(heard).await {
        Ok(true) => {
            metrics.hooks.heard();
            metrics.reaction.observe(begin.elapsed());
            StatusCode::ACCEPTED.into_response()
        }
        Ok(false) => {
            metrics.hooks.known();
            StatusCode::OK.into_response()
        }
        Err(stopped) => {
            metrics.hooks.refused();
            let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, stopped.to_string());
            problem.help("send it again").retry(5).into_response()
        }
    }
}

fn refuse(forge: &str, why: NotHeard) -> Problem {
    match why {
        NotHeard::NoForge => Problem::not_there("forge")
            .help("the path ends in the name of a forge of the configuration"),
        NotHeard::Signature => {
            let detail = "the signature is not there or not right";
            Problem::new(StatusCode::UNAUTHORIZED, detail).help(format!(
                "give \"{forge}\" the secret that stands in the configuration"
            ))
        }
        NotHeard::Rubbish(what) => Problem::wrong(what),
    }
}
