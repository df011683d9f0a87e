//! An API server that follows a script: it keeps objects, tells who watches, and goes wrong as it is told. What controllers and
//! nodes do happens at once.

mod ask;
mod controller;
pub mod fault;
mod reply;
pub mod store;
mod watch;

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::Method;
use axum::response::Response;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use ask::Ask;
use fault::{Fate, Fault, Turns};
use store::{Key, Store};

pub struct Api {
    pub address: SocketAddr,
    store: Mutex<Store>,
    faults: Mutex<Vec<Given>>,
    is_down: AtomicBool,
    /// How many calls came, watches not counted.
    pub calls: AtomicUsize,
    /// How many watches were begun.
    pub watches: AtomicUsize,
    /// Namespaces of pods whose logs were asked for.
    pub read: Mutex<BTreeSet<String>>,
}

/// A fault, and whose turn it is.
#[derive(Clone)]
pub struct Given {
    pub fault: Fault,
    pub turns: Arc<Turns>,
    is_struck: Arc<AtomicBool>,
}

impl Given {
    /// It has gone wrong.
    pub fn strike(&self) {
        self.is_struck.store(true, Ordering::Relaxed);
    }
}

impl Api {
    pub async fn start() -> Arc<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let api = Arc::new(Self {
            address: listener.local_addr().unwrap(),
            store: Mutex::default(),
            faults: Mutex::default(),
            is_down: AtomicBool::default(),
            calls: AtomicUsize::default(),
            watches: AtomicUsize::default(),
            read: Mutex::default(),
        });
        let router = Router::new().fallback(answer).with_state(Arc::clone(&api));
        tokio::spawn(async move { axum::serve(listener, router).await });
        api
    }

    pub fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap()
    }

    /// From now on these go wrong, and nothing else.
    pub fn suffer(&self, faults: &[Fault]) {
        let given = |fault: &Fault| Given {
            fault: *fault,
            turns: Arc::default(),
            is_struck: Arc::default(),
        };
        *self.faults.lock().unwrap() = faults.iter().map(given).collect();
    }

    /// What was to go wrong, and has not yet.
    pub fn unstruck(&self) -> Vec<Fault> {
        let faults = self.faults();
        let still = faults
            .iter()
            .filter(|one| !one.is_struck.load(Ordering::Relaxed));
        still.map(|one| one.fault).collect()
    }

    fn faults(&self) -> Vec<Given> {
        self.faults.lock().unwrap().clone()
    }

    /// Nobody is there any more, or somebody is again.
    pub fn be_down(&self, is_down: bool) {
        self.is_down.store(is_down, Ordering::Relaxed);
        if is_down {
            self.store().end_watches();
        }
    }

    fn fate(&self, ask: &Ask, is_write: bool) -> Fate {
        for one in self.faults() {
            let fate = match one.fault {
                // Only writes are in somebody's way.
                Fault::Status(_, 409, _) if !is_write => continue,
                Fault::Status(every, code, applied) if one.turns.is_nth(every) => {
                    Fate::Status(code, applied && is_write)
                }
                Fault::Cut(every, applied) if one.turns.is_nth(every) => {
                    Fate::Cut(applied && is_write)
                }
                Fault::Refuse(plural) if is_write && plural == ask.plural => {
                    Fate::Status(403, false)
                }
                Fault::PageGone(_) if ask.query.contains_key("continue") && one.turns.is_nth(2) => {
                    Fate::Status(410, false)
                }
                _ => continue,
            };
            one.strike();
            return fate;
        }
        Fate::Pass
    }

    /// Whether a namespace is to stay this time.
    fn keeps(&self) -> bool {
        let mut faults = self.faults.lock().unwrap();
        faults.iter_mut().any(|one| match &mut one.fault {
            Fault::Keep(left) if *left > 0 => {
                *left -= 1;
                one.strike();
                true
            }
            _ => false,
        })
    }

    fn lingers(&self) -> bool {
        self.faults().iter().any(|one| one.fault == Fault::Linger)
    }

    fn page(&self) -> Option<usize> {
        self.faults().iter().find_map(|one| match one.fault {
            Fault::PageGone(size) => Some(size),
            _ => None,
        })
    }
}

async fn answer(State(api): State<Arc<Api>>, request: Request) -> Response {
    if api.is_down.load(Ordering::Relaxed) {
        return reply::cut();
    }
    let (parts, body) = request.into_parts();
    let (path, query) = (parts.uri.path(), parts.uri.query().unwrap_or_default());
    let slow = api.faults().into_iter().find_map(|one| match one.fault {
        Fault::Slow(time) => {
            one.strike();
            Some(time)
        }
        _ => None,
    });
    if let Some(slow) = slow {
        tokio::time::sleep(slow).await;
    }
    if path == "/version" {
        return reply::version();
    }
    let Some(ask) = Ask::read(path, query) else {
        return reply::status(404, "no such path");
    };
    if ask.plural.is_empty() {
        return reply::kinds(&ask.group);
    }
    if ask.part.as_deref() == Some("log") {
        let mut read = api.read.lock().unwrap();
        read.extend(ask.namespace);
        return reply::quiet();
    }
    if ask.is("watch") {
        api.watches.fetch_add(1, Ordering::Relaxed);
        return watch::watch(&api, &ask);
    }
    api.calls.fetch_add(1, Ordering::Relaxed);
    let body = to_bytes(body, 1 << 20).await.unwrap_or_default();
    let body = serde_json::from_slice(&body).unwrap_or_default();
    match api.fate(&ask, parts.method != Method::GET) {
        Fate::Pass => api.perform(&parts.method, &ask, body),
        Fate::Status(code, applied) => {
            if applied {
                api.perform(&parts.method, &ask, body);
            }
            reply::status(code, "exceeded quota, or whatever it is")
        }
        Fate::Cut(applied) => {
            if applied {
                api.perform(&parts.method, &ask, body);
            }
            reply::cut()
        }
    }
}

impl Api {
    fn perform(&self, method: &Method, ask: &Ask, body: Value) -> Response {
        let mut store = self.store();
        let Some(name) = &ask.name else {
            return list(&store, ask, self.page());
        };
        let key = ask.key(name);
        let there = store.get(&key).cloned();
        if *method == Method::PATCH {
            let namespace = Key::new("namespaces", "", &key.namespace);
            if !key.namespace.is_empty() && store.get(&namespace).is_none() {
                return reply::status(404, "no such namespace");
            }
            let is_apply = ask.query.contains_key("force");
            if there.is_none() && !is_apply {
                return reply::status(404, "not found");
            }
            let mut object = there.unwrap_or_else(|| json!({"metadata": {}}));
            merge(&mut object, body);
            if key.plural == "services" {
                object["spec"]["clusterIP"] = json!("10.96.0.7");
            }
            return reply::object(&store.put(&key, object));
        }
        let Some(there) = there else {
            return reply::status(404, "not found");
        };
        if *method == Method::DELETE {
            if key.plural == "namespaces" && self.keeps() {
                return reply::status(422, "it is held");
            }
            if key.plural == "namespaces" && self.lingers() {
                let mut going = there;
                going["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
                return reply::object(&store.put(&key, going));
            }
            store.delete(&key);
        }
        reply::object(&there)
    }
}

fn list(store: &Store, ask: &Ask, page: Option<usize>) -> Response {
    let all = store.list(&ask.filter());
    let from = ask.number("continue").unwrap_or(0);
    let from = usize::try_from(from).unwrap().min(all.len());
    let is_paged = ask.query.contains_key("limit");
    let to = page
        .filter(|_| is_paged)
        .map_or(all.len(), |size| from + size);
    let mut metadata = json!({"resourceVersion": store.version.to_string()});
    if to < all.len() {
        metadata["continue"] = json!(to.to_string());
    }
    let items: Vec<&Value> = all[from..to.min(all.len())]
        .iter()
        .map(AsRef::as_ref)
        .collect();
    reply::object(
        &json!({"kind": "List", "apiVersion": "v1", "metadata": metadata, "items": items}),
    )
}

/// JSON Merge Patch (RFC 7386), which is near enough to server-side apply here.
fn merge(into: &mut Value, patch: Value) {
    let Value::Object(patch) = patch else {
        *into = patch;
        return;
    };
    if !into.is_object() {
        *into = json!({});
    }
    for (name, value) in patch {
        if value.is_null() {
            into.as_object_mut().unwrap().remove(&name);
        } else {
            merge(&mut into[&name], value);
        }
    }
}
