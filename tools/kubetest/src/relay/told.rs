//! What a watch tells, and how that goes wrong.

use std::collections::VecDeque;
use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, BodyDataStream, Bytes};
use futures_util::StreamExt as _;
use futures_util::stream::unfold;
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use super::fault::{End, Faults};

/// How late is late.
const LATE: Duration = Duration::from_millis(200);
/// How often one that says nothing looks whether nobody is there any more.
const LOOK: Duration = Duration::from_millis(200);

/// What passes of the events in `body`, of `plural`. Those of a list come first, and are not touched.
pub fn told(faults: Arc<Faults>, plural: String, is_streamed: bool, body: Body) -> Body {
    let watch = Watch {
        faults,
        plural,
        bytes: body.into_data_stream(),
        rest: Vec::new(),
        out: VecDeque::new(),
        is_coming: is_streamed,
        history: Vec::new(),
        end: None,
    };
    Body::from_stream(unfold(watch, |mut watch| async {
        let line = watch.next().await?;
        Some((Ok::<_, axum::Error>(Bytes::from(line)), watch))
    }))
}

struct Watch {
    faults: Arc<Faults>,
    plural: String,
    bytes: BodyDataStream,
    /// What came after the last line.
    rest: Vec<u8>,
    /// What is told next.
    out: VecDeque<Vec<u8>>,
    /// Whether what comes is still the list.
    is_coming: bool,
    /// The events so far.
    history: Vec<Vec<u8>>,
    end: Option<End>,
}

impl Watch {
    async fn next(&mut self) -> Option<Vec<u8>> {
        loop {
            if let Some(line) = self.out.pop_front() {
                return Some(line);
            }
            match self.end {
                Some(End::Silence) => pending().await,
                Some(_) => return None,
                None => {}
            }
            let line = self.line().await?;
            self.hear(line).await;
        }
    }

    /// The next line from the server; none: it has ended, or nobody is there.
    async fn line(&mut self) -> Option<Vec<u8>> {
        loop {
            if let Some(end) = self.rest.iter().position(|byte| *byte == b'\n') {
                let rest = self.rest.split_off(end + 1);
                return Some(std::mem::replace(&mut self.rest, rest));
            }
            match timeout(LOOK, self.bytes.next()).await {
                Ok(Some(Ok(bytes))) => self.rest.extend_from_slice(&bytes),
                Ok(_) => return None,
                Err(_) => {}
            }
            if self.faults.is_down() {
                return None;
            }
        }
    }

    async fn hear(&mut self, line: Vec<u8>) {
        if line.starts_with(b"{\"type\":\"BOOKMARK\"") {
            self.is_coming = false;
        } else if !self.is_coming {
            return self.event(line).await;
        }
        self.out.push_back(line);
    }

    async fn event(&mut self, line: Vec<u8>) {
        let telling = self.faults.telling(&self.plural, self.history.len() + 1);
        if telling.is_late {
            sleep(LATE).await;
        }
        if telling.is_again {
            self.out.extend(self.history.iter().cloned());
        }
        if !telling.is_lost {
            self.out.push_back(line.clone());
        }
        if let Some(end) = telling.end {
            self.out.push_back(last(end, &line));
            self.end = Some(end);
        }
        self.history.push(line);
    }
}

/// With what a watch ends whose last event was `line`.
fn last(end: End, line: &[u8]) -> Vec<u8> {
    match end {
        End::Close | End::Silence => Vec::new(),
        End::Gone => {
            let status = json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": 410, "reason": "Expired",
                "message": "too old resource version"});
            format!("{}\n", json!({"type": "ERROR", "object": status})).into_bytes()
        }
        End::HalfLine => b"{\"type\":\"MODIFIED\",\"object\":{\"metadata\":{\"na".to_vec(),
        End::NoText => b"{\"type\":\"MODIFIED\",\"object\":\xff\xfe}\n".to_vec(),
        End::Unknown => b"{\"type\":\"REVISED\",\"object\":{}}\n".to_vec(),
        End::Giant => {
            let mut event: Value = serde_json::from_slice(line).unwrap_or_default();
            event["object"]["metadata"]["annotations"]["giant"] = json!("x".repeat(2 << 20));
            format!("{event}\n").into_bytes()
        }
    }
}
