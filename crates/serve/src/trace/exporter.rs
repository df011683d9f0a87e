//! Sends spans, a second's worth at a time. What cannot be delivered is dropped: nobody waits for it, and nothing grows.

use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use boatyard_preview::config::Address;
use serde_json::{Value, json};
use ureq::Agent;

use super::span::Span;
use crate::forge::agent;

/// Spans that wait to be sent, at most, and that are sent at once.
const WAITING: usize = 8192;
const PORTION: usize = 512;
/// How long spans are collected.
const COLLECT: Duration = Duration::from_secs(1);
/// How often one portion is tried, and how long is waited after the first time; longer each time.
const TRIES: u32 = 3;
const BREATH: Duration = Duration::from_millis(500);

/// Where spans go, if anywhere. Clones lead to the same place.
#[derive(Clone, Debug, Default)]
pub struct Traces(Option<SyncSender<Span>>);

impl Traces {
    /// To the collector at that address, such as `http://127.0.0.1:4318`.
    ///
    /// # Errors
    /// If the thread that sends cannot be started, or the machine's certificates not be read.
    pub fn to(address: &str) -> io::Result<Self> {
        let parsed = Address::parse(address).ok();
        let is_web =
            parsed.is_some_and(|address| matches!(address.scheme.as_str(), "http" | "https"));
        if !is_web {
            let what =
                format!("{address} is no address of a collector, such as http://127.0.0.1:4318");
            return Err(io::Error::new(io::ErrorKind::InvalidInput, what));
        }
        let url = format!("{}/v1/traces", address.trim_end_matches('/'));
        let agent = agent(&url, None)?;
        let (sender, spans) = sync_channel(WAITING);
        thread::Builder::new()
            .name("traces".to_owned())
            .spawn(move || send_all(&agent, &url, &spans))?;
        Ok(Self(Some(sender)))
    }

    /// Whether anybody wants them.
    pub fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// Sends one some time, unless too many wait.
    pub fn send(&self, span: Span) {
        if let Some(sender) = &self.0 {
            let _ = sender.try_send(span);
        }
    }
}

/// Until nobody can send any more.
fn send_all(agent: &Agent, url: &str, spans: &Receiver<Span>) {
    while let Ok(first) = spans.recv() {
        let mut portion = vec![first.into_json()];
        let end = Instant::now() + COLLECT;
        let mut is_last = false;
        while portion.len() < PORTION {
            let left = end.saturating_duration_since(Instant::now());
            match spans.recv_timeout(left) {
                Ok(span) => portion.push(span.into_json()),
                Err(RecvTimeoutError::Timeout) => break,
                Err(RecvTimeoutError::Disconnected) => {
                    is_last = true;
                    break;
                }
            }
        }
        deliver(agent, url, &body(&portion).to_string());
        if is_last {
            return;
        }
    }
}

fn deliver(agent: &Agent, url: &str, body: &str) {
    for time in 0..TRIES {
        let sent = agent
            .post(url)
            .header("content-type", "application/json")
            .send(body);
        // What is wrong with the portion is wrong with it the next time.
        let is_over = sent.is_ok_and(|answer| {
            let status = answer.status().as_u16();
            status != 429 && status < 500
        });
        if is_over {
            return;
        }
        thread::sleep(BREATH * 2_u32.pow(time));
    }
}

fn body(spans: &[Value]) -> Value {
    let text = |name: &str, value: &str| json!({ "key": name, "value": { "stringValue": value } });
    let resource = [
        text("service.name", "boatyard"),
        text("service.version", env!("CARGO_PKG_VERSION")),
    ];
    json!({ "resourceSpans": [{
        "resource": { "attributes": resource },
        "scopeSpans": [{ "scope": { "name": "boatyard" }, "spans": spans }],
    }] })
}
