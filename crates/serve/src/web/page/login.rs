//! Logging in with a token, and out.

use axum::extract::rejection::FormRejection;
use axum::extract::{Form, Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;

use super::address;
use super::layout::{Layout, problem_page, security};
use crate::web::access::{
    Caller, Cookie, TooOften, cookie, find, is_own, is_plain, set_cookie, tried,
};
use crate::web::audit;
use crate::web::peer::Peer;
use crate::web::problem::Problem;
use crate::web::search::Asked;
use crate::web::site::Site;

/// How long a browser keeps a token, in seconds.
const KEPT: u64 = 30 * 24 * 3600;

/// Where one wanted to go.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct To {
    to: String,
    token: Option<String>,
}

/// What the form has.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Entered {
    token: String,
    to: String,
}

/// `GET /login`: the form, or at once with the token of an address that the server has told its operator.
pub async fn login(
    State(site): State<Site>,
    peer: Peer,
    headers: HeaderMap,
    Query(asked): Query<To>,
) -> Response {
    match &asked.token {
        None => (StatusCode::OK, security(), form(&site, &asked.to, None)).into_response(),
        Some(token) => enter(&site, peer, &headers, [token, &asked.to]).await,
    }
}

/// `POST /login`
pub async fn log_in(
    State(site): State<Site>,
    peer: Peer,
    headers: HeaderMap,
    entered: Result<Form<Entered>, FormRejection>,
) -> Response {
    match entered {
        Ok(Form(entered)) => enter(&site, peer, &headers, [&entered.token, &entered.to]).await,
        Err(_) => problem_page(&Problem::wrong("the form is none of ours"), None),
    }
}

/// Lets in whoever has a token, and sends him where he wanted to go.
async fn enter(site: &Site, peer: Peer, headers: &HeaderMap, [token, to]: [&str; 2]) -> Response {
    let settings = site.settings();
    if !is_own(headers) {
        return problem_page(&foreign(), None);
    }
    let token = token.trim();
    let found = tried(site, peer.from, |tokens| {
        find(tokens, token).filter(|_| is_plain(token))
    });
    let (status, wrong) = match found {
        Ok(Some(found)) => {
            let noted = audit::note(site, &found.name, "with a token", peer.from).await;
            if let Err(problem) = noted {
                return problem_page(&problem, None);
            }
            return with_cookie(
                Redirect::to(address::own(to)),
                &set_cookie(Cookie::Caller, Some(token), KEPT, &settings),
            );
        }
        Ok(None) => (StatusCode::UNAUTHORIZED, "This token is not known here."),
        Err(TooOften) => (
            StatusCode::TOO_MANY_REQUESTS,
            "Too many attempts: wait a little.",
        ),
    };
    (status, security(), form(site, to, Some(wrong))).into_response()
}

/// `POST /logout`
pub async fn log_out(State(site): State<Site>, peer: Peer, headers: HeaderMap) -> Response {
    if !is_own(&headers) {
        return problem_page(&foreign(), None);
    }
    let settings = site.settings();
    if let Ok(caller) = Caller::of(&headers, peer.from, &site)
        && caller.is_known()
    {
        // Whoever wants to be forgotten is, also if that cannot be written down.
        let _ = audit::note(&site, &caller.name, "logged out", peer.from).await;
    }
    if let Some(word) = cookie(Cookie::Caller, &headers, &settings) {
        settings.sessions.close(word);
    }
    let forget = set_cookie(Cookie::Caller, None, 0, &settings);
    with_cookie(Redirect::to("/"), &forget)
}

/// What one is told who may not: to log in, if that may help.
pub fn refused(request: &Request, problem: &Problem) -> Response {
    if problem.status == StatusCode::UNAUTHORIZED && *request.method() == Method::GET {
        let asked = request
            .uri()
            .path_and_query()
            .map_or("/", axum::http::uri::PathAndQuery::as_str);
        let to = form_urlencoded::Serializer::new(String::new())
            .append_pair("to", asked)
            .finish();
        return Redirect::to(&format!("/login?{to}")).into_response();
    }
    problem_page(problem, None)
}

fn foreign() -> Problem {
    Problem::new(
        StatusCode::FORBIDDEN,
        "this was sent by a page of another site",
    )
}

fn with_cookie(redirect: Redirect, cookie: &str) -> Response {
    let mut response = redirect.into_response();
    if let Ok(cookie) = HeaderValue::from_str(cookie) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

fn form(site: &Site, to: &str, wrong: Option<&str>) -> Markup {
    let settings = site.settings();
    let layout = Layout {
        title: "Log in",
        here: "/login",
        live: None,
        caller: None,
    };
    layout.page(&html! {
        h1 { "Log in" }
        @for name in settings.logins.keys() {
            p { a.open href=(address::with(&format!("/login/{name}"), &[("to", to)], &Asked::default())) { "Log in with " (name) } }
        }
        form.login method="post" action="/login" {
            input type="hidden" name="to" value=(to);
            label for="token" { "Token" }
            input #token type="password" name="token" required autofocus autocomplete="current-password"
                aria-describedby="about-token" aria-invalid=[wrong.map(|_| "true")];
            p #about-token .note { "Who runs this server gives you one." }
            @if let Some(wrong) = wrong { p.error role="alert" { (wrong) } }
            button.first type="submit" { "Log in" }
        }
    })
}
