//! One request to where it is for, and the answer back: what is between neighbours stays there, upgrades go through.

use std::net::SocketAddr;

use axum::body::Body;
use axum::http::{Request, Response, StatusCode, Uri, Version};
use hyper::body::Incoming;
use hyper::upgrade::OnUpgrade;

use super::client::Client;
use super::header;
use crate::web::peer::Peer;
use crate::web::settings::Settings;

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failed {
    /// The path is none.
    NoPath,
    /// Nobody answers.
    Unreached,
    /// Nobody answers in time.
    TooLong,
    /// It becomes what nobody has asked for.
    Unasked,
}

/// Both sides of a connection that becomes something else.
pub type Both = (OnUpgrade, OnUpgrade);

/// Hands a request of `peer` on to `address`; the answer, and what is to be joined if the connection becomes something else.
pub async fn pass(
    client: &Client,
    settings: &Settings,
    address: SocketAddr,
    peer: Peer,
    mut request: Request<Body>,
) -> Result<(Response<Incoming>, Option<Both>), Failed> {
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
    *request.uri_mut() = to(address, request.uri()).ok_or(Failed::NoPath)?;
    *request.version_mut() = Version::HTTP_11;
    request.extensions_mut().clear();
    let answer = tokio::time::timeout(settings.answer, client.0.request(request)).await;
    let mut response = match answer {
        Ok(Ok(response)) => response,
        Ok(Err(_)) => return Err(Failed::Unreached),
        Err(_) => return Err(Failed::TooLong),
    };
    if response.status() != StatusCode::SWITCHING_PROTOCOLS {
        header::strip(response.headers_mut());
        return Ok((response, None));
    }
    let there = hyper::upgrade::on(&mut response);
    let becomes = header::strip(response.headers_mut());
    let (Some(here), Some(becomes)) = (here, becomes) else {
        return Err(Failed::Unasked);
    };
    header::ask_upgrade(response.headers_mut(), becomes);
    Ok((response, Some((here, there))))
}

/// The same path there.
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
