//! `GET /api/v1/builds/{name}/init-log`, `/log`: the whole log, as a page. It is sent as it is read, so that no page is ever in memory
//! as a whole.

use std::convert::Infallible;

use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use boatyard_preview::config::Scope;
use boatyard_preview::id::Id;
use futures_util::stream;

use super::ansi;
use super::lists::find;
use super::refusal::Refusal;
use crate::logs::Part;
use crate::web::access::Caller;
use crate::web::log::{self, Piece};
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
    let piece = log::read(site, id, part, 0).await?;
    if piece.lines.is_empty() {
        return Err(Refusal::new(StatusCode::NOT_FOUND, "No log found."));
    }
    let reader = Reader {
        site: site.clone(),
        log: (*id, part),
        from: 0,
        piece: Some(piece),
        left: PIECES,
        page: ansi::Page::new(),
    };
    let texts = stream::unfold(reader, async |mut reader| {
        let text = reader.next().await?;
        Some((Ok::<_, Infallible>(text), reader))
    });
    // What an application prints is not ours: no script of it runs, and it loads nothing.
    let policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";
    let headers = [
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    Ok((headers, Html(Body::from_stream(texts))).into_response())
}

/// Somebody who reads a log.
struct Reader {
    site: Site,
    log: (Id, Part),
    /// Where the piece begins.
    from: u64,
    /// What is shown next; none: that was all.
    piece: Option<Piece>,
    /// Pieces that are read at most after it.
    left: usize,
    page: ansi::Page,
}

impl Reader {
    /// Some of the page.
    async fn next(&mut self) -> Option<String> {
        let piece = self.piece.take()?;
        for line in &piece.lines {
            self.page.line(&line.text);
        }
        self.piece = self.after(&piece).await;
        if self.piece.is_none() {
            self.page.end();
        }
        Some(self.page.take())
    }

    /// What follows a piece.
    async fn after(&mut self, piece: &Piece) -> Option<Piece> {
        let is_last = piece.next >= piece.end || piece.next == self.from;
        if is_last || self.page.is_full() {
            return None;
        }
        self.left = self.left.checked_sub(1)?;
        self.from = piece.next;
        let (id, part) = &self.log;
        let read = log::read(&self.site, id, *part, self.from).await;
        match read {
            Ok(piece) => Some(piece),
            Err(problem) => {
                self.page.note(&problem.detail);
                None
            }
        }
    }
}
