//! `GET /api/v1/builds/{name}/init-log`, `/log`: the whole log, as a page.

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use boatyard_preview::config::Scope;
use boatyard_preview::id::Id;

use super::ansi;
use super::lists::find;
use super::refusal::Refusal;
use crate::logs::Part;
use crate::web::access::Caller;
use crate::web::log;
use crate::web::site::Site;

/// Pieces that are read at most; what is kept of a log has about seventy.
const PIECES: usize = 200;

/// `GET /api/v1/builds/{name}/init-log`
pub async fn initializing(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(name): Path<String>,
) -> Result<Response, Refusal> {
    let (one, _) = find(&site, &caller, Scope::Read, &name)?;
    whole(&site, &one.id, Part::Prepare).await
}

/// `GET /api/v1/builds/{name}/log`
pub async fn running(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(name): Path<String>,
) -> Result<Response, Refusal> {
    let (one, _) = find(&site, &caller, Scope::Read, &name)?;
    whole(&site, &one.id, Part::Run).await
}

async fn whole(site: &Site, id: &Id, part: Part) -> Result<Response, Refusal> {
    let mut page = ansi::Page::default();
    let (mut from, mut is_empty) = (0, true);
    for _ in 0..PIECES {
        let piece = log::read(site, id, part, from).await?;
        for line in &piece.lines {
            page.line(&line.text);
            is_empty = false;
        }
        if piece.next >= piece.end || piece.next == from {
            break;
        }
        from = piece.next;
    }
    if is_empty {
        return Err(Refusal::new(StatusCode::NOT_FOUND, "No log found."));
    }
    // What an application prints is not ours: no script of it runs, and it loads nothing.
    let policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";
    let headers = [
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    Ok((headers, Html(page.finish())).into_response())
}
