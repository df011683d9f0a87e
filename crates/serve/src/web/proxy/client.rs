//! Connections to environments.

use std::time::Duration;

use axum::body::Body;
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};

/// To reach an environment, which is near.
const CONNECT: Duration = Duration::from_secs(2);
/// A connection that nobody uses is kept for as long; servers close theirs after 5 s often.
const IDLE: Duration = Duration::from_secs(4);

/// Who asks environments.
pub struct Client(pub legacy::Client<HttpConnector, Body>);

impl Client {
    /// One without connections yet.
    pub fn new() -> Self {
        let mut connector = HttpConnector::new();
        connector.set_connect_timeout(Some(CONNECT));
        connector.set_nodelay(true);
        let client = legacy::Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(32)
            .set_host(false)
            .build(connector);
        Self(client)
    }
}
