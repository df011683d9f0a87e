//! The way.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{Response, StatusCode, Uri, header};
use futures_util::stream::iter;
use kube::Client;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::time::sleep;

use super::call::{Asks, Call, paged};
use super::fault::{Fate, Fault, Faults};
use super::told::told;
use crate::cluster::Cluster;

/// How long what is asked may be.
const LONGEST: usize = 8 << 20;

/// A way to the API server that goes wrong as it is told. Without TLS: who comes over it has all rights.
pub struct Relay {
    address: SocketAddr,
    faults: Arc<Faults>,
}

struct Way {
    client: Client,
    faults: Arc<Faults>,
}

impl Cluster {
    /// A new one, on which nothing goes wrong yet. It is there until the cluster ends.
    ///
    /// # Panics
    ///
    /// If this machine gives no port.
    pub fn relay(&self) -> Relay {
        let faults = Arc::<Faults>::default();
        let way = Way {
            client: self.client(),
            faults: faults.clone(),
        };
        let address = self.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await;
            let listener = listener.expect("a port is free");
            let router = Router::new().fallback(pass).with_state(Arc::new(way));
            let address = listener.local_addr().expect("it listens");
            tokio::spawn(async move { axum::serve(listener, router).await });
            address
        });
        Relay { address, faults }
    }
}

impl Relay {
    /// Its address.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From now on these go wrong, and nothing else.
    pub fn suffer(&self, faults: &[Fault]) {
        self.faults.set(faults);
    }

    /// What of it has not gone wrong yet.
    pub fn unstruck(&self) -> Vec<Fault> {
        self.faults.unstruck()
    }
}

async fn pass(State(way): State<Arc<Way>>, request: Request) -> Response<Body> {
    let call = Call::of(request.method(), request.uri());
    if let Some(time) = way.faults.slow() {
        sleep(time).await;
    }
    let fate = way.faults.fate(&call);
    let answer = match fate {
        Fate::Status(_, false) | Fate::Cut(false) => None,
        Fate::Pass | Fate::Status(_, true) | Fate::Cut(true) => Some(way.ask(request).await),
    };
    match (fate, answer) {
        (Fate::Pass, Some(Ok(answer))) if call.is_watch() && answer.status().is_success() => {
            let faults = way.faults.clone();
            answer.map(|body| told(faults, call.plural, call.asks == Asks::Streamed, body))
        }
        (Fate::Pass, Some(Ok(answer))) => answer,
        (Fate::Status(code, _), _) => status(code),
        _ => cut(),
    }
}

impl Way {
    /// What the API server answers.
    async fn ask(&self, request: Request) -> Result<Response<Body>, axum::Error> {
        let (mut parts, body) = request.into_parts();
        if let Some(size) = self.faults.page() {
            parts.uri = paged(&parts.uri, size).parse().map_err(axum::Error::new)?;
        }
        // What is about this connection and not about the call.
        for name in [header::HOST, header::CONNECTION, header::CONTENT_LENGTH] {
            parts.headers.remove(name);
        }
        parts.uri = Uri::builder()
            .path_and_query(parts.uri.path_and_query().map_or("/", |one| one.as_str()))
            .build()
            .map_err(axum::Error::new)?;
        let body = to_bytes(body, LONGEST).await?;
        let request = Request::from_parts(parts, kube::client::Body::from(body));
        let answer = self.client.send(request).await.map_err(axum::Error::new)?;
        Ok(answer.map(Body::new))
    }
}

/// What an API server says where it does not do what is asked.
fn status(code: u16) -> Response<Body> {
    let reason = match code {
        409 => "Conflict",
        410 => "Expired",
        422 => "Invalid",
        429 => "TooManyRequests",
        _ => "InternalError",
    };
    let message = if code == 409 {
        "the object has been modified; please apply your changes to the latest version and try again"
    } else {
        "it went wrong on the way"
    };
    let said = json!({
        "kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "reason": reason, "message": message,
    });
    let mut answer = Response::new(Body::from(said.to_string()));
    *answer.status_mut() = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let json = header::HeaderValue::from_static("application/json");
    answer.headers_mut().insert(header::CONTENT_TYPE, json);
    answer
}

/// The connection is closed in the middle of the answer.
fn cut() -> Response<Body> {
    let begun = Ok(Bytes::from_static(b"{"));
    let broken = Err(std::io::Error::other("cut"));
    Response::new(Body::from_stream(iter([begun, broken])))
}
