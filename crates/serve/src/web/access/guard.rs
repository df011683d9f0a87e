//! What stands before every route: who asks, whether he may, whether he wants it himself, and whether he asks too often.

use std::time::Instant;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use boatyard_preview::config::Scope;

use super::caller::{Caller, Shown, Unknown};
use super::origin::is_own;
use crate::web::page;
use crate::web::peer::Peer;
use crate::web::problem::Problem;
use crate::web::site::Site;

/// Before the API: lets through who may, with a [`Caller`] among the extensions.
pub async fn guard(
    State((site, scope)): State<(Site, Scope)>,
    request: Request,
    next: Next,
) -> Response {
    let_through(&site, scope, request, next, |_, problem| {
        problem.into_response()
    })
    .await
}

/// Before the page: who may not is asked to log in.
pub async fn guard_page(
    State((site, scope)): State<(Site, Scope)>,
    request: Request,
    next: Next,
) -> Response {
    let_through(&site, scope, request, next, |request, problem| {
        page::refused(request, &problem)
    })
    .await
}

async fn let_through(
    site: &Site,
    scope: Scope,
    mut request: Request,
    next: Next,
    refused: fn(&Request, Problem) -> Response,
) -> Response {
    match check(site, scope, &request) {
        Ok(caller) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(problem) => refused(&request, problem),
    }
}

fn check(site: &Site, scope: Scope, request: &Request) -> Result<Caller, Problem> {
    let headers = request.headers();
    let caller = Caller::of(headers, Peer::of(request).from, site);
    admit(site, scope, request, caller)
}

/// Whether who asks may have this done, wants it himself, and does not ask too often.
pub fn admit(
    site: &Site,
    scope: Scope,
    request: &Request,
    caller: Result<Caller, Unknown>,
) -> Result<Caller, Problem> {
    let headers = request.headers();
    let caller = caller.map_err(unknown)?;
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD);
    if changes && caller.shown != Shown::Header {
        own(headers)?;
    }
    if !caller.may(scope) {
        return Err(refuse(&caller, scope));
    }
    if changes && is_too_often(site, &caller) {
        return Err(Problem::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too many requests from your address",
        )
        .help("log in, or wait a little")
        .retry(10));
    }
    Ok(caller)
}

/// Whether somebody whom nobody knows does what costs something too often.
pub fn is_too_often(site: &Site, caller: &Caller) -> bool {
    caller.shown == Shown::Nothing && !site.rate().allows(caller.from, Instant::now())
}

fn own(headers: &HeaderMap) -> Result<(), Problem> {
    if is_own(headers) {
        return Ok(());
    }
    let detail = "this was sent by a page of another site";
    Err(Problem::new(StatusCode::FORBIDDEN, detail)
        .help("send it from our own page, or with a token in the Authorization header"))
}

fn unknown(unknown: Unknown) -> Problem {
    let shown = match unknown {
        Unknown::Nobody(shown) => shown,
        Unknown::TooOften => return guessed_too_often(),
    };
    let problem = Problem::new(StatusCode::UNAUTHORIZED, "the token is not known here");
    match shown {
        Shown::Cookie => problem.help("log in again"),
        _ => problem
            .help("check the token: perhaps it was replaced in the configuration of the server"),
    }
}

/// What one is told who has shown too much that is not known here: whatever he shows now is not looked at.
pub fn guessed_too_often() -> Problem {
    let detail = "too many wrong tokens came from your address";
    Problem::new(StatusCode::TOO_MANY_REQUESTS, detail)
        .help("wait a little")
        .retry(10)
}

fn refuse(caller: &Caller, scope: Scope) -> Problem {
    let name = name(scope);
    if caller.shown == Shown::Nothing {
        let detail = format!("this needs a token with the scope \"{name}\"");
        return Problem::new(StatusCode::UNAUTHORIZED, detail)
            .help("send it as \"Authorization: Bearer TOKEN\"");
    }
    let detail = format!(
        "the token of {} does not have the scope \"{name}\"",
        caller.name
    );
    Problem::new(StatusCode::FORBIDDEN, detail)
}

/// A scope, as it stands in the configuration.
pub fn name(scope: Scope) -> &'static str {
    let all = Scope::ALL.into_iter();
    all.into_iter()
        .find(|(_, one)| *one == scope)
        .map_or("", |(name, _)| name)
}
