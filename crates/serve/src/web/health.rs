//! Whether the server lives, and whether it can do its work.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::site::Site;

/// It answers.
pub async fn lives() -> &'static str {
    "ok\n"
}

/// What is written down has been read, and what comes is written down. A server that ends is not ready: nothing more is sent
/// to it.
pub async fn is_ready(State(site): State<Site>) -> Response {
    if *site.ending().borrow() {
        return (StatusCode::SERVICE_UNAVAILABLE, "the server is ending\n").into_response();
    }
    match site.keeper().hear(crate::keeper::Heard::default()).await {
        Ok(_) => "ok\n".into_response(),
        Err(stopped) => (StatusCode::SERVICE_UNAVAILABLE, format!("{stopped}\n")).into_response(),
    }
}
