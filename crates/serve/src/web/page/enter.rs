//! Logging in somewhere else: `GET /login/{name}` and where the browser comes back to.

use std::time::Instant;

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::address;
use super::layout::problem_page;
use crate::causes::in_one_line;
use crate::login::{Attempt, LoginError, SESSION};
use crate::web::access::{Cookie, cookie, set_cookie};
use crate::web::audit;
use crate::web::peer::Peer;
use crate::web::problem::Problem;
use crate::web::site::Site;

/// Where one wanted to go.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct To {
    to: String,
}

/// What the browser brings back.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Back {
    code: String,
    state: String,
    iss: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
}

/// `GET /login/{name}`: sends the browser there.
pub async fn begin(
    State(site): State<Site>,
    peer: Peer,
    Path(name): Path<String>,
    Query(to): Query<To>,
) -> Response {
    if !site.rate().allows(peer.from, Instant::now()) {
        let status = StatusCode::TOO_MANY_REQUESTS;
        let problem = Problem::new(status, "too many attempts").help("wait a little");
        return problem_page(&problem, None);
    }
    match sent(&site, &name, &to.to).await {
        Ok(response) => response,
        Err(problem) => problem_page(&problem, None),
    }
}

async fn sent(site: &Site, name: &str, to: &str) -> Result<Response, Problem> {
    let settings = site.settings();
    let provider = settings.logins.get(name).cloned();
    let provider = provider.ok_or_else(|| Problem::not_there("login"))?;
    let own = settings.address.at(settings.address.host());
    let attempt = Attempt::new(format!("{own}/login/{name}/callback")).map_err(problem)?;
    let begun = attempt.clone();
    let url = blocking(move || provider.begin(&begun)).await?;
    let word = settings
        .sessions
        .begin(name, attempt, address::own(to))
        .map_err(problem)?;
    let mut response = Redirect::to(&url).into_response();
    add(
        &mut response,
        &set_cookie(Cookie::Login, Some(&word), 600, &settings),
    );
    Ok(response)
}

/// `GET /login/{name}/callback`: where the browser comes back to.
pub async fn come_back(
    State(site): State<Site>,
    peer: Peer,
    Path(name): Path<String>,
    headers: HeaderMap,
    Query(back): Query<Back>,
) -> Response {
    match entered(&site, (&name, peer), &headers, &back).await {
        Ok(response) => response,
        Err(problem) => problem_page(&problem, None),
    }
}

async fn entered(
    site: &Site,
    (name, peer): (&str, Peer),
    headers: &HeaderMap,
    back: &Back,
) -> Result<Response, Problem> {
    let settings = site.settings();
    let provider = settings.logins.get(name).cloned();
    let provider = provider.ok_or_else(|| Problem::not_there("login"))?;
    let word = cookie(Cookie::Login, headers, &settings).unwrap_or_default();
    let pending = settings
        .sessions
        .come_back(name, &back.state, word)
        .map_err(problem)?;
    // RFC 9207: else another provider may have sent the browser here.
    let is_other = |iss: &String| provider.issuer().is_some_and(|own| own != iss);
    if back.iss.as_ref().is_some_and(is_other) {
        return Err(problem(LoginError::NotBegun));
    }
    if let Some(error) = &back.error {
        let why = back.error_description.as_ref().unwrap_or(error).clone();
        let name = name.to_owned();
        return Err(problem(LoginError::Refused { name, why }));
    }
    let (code, to) = (back.code.clone(), pending.to.clone());
    let (who, grants) = blocking(move || provider.finish(&pending.attempt, &code)).await?;
    let how = if grants.is_empty() {
        format!("at {name}, refused: no role fits")
    } else {
        format!("at {name}")
    };
    audit::note(site, &who, &how, peer.from).await?;
    if grants.is_empty() {
        let detail = format!("{who} may do nothing here");
        return Err(Problem::new(StatusCode::FORBIDDEN, detail)
            .help("who runs this server can give a role to you or to a group of yours"));
    }
    let word = settings.sessions.open(who, grants).map_err(problem)?;
    let mut response = Redirect::to(&to).into_response();
    let age = SESSION.as_secs();
    add(
        &mut response,
        &set_cookie(Cookie::Caller, Some(&word), age, &settings),
    );
    add(
        &mut response,
        &set_cookie(Cookie::Login, None, 0, &settings),
    );
    Ok(response)
}

/// Asks a provider, which may take a while.
async fn blocking<T: Send + 'static>(
    ask: impl FnOnce() -> Result<T, LoginError> + Send + 'static,
) -> Result<T, Problem> {
    let asked = tokio::task::spawn_blocking(ask).await;
    let asked = asked
        .map_err(|ended| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, ended.to_string()))?;
    asked.map_err(problem)
}

#[expect(clippy::needless_pass_by_value, reason = "it is what map_err gives")]
fn problem(error: LoginError) -> Problem {
    let (status, help) = match &error {
        LoginError::NotBegun => (StatusCode::BAD_REQUEST, "begin again on the login page"),
        LoginError::Refused { .. } => (StatusCode::FORBIDDEN, "begin again on the login page"),
        LoginError::TooMany => (StatusCode::SERVICE_UNAVAILABLE, "wait a little"),
        LoginError::NoChance => (
            StatusCode::INTERNAL_SERVER_ERROR,
            "tell who runs this server",
        ),
        _ => (
            StatusCode::BAD_GATEWAY,
            "try again, or tell who runs this server",
        ),
    };
    Problem::new(status, in_one_line(&error)).help(help)
}

fn add(response: &mut Response, cookie: &str) {
    if let Ok(cookie) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}
