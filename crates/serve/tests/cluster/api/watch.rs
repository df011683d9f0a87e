//! A watch, and how it goes wrong.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use axum::response::Response;
use futures_util::stream::unfold;
use serde_json::{Value, json};
use tokio::sync::mpsc::{Receiver, Sender, UnboundedReceiver, channel};
use tokio::time::{Instant, sleep, timeout};

use super::ask::Ask;
use super::fault::{End, Fault};
use super::reply;
use super::store::Change;
use super::{Api, Given};

/// How often a watch that has nothing to say says how far it is.
const MARK: Duration = Duration::from_millis(500);
/// How late is late.
const LATE: Duration = Duration::from_millis(200);

pub fn watch(api: &Arc<Api>, ask: &Ask) -> Response {
    let faults = api.faults();
    let forbids = |one: &Given| matches!(one.fault, Fault::Forbid(plural) if plural == ask.plural);
    if faults.iter().any(forbids) {
        return reply::status(403, "you may not watch that");
    }
    let gone = |fault: &Given| match fault.fault {
        Fault::WatchGone(every) => fault.turns.is_nth(every),
        _ => false,
    };
    if let Some(gone) = faults.iter().find(|one| gone(one)) {
        gone.strike();
        return reply::status(410, "too old resource version");
    }
    let is_streamed = ask.is("sendInitialEvents");
    let no_streams = faults.iter().find(|one| one.fault == Fault::NoStreams);
    if let Some(one) = no_streams.filter(|_| is_streamed) {
        one.strike();
        return reply::status(422, "sendInitialEvents: Forbidden");
    }
    let filter = ask.filter();
    let mut store = api.store();
    let mut first = VecDeque::new();
    let mut since = ask.number("resourceVersion").unwrap_or(0);
    if is_streamed {
        let stale = faults.iter().find_map(|one| match one.fault {
            Fault::Stale(changes) => {
                one.strike();
                Some(changes.min(store.version - store.floor))
            }
            _ => None,
        });
        let changes = stale.unwrap_or(0);
        since = store.version - changes;
        let all = store.list_before(&filter, changes);
        first.extend(all.iter().map(|one| line("ADDED", one)));
        first.push_back(mark(since, true));
    }
    let Some(changes) = store.watch(&filter, since) else {
        return reply::status(410, "too old resource version");
    };
    drop(store);
    let (sender, bytes) = channel(16);
    let seconds = ask.number("timeoutSeconds").unwrap_or(300);
    let telling = Telling {
        api: Arc::clone(api),
        faults,
        plural: ask.plural.clone(),
        changes,
        sender,
        end: Instant::now() + Duration::from_secs(seconds),
        told: 0,
    };
    tokio::spawn(telling.tell(first));
    reply::stream(unfold(bytes, |mut bytes: Receiver<Vec<u8>>| async {
        let one = bytes.recv().await?;
        Some((one, bytes))
    }))
}

struct Telling {
    api: Arc<Api>,
    faults: Vec<Given>,
    plural: String,
    changes: UnboundedReceiver<Change>,
    sender: Sender<Vec<u8>>,
    end: Instant,
    told: usize,
}

impl Telling {
    async fn tell(mut self, first: VecDeque<Vec<u8>>) {
        for one in first {
            if self.sender.send(one).await.is_err() {
                return;
            }
        }
        while Instant::now() < self.end && !self.sender.is_closed() {
            match timeout(MARK, self.changes.recv()).await {
                Ok(Some(change)) => {
                    if !self.change(&change).await {
                        return;
                    }
                }
                Ok(None) => return,
                Err(_) => {
                    let version = {
                        let store = self.api.store();
                        // What has just come is told first.
                        self.changes.is_empty().then_some(store.version)
                    };
                    if let Some(version) = version
                        && self.sender.send(mark(version, false)).await.is_err()
                    {
                        return;
                    }
                }
            }
        }
    }

    /// Whether it goes on.
    async fn change(&mut self, change: &Change) -> bool {
        self.told += 1;
        let mut times = 1;
        let mut end = None;
        for one in &self.faults {
            match one.fault {
                Fault::Drop(every) if one.turns.is_nth(every) => times = 0,
                Fault::Again => times = 2,
                Fault::Late(plural) if plural == self.plural => sleep(LATE).await,
                Fault::End(after, how) if self.told >= after => end = Some(how),
                _ => continue,
            }
            one.strike();
        }
        for _ in 0..times {
            let line = line(change.what, &change.object);
            if self.sender.send(line).await.is_err() {
                return false;
            }
        }
        let Some(end) = end else {
            return true;
        };
        let last: Vec<u8> = match end {
            End::Close => Vec::new(),
            End::Gone => {
                let status = json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": 410, "reason": "Expired",
                    "message": "too old resource version"});
                line("ERROR", &status)
            }
            End::HalfLine => b"{\"type\":\"MODIFIED\",\"object\":{\"metadata\":{\"na".to_vec(),
            End::NoText => b"{\"type\":\"MODIFIED\",\"object\":\xff\xfe}\n".to_vec(),
            End::Unknown => b"{\"type\":\"REVISED\",\"object\":{}}\n".to_vec(),
            End::Giant => {
                let mut giant = (*change.object).clone();
                giant["metadata"]["annotations"]["giant"] = json!("x".repeat(2 << 20));
                line("MODIFIED", &giant)
            }
            End::Silence => {
                self.sender.closed().await;
                Vec::new()
            }
        };
        let _ = self.sender.send(last).await;
        false
    }
}

fn line(what: &str, object: &Value) -> Vec<u8> {
    format!("{{\"type\":\"{what}\",\"object\":{object}}}\n").into_bytes()
}

fn mark(version: u64, is_first: bool) -> Vec<u8> {
    let mut annotations = json!({});
    if is_first {
        annotations["k8s.io/initial-events-end"] = json!("true");
    }
    let metadata = json!({"resourceVersion": version.to_string(), "annotations": annotations});
    let object = json!({"kind": "Object", "apiVersion": "v1", "metadata": metadata});
    line("BOOKMARK", &object)
}
