//! Answers of the API server.

use axum::body::{Body, Bytes};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream::{iter, pending};
use futures_util::{Stream, StreamExt as _};
use serde_json::{Value, json};

pub fn object(value: &Value) -> Response {
    let json = [(header::CONTENT_TYPE, "application/json")];
    (json, value.to_string()).into_response()
}

pub fn status(code: u16, message: &str) -> Response {
    let reason = match code {
        404 => "NotFound",
        409 => "Conflict",
        410 => "Expired",
        _ => "",
    };
    let body = json!({
        "kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "reason": reason, "message": message,
    });
    let mut answer = object(&body);
    *answer.status_mut() = StatusCode::from_u16(code).unwrap();
    answer
}

/// The connection is closed in the middle of the answer.
pub fn cut() -> Response {
    let broken = iter([
        Ok(Bytes::from_static(b"{")),
        Err(std::io::Error::other("cut")),
    ]);
    Response::new(Body::from_stream(broken))
}

/// Bytes as they come.
pub fn stream(bytes: impl Stream<Item = Vec<u8>> + Send + 'static) -> Response {
    let bytes = bytes.map(|one| Ok::<_, std::convert::Infallible>(Bytes::from(one)));
    Response::new(Body::from_stream(bytes))
}

/// A log in which nothing is written.
pub fn quiet() -> Response {
    stream(pending())
}

pub fn version() -> Response {
    object(&json!({
        "major": "1", "minor": "33", "gitVersion": "v1.33.0", "gitCommit": "", "gitTreeState": "clean",
        "buildDate": "", "goVersion": "", "compiler": "gc", "platform": "linux/amd64",
    }))
}

/// What kinds there are in a group.
pub fn kinds(group: &str) -> Response {
    let all: &[(&str, &str, bool)] = match group {
        "v1" => &[
            ("Namespace", "namespaces", false),
            ("ResourceQuota", "resourcequotas", true),
            ("LimitRange", "limitranges", true),
            ("ServiceAccount", "serviceaccounts", true),
            ("Service", "services", true),
        ],
        "networking.k8s.io/v1" => &[("NetworkPolicy", "networkpolicies", true)],
        _ => &[("Deployment", "deployments", true)],
    };
    let kinds = all.iter().map(|(kind, plural, inside)| {
        json!({"name": plural, "singularName": "", "kind": kind, "namespaced": inside, "verbs": ["get", "list", "patch", "watch"]})
    });
    let kinds: Vec<Value> = kinds.collect();
    object(
        &json!({"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": group, "resources": kinds}),
    )
}
