//! An application that tells what it was asked, streams, and becomes an echo.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use axum::{Json, Router};
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio::net::TcpListener;

pub async fn start() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new()
        .route("/upgrade", get(upgrade))
        .route("/drip", get(drip))
        .route("/standby", get(async || [("boatyard-standby", "1")]))
        .fallback(any(tell));
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

async fn tell(method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> impl IntoResponse {
    let pair = |(name, value): (&axum::http::HeaderName, &axum::http::HeaderValue)| {
        (name.to_string(), value.to_str().unwrap_or("?").to_owned())
    };
    let headers: BTreeMap<String, String> = headers.iter().map(pair).collect();
    let told = json!({ "method": method.as_str(), "uri": uri.to_string(), "headers": headers, "bytes": body.len() });
    let own = [
        ("x-app", "yes"),
        ("connection", "x-between"),
        ("x-between", "1"),
        ("content-security-policy", "mine"),
    ];
    (StatusCode::IM_A_TEAPOT, own, Json(told))
}

/// Sends a first piece, and no end.
async fn drip() -> Response {
    let pieces = futures_util::stream::unfold(true, |is_first| async move {
        if !is_first {
            std::future::pending::<()>().await;
        }
        Some((Ok::<_, std::convert::Infallible>("first\n"), false))
    });
    Body::from_stream(pieces).into_response()
}

async fn upgrade(mut request: Request) -> Response {
    let asked = request.headers().get("upgrade").cloned();
    if asked.as_ref().is_none_or(|asked| asked != "echo") {
        return StatusCode::BAD_REQUEST.into_response();
    }
    let upgraded = hyper::upgrade::on(&mut request);
    tokio::spawn(async move {
        let upgraded = TokioIo::new(upgraded.await.unwrap());
        let (mut read, mut write) = tokio::io::split(upgraded);
        tokio::io::copy(&mut read, &mut write).await
    });
    let headers = [("connection", "upgrade"), ("upgrade", "echo")];
    (StatusCode::SWITCHING_PROTOCOLS, headers).into_response()
}
