//! One request to an environment that runs, and its answer back.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use axum::http::{Request, StatusCode, Uri, Version};
use axum::response::{IntoResponse, Response};
use boatyard_preview::id::Id;
use hyper::body::{Frame, SizeHint};

use super::answer::no_store;
use super::usage::{Open, used};
use super::{header, upgrade};
use crate::web::peer::Peer;
use crate::web::problem::Problem;
use crate::web::site::Site;

/// Hands a request on to where the environment answers.
pub async fn forward(
    site: &Site,
    id: &Id,
    address: SocketAddr,
    mut request: Request<Body>,
) -> Response {
    let settings = site.settings();
    site.metrics().proxied.fetch_add(1, Ordering::Relaxed);
    used(site, id);
    let open = site.usage().open(id);
    let peer = Peer::of(&request);
    let asked = header::strip(request.headers_mut());
    header::forwarded(
        request.headers_mut(),
        peer.from,
        settings.address.scheme(),
        peer.is_forwarded,
    );
    let here = asked.is_some().then(|| hyper::upgrade::on(&mut request));
    if let Some(asked) = asked {
        header::ask_upgrade(request.headers_mut(), asked);
    }
    let Some(uri) = to(address, request.uri()) else {
        return Problem::wrong("the path of the request is none").into_response();
    };
    *request.uri_mut() = uri;
    *request.version_mut() = Version::HTTP_11;
    request.extensions_mut().clear();
    let answer = tokio::time::timeout(settings.answer, site.client().0.request(request)).await;
    let mut response = match answer {
        Ok(Ok(response)) => response,
        Ok(Err(_)) => return bad(StatusCode::BAD_GATEWAY, "the environment does not answer"),
        Err(_) => {
            return bad(
                StatusCode::GATEWAY_TIMEOUT,
                "the environment takes too long to answer",
            );
        }
    };
    if response.status() == StatusCode::SWITCHING_PROTOCOLS {
        let there = hyper::upgrade::on(&mut response);
        let becomes = header::strip(response.headers_mut());
        let (Some(here), Some(becomes)) = (here, becomes) else {
            return bad(
                StatusCode::BAD_GATEWAY,
                "the environment answers what was not asked",
            );
        };
        header::ask_upgrade(response.headers_mut(), becomes);
        tokio::spawn(upgrade::join(here, there, open, site.ending()));
        return response.map(|_| Body::empty());
    }
    header::strip(response.headers_mut());
    response.map(|body| Body::new(Counted { body, _open: open }))
}

/// The same path where the environment answers.
fn to(address: SocketAddr, asked: &Uri) -> Option<Uri> {
    let path = asked
        .path_and_query()
        .map_or("/", axum::http::uri::PathAndQuery::as_str);
    Uri::builder()
        .scheme("http")
        .authority(address.to_string())
        .path_and_query(path)
        .build()
        .ok()
}

fn bad(status: StatusCode, detail: &str) -> Response {
    let problem = Problem::new(status, detail);
    no_store(
        problem
            .help("look at its log; it may be starting anew")
            .into_response(),
    )
}

/// An answer that counts as use until its end.
struct Counted {
    body: hyper::body::Incoming,
    _open: Open,
}

impl hyper::body::Body for Counted {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
