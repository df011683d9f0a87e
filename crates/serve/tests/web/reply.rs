//! What is answered.

use std::net::SocketAddr;

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, Response, StatusCode};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

use super::yard::LIMIT;

pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Reply {
    /// Asks a server for something of a host; `more`: header lines, `name: value`.
    pub async fn ask(
        address: SocketAddr,
        method: Method,
        (host, path): (&str, &str),
        more: &[&str],
        body: &str,
    ) -> Self {
        let request = Request::builder()
            .method(method)
            .uri(format!("http://{address}{path}"))
            .header("host", host);
        let request = more.iter().fold(request, |request, line| {
            let (name, value) = line.split_once(": ").unwrap();
            request.header(name, value)
        });
        let request = request.body(Body::from(body.to_owned())).unwrap();
        let client = Client::builder(TokioExecutor::new()).build_http();
        let response = tokio::time::timeout(LIMIT, client.request(request)).await;
        let reply = Self::of(response.expect("waited for an answer").unwrap());
        tokio::time::timeout(LIMIT, reply)
            .await
            .expect("waited for the end of an answer")
    }

    pub async fn of(response: Response<hyper::body::Incoming>) -> Self {
        let (parts, body) = response.into_parts();
        let body = to_bytes(Body::new(body), usize::MAX).await.unwrap();
        Self {
            status: parts.status,
            headers: parts.headers,
            text: String::from_utf8_lossy(&body).into_owned(),
        }
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    /// That it went wrong in this way, told as problems are.
    #[track_caller]
    pub fn is_problem(&self, status: u16, detail: &str) {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        assert_eq!(
            self.header("content-type"),
            "application/problem+json",
            "{}",
            self.text
        );
        let problem = self.json();
        assert_eq!(problem["status"], status);
        let found = problem["detail"].as_str().unwrap();
        assert!(found.contains(detail), "{found}");
    }
}
