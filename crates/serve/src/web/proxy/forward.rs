//! One request to an environment that runs, and its answer back.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use axum::http::{Request, StatusCode};
use axum::response::{IntoResponse, Response};
use boatyard_preview::id::Id;
use hyper::body::{Frame, SizeHint};

use super::answer::no_store;
use super::cookie::confine;
use super::pass::{Failed, pass};
use super::upgrade;
use super::usage::{Open, used};
use crate::web::host::Host;
use crate::web::peer::Peer;
use crate::web::problem::Problem;
use crate::web::site::Site;

/// Hands a request on to where the environment answers.
pub async fn forward(
    site: &Site,
    id: &Id,
    address: SocketAddr,
    request: Request<Body>,
) -> Response {
    let settings = site.settings();
    site.metrics().proxied.fetch_add(1, Ordering::Relaxed);
    used(site, id);
    let open = site.usage().open(id);
    let peer = Peer::of(&request);
    let host = match Host::asked(&request, &settings) {
        Host::Environment(label) => format!("{label}.{}", settings.domain),
        // It is one no longer: the settings have changed meanwhile.
        Host::Own | Host::Foreign => String::new(),
    };
    let mut passed = pass(site.client(), &settings, address, peer, request).await;
    if let Ok((response, _)) = &mut passed {
        confine(response.headers_mut(), &host);
    }
    match passed {
        Ok((response, Some((here, there)))) => {
            tokio::spawn(upgrade::join(here, there, open, site.ending()));
            response.map(|_| Body::empty())
        }
        Ok((response, None)) => response.map(|body| Body::new(Counted { body, _open: open })),
        Err(Failed::NoPath) => Problem::wrong("the path of the request is none").into_response(),
        Err(Failed::Unreached) => bad(StatusCode::BAD_GATEWAY, "the environment does not answer"),
        Err(Failed::TooLong) => bad(
            StatusCode::GATEWAY_TIMEOUT,
            "the environment takes too long to answer",
        ),
        Err(Failed::Unasked) => bad(
            StatusCode::BAD_GATEWAY,
            "the environment answers what was not asked",
        ),
    }
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
